import { shownTarget, type Attempt } from "@prunella/contract";
import { table } from "./table.ts";
import { green, plain, red, yellow } from "./text.ts";
import { relative } from "./time.ts";
import { shortId } from "./short-id.ts";

/** What was tried, newest first. */
export function attemptTable(attempts: readonly Attempt[], now: number): string {
  const rows = attempts.map((attempt) => [
    shortId(attempt.id),
    relative(attempt.created_at, now),
    plain(shownTarget(attempt.target)),
    `${attempt.action ?? "none"}${attempt.subject.kind === "trigger" ? "" : ` (${attempt.subject.kind})`}`,
    attempt.state,
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

function outcome({ refusal, refusal_detail, count, verification }: Attempt): string {
  if (refusal !== null) return `${refusal}: ${plain(refusal_detail ?? "")}${count > 1 ? ` (${count} times)` : ""}`;
  return verification === "watching" ? "watching whether it holds" : (verification ?? "");
}
