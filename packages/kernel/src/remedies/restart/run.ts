import { PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import { endWatch, watchedOf } from "../../attempts/end.ts";
import { argsOf } from "../../attempts/row.ts";
import { lockHead } from "../../ledger/append.ts";
import type { Engine, Tx } from "../../store/engine.ts";
import { rows } from "../../store/rows.ts";
import type { Tables } from "../../store/tables.ts";

export type Run = Tables["supervised"];
type Crash = Pick<Run, "crashed_at" | "exit_code" | "signal">;

/** A new run of a name takes over: the one before is no longer what the name means. */
export async function replaceRun(tx: Tx, run: Omit<Run, keyof Crash>): Promise<void> {
  const [last] = await rows<Crash>(tx.db)`select crashed_at, exit_code, signal from supervised
    where project_id = ${run.project_id} and target = ${run.target} order by run_id desc limit 1`;
  await tx.db
    .updateTable("supervised")
    .set({ state: "gone", since: run.since })
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("state", "<>", sql.lit("gone"))
    .execute();
  await tx.db
    .insertInto("supervised")
    .values({ ...run, ...(last ?? { crashed_at: null, exit_code: null, signal: null }) })
    .execute();
}

export async function readRun(db: Engine["reader"], runId: string): Promise<Run> {
  const [run] = await rows<Run>(db)`select * from supervised where run_id = ${runId}`;
  if (!run) throw noSuchRun();
  return run;
}

export const noSuchRun = () => new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such supervised run." });

/** The run that a target's name means now. */
export async function currentRun(db: Engine["reader"], projectId: string, target: string): Promise<Run | null> {
  const [run] = await rows<Run>(db)`select * from supervised
    where project_id = ${projectId} and target = ${target} and state <> 'gone' order by run_id desc limit 1`;
  return run ?? null;
}

/**
 * The program is down: whatever watch was on it has failed. A crash that is reported again changes
 * nothing, or the attempt that answered it would look older than the crash.
 */
export async function markDown(
  tx: Tx,
  now: number,
  run: Run,
  exit: { readonly exit_code: number | null; readonly signal: string | null },
): Promise<string[]> {
  await lockHead(tx);
  const downing = rows(
    tx.db,
  )`update supervised set state = 'waiting', since = ${now}, pid = null, crashed_at = ${now}, exit_code = ${exit.exit_code}, signal = ${exit.signal}
    where project_id = ${run.project_id} and run_id = ${run.run_id} and state = 'running' returning 1`;
  // Asked for together: what is watched does not hang on whether it was up.
  const [down, watched] = await Promise.all([downing, watchedOf(tx, run.project_id, run.target)]);
  if (down.length === 0) return [];
  const failed = watched.filter((one) => argsOf(one).run === run.run_id);
  for (const attempt of failed) await endWatch(tx, now, attempt, "ineffective");
  return failed.map((attempt) => attempt.attempt_id);
}

/** The run that the target's name means now was started again. */
export function markStarted(
  tx: Tx,
  now: number,
  { project_id: projectId, target }: Pick<Run, "project_id" | "target">,
  pid: number | null,
): void {
  tx.later(
    rows(tx.db)`update supervised set state = 'running', since = ${now}, pid = ${pid}, started_again = started_again + 1
    where project_id = ${projectId} and target = ${target} and state <> 'gone'`,
  );
}

/** A person had it stopped; its supervisor stays. */
export async function markStopped(tx: Tx, now: number, projectId: string, target: string): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set({ state: "stopped", since: now, pid: null })
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "<>", sql.lit("gone"))
    .execute();
}

/** A clean exit, the end of its supervisor, or a supervisor that is gone: never restarted. */
export async function markGone(tx: Tx, now: number, run: Run): Promise<void> {
  await setRun(tx, run, { state: "gone", since: now, pid: null });
}

export async function leaveDown(tx: Tx, now: number, projectId: string, target: string): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set({ state: "stopped", since: now })
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "=", sql.lit("waiting"))
    .execute();
}

/** Its supervisor speaks with this process now. */
export function markHeard(tx: Tx, now: number, runId: string, nodeId: string): void {
  tx.later(rows(tx.db)`update supervised set heard_at = ${now}, node_id = ${nodeId} where run_id = ${runId}`);
}

async function setRun(tx: Tx, run: Run, values: Partial<Run>): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set(values)
    .where("project_id", "=", run.project_id)
    .where("run_id", "=", run.run_id)
    .execute();
}
