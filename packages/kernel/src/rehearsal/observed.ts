import type { AttemptRow } from "../attempts/row.ts";
import type { Tables } from "../store/tables.ts";

/** What is taken where the past does not say; each becomes a sentence of the report. */
export const ASSUMED: readonly string[] = [
  "Each policy is in force for the whole time, with the envelopes of the configuration as they stand now. Triggers that stand in no file, such as those of supervised programs, are in both.",
  "Each row of what came in is judged once, at its last event: equal events of one second are one row. Wherever something is counted they are as many as they were; what the gate refused for each of them is one refusal here.",
  "A target that a trigger asks about can be reached and is not well, unless the gate found otherwise then.",
  "A remedy that was carried out then ends as it did. One that was not is taken to be done at once after its backoff, unless policy stands still then; it holds, unless a failure of its target came within the quiet watch.",
  "A question that was open then ends as it did. One that was not stays unanswered for its day.",
  "What people and callers had done is replayed as it was, whatever the policy.",
  "For a storm a target counts as bad from its failure until a remedy is done, its fault is resolved, or nothing failed on it for the cooldown.",
];

/** Two records of one moment lie at most so far apart. */
const APART_MS = 2_000;

/** Finds what was recorded of an ask. Each record answers once. */
export function createObserved(attempts: readonly AttemptRow[], escalations: readonly Tables["escalation_attempts"][]) {
  const nameOf = (projectId: string, triggerId: string | null, target: string) =>
    `${projectId} ${triggerId ?? ""} ${target}`;
  const mine = attempts.filter(({ subject_kind: kind }) => kind === "trigger");
  const byName = Map.groupBy(mine, (row) => nameOf(row.project_id, row.trigger_id, row.target));
  const asked = Map.groupBy(escalations, (row) => `${row.project_id} ${row.episode}`);
  const used = new Set<object>();

  function take<Row extends object>(rows: readonly Row[] | undefined, atOf: (row: Row) => number, now: number) {
    for (const row of rows?.slice(firstFrom(rows, atOf, now - APART_MS)) ?? []) {
      if (atOf(row) > now + APART_MS) return null;
      if (used.has(row)) continue;
      used.add(row);
      return row;
    }
    return null;
  }
  const permitted = new Map([...byName].map(([name, list]) => [name, list.filter(({ state }) => state !== "refused")]));
  const unneeded = new Map(
    [...byName].map(([name, list]) => [
      name,
      list.filter(({ refusal }) => refusal === "target_not_found" || refusal === "target_already_healthy"),
    ]),
  );
  return {
    /** The attempt that was made then. */
    attempt: (projectId: string, triggerId: string, target: string, now: number): AttemptRow | null =>
      take(permitted.get(nameOf(projectId, triggerId, target)), (row) => row.created_at, now),
    /** How the target was then; equal refusals of an hour stand in one row. */
    target(projectId: string, triggerId: string, target: string, now: number): "missing" | "healthy" | null {
      const row = unneeded
        .get(nameOf(projectId, triggerId, target))
        ?.find((one) => one.created_at <= now + APART_MS && (one.ended_at ?? one.created_at) >= now - APART_MS);
      return row ? (row.refusal === "target_not_found" ? "missing" : "healthy") : null;
    },
    /** When the question that was opened then was over; null: there was none, or it stands open. */
    questionEnds(projectId: string, episode: string, now: number): number | "open" | null {
      const row = take(asked.get(`${projectId} ${episode}`), (one) => one.opened_at, now);
      return row === null ? null : (row.decided_at ?? (row.status === "open" ? "open" : row.expires_at));
    },
  };
}

/** In a list that is ordered by a moment, the first place that is not before one. */
function firstFrom<Row>(rows: readonly Row[], atOf: (row: Row) => number, from: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && atOf(row) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
