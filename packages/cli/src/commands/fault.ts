import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, list, number, numberOrNull, text, textOrNull } from "../read.ts";
import { attemptTable } from "../terminal/attempt-table.ts";
import { bold, dim, plain, plainLines } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";
import { shortId } from "../terminal/short-id.ts";

const FRAMES = 30;
const LINES = 40;

export async function fault(common: Common, id: string): Promise<void> {
  const detail = await connect(common).get(`/v1/faults/${encodeURIComponent(id)}`);
  if (common.json) return printJson(detail);
  const row = field(detail, "fault");
  const now = Date.now();
  print(bold(plain(text(row, "title"))));
  if (text(row, "culprit") !== "") print(plain(text(row, "culprit")));
  print("");
  print(`  id          ${text(row, "id")}`);
  print(`  status      ${text(row, "status")}, ${text(row, "level")}`);
  print(
    `  seen        ${number(row, "count")} times, last ${relative(number(row, "last_seen"), now)} ${dim(`(${exact(number(row, "last_seen"))} UTC)`)}`,
  );
  print(
    `  first seen  ${relative(number(row, "first_seen"), now)} ${dim(`(${exact(number(row, "first_seen"))} UTC)`)}`,
  );
  print(`  project     ${text(row, "project_id")}`);
  const prints = field(detail, "fingerprints");
  print(`  grouped by  ${text(prints, "by")}, version ${number(prints, "version")}`);
  printLatest(field(field(detail, "latest"), "event"));
  const attempts = list(detail, "attempts");
  if (attempts.length > 0) print(`\n${bold("Attempts")}\n${attemptTable(attempts, now)}`);
  for (const escalation of list(detail, "escalations").filter((each) => text(each, "status") === "open")) {
    print(`\nWaits for you: prunella decide ${shortId(text(escalation, "id"))} restart_once|leave_stopped`);
  }
  print(`\n${dim(`Why so: prunella explain ${shortId(text(row, "id"))}`)}`);
}

function printLatest(event: unknown): void {
  const errors = list(event, "errors");
  if (errors.length === 0) {
    const lines = plainLines(text(event, "stack_text")).filter((line) => line !== "");
    if (lines.length > 0)
      print(
        `\n${bold("Latest output")}\n${lines
          .slice(-LINES)
          .map((line) => `  ${line}`)
          .join("\n")}`,
      );
    return;
  }
  print(`\n${bold("Latest stack")}`);
  for (const error of errors.toReversed()) {
    print(
      `  ${plain([textOrNull(error, "type"), textOrNull(error, "value")].filter((part) => part !== null).join(": "))}`,
    );
    for (const frame of list(error, "frames").toReversed().slice(0, FRAMES)) {
      const line = numberOrNull(frame, "line");
      const place = `${textOrNull(frame, "filename") ?? textOrNull(frame, "module") ?? "?"}${line === null ? "" : `:${line}`}`;
      const words = `    at ${plain(textOrNull(frame, "function") ?? "?")} ${plain(place)}`;
      print(field(frame, "in_app") === false ? dim(words) : words);
    }
  }
}
