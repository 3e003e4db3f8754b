import type { Trigger, TriggerDeeds } from "@prunella/contract";
import type { AttemptRow } from "../attempts/row.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import type { Tables } from "../store/tables.ts";

/** What one trigger did in a time, added up while it goes by. */
export function createDeeds(budgets: Trigger["budgets"]) {
  const refusals: Record<string, number> = {};
  const escalations: Record<string, number> = {};
  const hours = new Map<number, { at: number; fires: number; refused: number }>();
  const peaks = budgets.map((budget) => ({ ...budget, peak: 0 }));
  let fires = 0;
  const hourOf = (at: number) => {
    const begin = Math.floor(at / HOUR_MS) * HOUR_MS;
    const hour = hours.get(begin) ?? { at: begin, fires: 0, refused: 0 };
    hours.set(begin, hour);
    return hour;
  };
  return {
    fired(at: number, used: readonly number[]): void {
      fires += 1;
      hourOf(at).fires += 1;
      for (const [nth, budget] of peaks.entries()) budget.peak = Math.max(budget.peak, used[nth] ?? 0);
    },
    refused(at: number, reason: string, count = 1): void {
      refusals[reason] = (refusals[reason] ?? 0) + count;
      hourOf(at).refused += count;
    },
    escalated(reason: string): void {
      escalations[reason] = (escalations[reason] ?? 0) + 1;
    },
    told: (): TriggerDeeds => ({
      fires,
      refusals,
      escalations,
      budgets: peaks,
      hours: [...hours.values()].toSorted((a, b) => a.at - b.at),
    }),
  };
}
export type Deeds = ReturnType<typeof createDeeds>;

/** What really happened, by project and trigger. Equal refusals of an hour stand at the first of them. */
export function happenedTo(
  given: {
    readonly attempts: readonly AttemptRow[];
    readonly escalations: readonly Tables["escalation_attempts"][];
  },
  since: number,
): Map<string, TriggerDeeds> {
  const deeds = new Map<string, Deeds>();
  const of = (projectId: string, triggerId: string): Deeds => {
    const name = `${projectId} ${triggerId}`;
    const known = deeds.get(name) ?? createDeeds([]);
    deeds.set(name, known);
    return known;
  };
  for (const row of given.attempts) {
    if (row.created_at < since || row.subject_kind !== "trigger" || row.trigger_id === null) continue;
    const one = of(row.project_id, row.trigger_id);
    if (row.state === "refused") one.refused(row.created_at, row.refusal ?? "", row.count);
    else one.fired(row.created_at, []);
  }
  for (const row of given.escalations)
    if (row.opened_at >= since && row.trigger_id !== null) of(row.project_id, row.trigger_id).escalated(row.reason);
  return new Map([...deeds].map(([name, one]) => [name, one.told()]));
}
