import { number, numberOrNull, text, textOrNull } from "../read.ts";
import { table } from "./table.ts";
import { green, plain, red, yellow } from "./text.ts";
import { relative } from "./time.ts";
import { shortId } from "./short-id.ts";

/** What was tried, newest first. */
export function attemptTable(attempts: readonly unknown[], now: number): string {
  const rows = attempts.map((attempt) => [
    shortId(text(attempt, "id")),
    relative(number(attempt, "created_at"), now),
    plain(text(attempt, "target")),
    `${textOrNull(attempt, "remedy") ?? "none"}${text(attempt, "authority") === "person" ? " (person)" : ""}`,
    text(attempt, "state"),
    outcome(attempt),
  ]);
  return table(
    [
      { title: "ID" },
      { title: "WHEN" },
      { title: "TARGET" },
      { title: "REMEDY" },
      { title: "STATE" },
      { title: "WHAT CAME OF IT", fills: true },
    ],
    rows,
    (cell, column) =>
      column !== 4
        ? cell
        : cell === "succeeded"
          ? green(cell)
          : cell === "refused"
            ? yellow(cell)
            : cell === "failed"
              ? red(cell)
              : cell,
  );
}

function outcome(attempt: unknown): string {
  const refusal = textOrNull(attempt, "refusal");
  const times = numberOrNull(attempt, "count") ?? 1;
  if (refusal !== null)
    return `${refusal}: ${plain(text(attempt, "refusal_detail"))}${times > 1 ? ` (${times} times)` : ""}`;
  const verification = textOrNull(attempt, "verification");
  return verification === "watching" ? "watching whether it holds" : (verification ?? "");
}
