import type { LoggedEvaluation } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { insertRows } from "../store/insert-rows.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

type Row = Tables["trigger_evaluation"];

/** Of each trigger and hour, the first; docs/decisions/0021 has the arithmetic. */
export const MOST_AN_HOUR = 1_000;

type Logged = Omit<Row, "evaluation_id" | "at" | "held"> & { readonly held: boolean };

/** Each evaluation of the triggers that say so. Written after the hours are counted: they tell how many came before. */
export function createEvaluationLog(now: number, newId: NewId) {
  const byTrigger = new Map<string, Logged[]>();
  return {
    add(one: Logged): void {
      const name = `${one.project_id} ${one.trigger_id}`;
      const list = byTrigger.get(name);
      if (list) list.push(one);
      else byTrigger.set(name, [one]);
    },
    async write(tx: Tx): Promise<void> {
      const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
      for (const [, list] of [...byTrigger].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const [first] = list;
        if (!first) continue;
        // Counted in this unit already, which holds that row: nobody else's evaluations come between.
        const [counted] = await rows<{ evaluated: number }>(tx.db)`select evaluated from trigger_hour
          where project_id = ${first.project_id} and trigger_id = ${first.trigger_id} and hour = ${hour}`;
        const room = MOST_AN_HOUR - ((counted?.evaluated ?? list.length) - list.length);
        const kept = list.slice(0, Math.max(0, room));
        insertRows(
          tx,
          "trigger_evaluation",
          EVALUATION,
          kept.map((one) => [
            one.project_id,
            one.trigger_id,
            newId(),
            now,
            one.held ? 1 : 0,
            one.fault_id,
            one.target,
            one.source,
            one.trust,
            one.level,
            one.count,
          ]),
        );
      }
    },
  };
}

const EVALUATION = {
  project_id: "text",
  trigger_id: "text",
  evaluation_id: "text",
  at: "int",
  held: "int",
  fault_id: "text",
  target: "text",
  source: "text",
  trust: "text",
  level: "text",
  count: "int",
} as const satisfies Record<keyof Row, "text" | "int">;

/** The newest first. */
export async function evaluationsOf(
  db: Engine["reader"],
  of: { readonly projectId: string; readonly triggerId: string; readonly limit: number },
): Promise<LoggedEvaluation[]> {
  const found = await rows<Row>(db)`select * from trigger_evaluation
    where project_id = ${of.projectId} and trigger_id = ${of.triggerId} order by evaluation_id desc limit ${of.limit}`;
  return found.map(({ at, held, fault_id, target, source, trust, level, count }) => ({
    at,
    held: held === 1,
    fault_id,
    target,
    source,
    trust,
    level,
    count,
  }));
}
