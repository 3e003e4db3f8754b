import { shownTarget } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { plain, plainLines, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function escalations(common: Common, options: Paging & { readonly all?: boolean }): Promise<void> {
  const { escalations: all, open } = await connect(common)("list_escalations", {
    status: options.all ? "all" : "open",
  });
  const { rows: found, next } = pageOf(all, ({ id }) => id, options);
  if (common.json) return printJson({ escalations: found, open, next });
  if (found.length === 0)
    return print(
      options.all
        ? "There was never anything to decide."
        : `Nothing waits for you. Past decisions: ${commandLine(common, "escalations --all")}`,
    );
  const now = Date.now();
  const rows = found.map((each) => [
    shortId(each.id),
    each.status === "open" ? (each.hold?.replaceAll("_", " ") ?? "open") : (each.decision ?? each.status),
    relative(each.opened_at, now),
    plain(shownTarget(each.target)),
    each.reason,
    String(each.failures_since),
    plain(each.fault_title ?? ""),
  ]);
  print(
    table(
      [
        { title: "ID" },
        { title: "STATUS" },
        { title: "OPENED" },
        { title: "TARGET" },
        { title: "REASON" },
        { title: "FAILED SINCE", align: "right" },
        { title: "FAULT", fills: true },
      ],
      rows,
      (cell, column) => (column === 1 && cell === "open" ? yellow(cell) : cell),
    ),
  );
  printMore(common, `escalations${options.all ? " --all" : ""} --limit ${options.limit}`, next);
  const first = found.find((each) => each.status === "open");
  if (first === undefined) return;
  const sends = [first.args?.["place"], first.args?.["title"], first.args?.["body"]];
  if (sends.every((text) => typeof text === "string")) {
    const [place, ...texts] = sends.map(String);
    print(`\nA yes sends this into ${plain(place ?? "")}:`);
    for (const line of texts.flatMap((text) => plainLines(text))) print(`  ${line}`);
  }
  print("\nDecide with one of these:");
  for (const { name } of first.options) print(`  ${commandLine(common, `decide ${shortId(first.id)} ${name}`)}`);
  print("Or say for a while that you have seen it, want it later, or see to it yourself:");
  for (const word of ["ack", "snooze", "take-over"])
    print(`  ${commandLine(common, `decide ${shortId(first.id)} ${word} --for 2h`)}`);
  print(`Without a decision ${relative(first.expires_at, now)}: ${first.default_decision}`);
}
