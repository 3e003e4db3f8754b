import type { Event, FaultChange } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { attemptTable } from "../terminal/attempt-table.ts";
import { bold, dim, plain, plainLines } from "../terminal/text.ts";
import { exact, relative } from "../terminal/time.ts";
import { shortId } from "../terminal/short-id.ts";
import { standing } from "./triage.ts";

const FRAMES = 30;
const LINES = 40;

export async function fault(common: Common, id: string): Promise<void> {
  const detail = await connect(common)("get_fault", { id });
  if (common.json) return printJson(detail);
  const row = detail.fault;
  const now = Date.now();
  print(bold(plain(row.title)));
  if (row.culprit !== "") print(plain(row.culprit));
  print("");
  print(`  id          ${row.id}`);
  print(`  status      ${standing(row)}, ${row.level}`);
  if (row.assignee !== null) print(`  assigned    ${plain(row.assignee)}`);
  print(
    `  seen        ${row.count} times, last ${relative(row.last_seen, now)} ${dim(`(${exact(row.last_seen)} UTC)`)}`,
  );
  print(`  first seen  ${relative(row.first_seen, now)} ${dim(`(${exact(row.first_seen)} UTC)`)}`);
  print(`  project     ${row.project_id}`);
  print(`  kept        ${detail.kept.bodies} bodies of ${detail.kept.of} events`);
  const prints = detail.fingerprints;
  print(`  grouped by  ${prints.by}, version ${prints.version}`);
  if (detail.latest !== null) printLatest(detail.latest.event);
  printNotes(detail.changes, now);
  const attempts = detail.attempts;
  if (attempts.length > 0) print(`\n${bold("Attempts")}\n${attemptTable(attempts, now)}`);
  for (const escalation of detail.escalations.filter((each) => each.status === "open")) {
    print("\nWaits for you:");
    for (const { name } of escalation.options)
      print(`  ${commandLine(common, `decide ${shortId(escalation.id)} ${name}`)}`);
  }
  print(`\n${dim(`Why so: ${commandLine(common, `explain ${shortId(row.id)}`)}`)}`);
}

function printNotes(changes: readonly FaultChange[], now: number): void {
  const notes = changes.filter(({ action, undone_at }) => action === "note" && undone_at === null);
  if (notes.length === 0) return;
  print(`\n${bold("Notes")}`);
  for (const { at, by, text } of notes) {
    print(dim(`  ${by.id ?? by.kind}, ${relative(at, now)}`));
    for (const line of plainLines(text ?? "")) print(`    ${line}`);
  }
}

function printLatest(event: Event): void {
  const { errors } = event;
  if (errors.length === 0) {
    const lines = plainLines(event.stack_text ?? "").filter((line) => line !== "");
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
    print(`  ${plain([error.type, error.value].filter((part) => part !== null).join(": "))}`);
    for (const frame of error.frames.toReversed().slice(0, FRAMES)) {
      const line = frame.line;
      const place = `${frame.filename ?? frame.module ?? "?"}${line === null ? "" : `:${line}`}`;
      const words = `    at ${plain(frame.function ?? "?")} ${plain(place)}`;
      print(frame.in_app === false ? dim(words) : words);
    }
  }
}
