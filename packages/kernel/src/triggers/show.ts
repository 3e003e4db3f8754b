import type { Attempt, Trigger, TriggerShown } from "@prunella/contract";
import { toAttempt, type AttemptRow } from "../attempts/row.ts";
import { listPauses } from "../gate/pauses.ts";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { evaluationsOf } from "./evaluation-log.ts";
import { lastProven } from "./proven.ts";
import { nowOf, type NowDeps } from "./now.ts";
import { readTrigger } from "./registry.ts";
import { withUse } from "./use.ts";

type Db = Engine["reader"];

const DAY_MS = 86_400_000;
const SHOWN_ATTEMPTS = 10;
const SHOWN_EVALUATIONS = 50;

/** What was tried by a trigger, newest first. */
export async function attemptsOf(
  db: Db,
  { project_id: projectId, id }: Pick<Trigger, "project_id" | "id">,
  limit: number,
): Promise<Attempt[]> {
  const found = await rows<AttemptRow>(db)`select * from self_heal_attempts
    where project_id = ${projectId} and trigger_id = ${id} order by created_at desc, attempt_id desc limit ${limit}`;
  return found.map(toAttempt);
}

/** A trigger with its use, the counts of its last day, what was tried and looked at last, and what it stands still for. */
export async function showTrigger(
  db: Db,
  now: number,
  { projectId, triggerId }: { readonly projectId: string; readonly triggerId: string },
  deps: NowDeps,
): Promise<TriggerShown> {
  const trigger = await readTrigger(db, projectId, triggerId);
  const attempts = await attemptsOf(db, trigger, SHOWN_ATTEMPTS);
  const hours = await rows<{ hour: number; evaluated: number; held: number; fired: number }>(
    db,
  )`select hour, evaluated, held, fired from trigger_hour
    where project_id = ${projectId} and trigger_id = ${triggerId} and hour > ${now - DAY_MS} order by hour`;
  const evaluations = await evaluationsOf(db, { projectId, triggerId, limit: SHOWN_EVALUATIONS });
  const pauses = await listPauses(db, now, { project: projectId });
  return {
    trigger: {
      ...trigger,
      ...(await withUse(db, now, trigger)),
      now: await nowOf(db, now, trigger, deps),
      last_attempt: attempts[0] ?? null,
      last_proven: await lastProven(db, trigger),
    },
    attempts,
    hours: hours.map(({ hour: at, ...counts }) => ({ at, ...counts })),
    evaluations,
    pauses: pauses.filter(({ trigger_id: of }) => of === null || of === triggerId),
  };
}
