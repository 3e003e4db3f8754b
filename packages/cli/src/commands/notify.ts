import type { Delivery } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function notifyList(common: Common, options: { channel?: string; limit?: string }): Promise<void> {
  const page = await connect(common)("list_messages", { channel: options.channel, limit: options.limit ?? 50 });
  if (common.json) return printJson(page);
  if (page.channels.length === 0)
    return print("Nobody is told of anything yet. Channels stand in prunella.yaml under notify; see docs/messages.md.");
  const now = Date.now();
  print(
    table(
      [{ title: "CHANNEL" }, { title: "KIND" }, { title: "LAST ARRIVED" }],
      page.channels.map(({ name, kind, last_sent_at: at }) => [name, kind, at === null ? "never" : relative(at, now)]),
    ),
  );
  if (page.messages.length === 0)
    return print(`\nNo message yet. Try one: ${commandLine(common, `notify test ${page.channels[0]?.name ?? ""}`)}`);
  print("");
  print(
    table(
      [
        { title: "TOLD" },
        { title: "CHANNEL" },
        { title: "STATE" },
        { title: "OF" },
        { title: "MESSAGE" },
        { title: "ERROR", fills: true },
      ],
      page.messages.map((each) => [
        relative(each.told_at, now),
        each.channel,
        stateOf(each),
        each.kind,
        each.message_id,
        plain(each.error ?? ""),
      ]),
      (cell, column) => (column === 2 && /^(?:failed|trying)/.test(cell) ? yellow(cell) : cell),
    ),
  );
  const failed = page.messages.find(({ state }) => state === "failed");
  if (failed !== undefined)
    print(`\nTry again: ${commandLine(common, `notify retry ${failed.message_id} ${failed.channel}`)}`);
}

export async function notifyTest(common: Common, channel: string): Promise<void> {
  tellOf(common, await connect(common)("test_channel", { channel }));
}

export async function notifyRetry(common: Common, messageId: string, channel: string): Promise<void> {
  const sent = await connect(common)("retry_message", { message_id: messageId, channel });
  if (common.json) return printJson(sent);
  print(`It is tried again now. See \`${commandLine(common, "notify list")}\`.`);
}

function tellOf(common: Common, sent: Delivery): void {
  if (sent.state !== "sent") process.exitCode = 1;
  if (common.json) return printJson(sent);
  print(
    sent.state === "sent"
      ? `The channel ${sent.channel} took the test.`
      : `${yellow("The test did not arrive")} at ${sent.channel}: ${plain(sent.error ?? "it waits for its turn")}.`,
  );
}

const stateOf = ({ state, tries }: Delivery): string => (state === "waiting" && tries > 0 ? "trying again" : state);
