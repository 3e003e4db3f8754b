import {
  PrunellaError,
  type Instruction,
  type RestartPolicy,
  type SupervisedRow,
  type Trigger,
} from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { endWatch, giveUp } from "../gate/outcome.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { addWork } from "../store/work.ts";
import type { Tables } from "../store/tables.ts";
import { registerTrigger, restartTrigger } from "../triggers/registry.ts";

type Run = Tables["supervised"];

/** A program that announces itself opts in to being restarted, itself alone. */
export async function announce(
  tx: Tx,
  given: { now: number; newId: NewId; projectId: string; target: string; pid: number | null; policy: RestartPolicy },
): Promise<{ runId: string; trigger: Trigger }> {
  const { now, projectId, target } = given;
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  if (!project) {
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no project ${projectId}.`,
      hint: `Add it with \`prunella projects add ${projectId}\`.`,
    });
  }
  const trigger = await registerTrigger(tx, now, restartTrigger(projectId, target, given.policy));
  const runId = given.newId();
  // A new run of the same name takes over: the one before is no longer what the name means, and
  // what was permitted for it is void.
  const left = await tx.db
    .selectFrom("self_heal_attempts")
    .select("attempt_id")
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "in", ["permitted", "running"])
    .orderBy("attempt_id")
    .execute();
  for (const { attempt_id } of left) await giveUp(tx, now, attempt_id);
  await tx.db
    .updateTable("supervised")
    .set({ state: "gone", since: now })
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "<>", "gone")
    .execute();
  await tx.db
    .insertInto("supervised")
    .values({ project_id: projectId, run_id: runId, target, state: "running", pid: given.pid, since: now, restarts: 0 })
    .execute();
  return { runId, trigger };
}

export async function readRun(db: Engine["reader"], runId: string): Promise<Run> {
  const run = await db.selectFrom("supervised").selectAll().where("run_id", "=", runId).executeTakeFirst();
  if (!run) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such supervised run." });
  return run;
}

/**
 * The program is down: whatever watch was on it has failed. A crash that is reported again changes
 * nothing, or the attempt that answered it would look older than the crash.
 */
export async function markDown(tx: Tx, now: number, run: Run): Promise<string[]> {
  const down = await tx.db
    .updateTable("supervised")
    .set({ state: "waiting", since: now, pid: null })
    .where("project_id", "=", run.project_id)
    .where("run_id", "=", run.run_id)
    .where("state", "=", "running")
    .returning("run_id")
    .executeTakeFirst();
  if (!down) return [];
  const watched = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", run.project_id)
    .where("run_id", "=", run.run_id)
    .where("verification", "=", "watching")
    .orderBy("attempt_id")
    .execute();
  for (const attempt of watched) await endWatch(tx, now, attempt, "ineffective");
  return watched.map((attempt) => attempt.attempt_id);
}

export async function markRunning(tx: Tx, now: number, runId: string, pid: number | null): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set(({ eb }) => ({ state: "running", since: now, pid, restarts: eb("restarts", "+", 1) }))
    .where("run_id", "=", runId)
    .where("state", "=", "waiting")
    .execute();
}

/** A clean exit or a person's stop: never restarted. */
export async function markGone(tx: Tx, now: number, run: Run): Promise<void> {
  await setRun(tx, run, { state: "gone", since: now, pid: null });
}

/** Marks runs as gone whose supervisor was not heard of for long, and returns them. */
export async function forgetSilent(tx: Tx, now: number, isSilent: (runId: string) => boolean): Promise<Run[]> {
  const runs = await tx.db
    .selectFrom("supervised")
    .selectAll()
    .where("state", "<>", "gone")
    .orderBy("run_id")
    .execute();
  const silent = runs.filter((run) => isSilent(run.run_id));
  for (const run of silent) await markGone(tx, now, run);
  return silent;
}

export async function leaveDown(tx: Tx, now: number, projectId: string, target: string): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set({ state: "down", since: now })
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "=", "waiting")
    .execute();
}

async function setRun(tx: Tx, run: Run, values: Partial<Run>): Promise<void> {
  await tx.db
    .updateTable("supervised")
    .set(values)
    .where("project_id", "=", run.project_id)
    .where("run_id", "=", run.run_id)
    .execute();
}

export async function listSupervised(db: Engine["reader"]): Promise<SupervisedRow[]> {
  const rows = await db
    .selectFrom("supervised")
    .selectAll()
    .where("state", "<>", "gone")
    .orderBy("project_id")
    .orderBy("target")
    .execute();
  return rows.map((row) => ({
    run_id: row.run_id,
    name: row.target,
    project_id: row.project_id,
    state: row.state,
    pid: row.pid,
    since: row.since,
    restarts: row.restarts,
  }));
}

/** The run that a target's name means now. */
export async function currentRun(db: Engine["reader"], projectId: string, target: string): Promise<Run | null> {
  const run = await db
    .selectFrom("supervised")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("target", "=", target)
    .where("state", "<>", "gone")
    .orderBy("run_id", "desc")
    .executeTakeFirst();
  return run ?? null;
}

/**
 * What the supervisor of a run is to do now. `seen` is the attempt it was told about last, so that
 * it hears of a refusal once.
 */
export async function nextInstruction(db: Engine["reader"], runId: string, seen: string | null): Promise<Instruction> {
  const run = await readRun(db, runId);
  if (run.state === "down" || run.state === "gone") {
    const decided = await db
      .selectFrom("escalation_attempts")
      .select("escalation_id")
      .where("project_id", "=", run.project_id)
      .where("target", "=", run.target)
      .where("status", "<>", "open")
      .orderBy("decided_at", "desc")
      .executeTakeFirst();
    return { kind: "stop", escalation_id: decided?.escalation_id ?? "" };
  }
  const attempt = await newestAttempt(db, run);
  if (run.state !== "waiting" || !attempt || attempt.attempt_id === seen) return { kind: "wait" };
  if (attempt.state === "permitted") return permitted(db, attempt);
  if (attempt.state !== "refused") return { kind: "wait" };
  const escalation = await db
    .selectFrom("escalation_attempts")
    .select("escalation_id")
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("status", "=", "open")
    .executeTakeFirst();
  return {
    kind: "hold",
    attempt_id: attempt.attempt_id,
    refusal: attempt.refusal ?? "",
    detail: attempt.refusal_detail ?? "",
    escalation_id: escalation?.escalation_id ?? null,
  };
}

async function permitted(db: Engine["reader"], attempt: Tables["self_heal_attempts"]): Promise<Instruction> {
  const permit = await db
    .selectFrom("permit")
    .selectAll()
    .where("project_id", "=", attempt.project_id)
    .where("attempt_id", "=", attempt.attempt_id)
    .where("redeemed_at", "is", null)
    .executeTakeFirst();
  if (!permit) return { kind: "wait" };
  return {
    kind: "restart",
    attempt_id: attempt.attempt_id,
    permit_id: permit.permit_id,
    fence: permit.fence,
    not_before: permit.not_before,
    authority: attempt.authority,
  };
}

/**
 * A program that is down while nothing is under way for it: the owner ended between a crash and its
 * answer, or between a permit and its outcome. Asks the gate again; nothing is done by itself.
 */
export async function revive(tx: Tx, now: number, newId: NewId, runId: string): Promise<"asked" | "nothing" | "later"> {
  const run = await tx.db
    .selectFrom("supervised")
    .selectAll()
    .where("run_id", "=", runId)
    .where("state", "=", "waiting")
    .executeTakeFirst();
  if (!run) return "nothing";
  const newest = await newestAttempt(tx.db, run);
  if (newest && newest.state !== "abandoned") return "nothing";
  const queued = await tx.db
    .selectFrom("digest_queue")
    .select("queue_id")
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .executeTakeFirst();
  const due = await tx.db
    .selectFrom("work")
    .select("payload")
    .where("project_id", "=", run.project_id)
    .where("kind", "in", ["evaluate", "decided"])
    .execute();
  const open = await tx.db
    .selectFrom("escalation_attempts")
    .select("escalation_id")
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("status", "=", "open")
    .executeTakeFirst();
  if (open) return "nothing";
  if (queued || due.length > 0) return "later";
  await addWork(tx, newId, run.project_id, now, {
    kind: "evaluate",
    trigger: `restart-${run.target}`,
    fault: newest?.fault_id ?? null,
    target: run.target,
    cause: { source: "supervisor", trust: "local", level: "fatal" },
    count: 1,
  });
  return "asked";
}

async function newestAttempt(db: Engine["reader"], run: Run): Promise<Tables["self_heal_attempts"] | undefined> {
  return db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("trigger_id", "=", `restart-${run.target}`)
    .where("created_at", ">=", run.since)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .executeTakeFirst();
}
