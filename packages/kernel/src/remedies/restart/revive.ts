import type { Cause } from "@prunella/contract";
import { sql } from "kysely";
import type { NewId } from "../../ids.ts";
import { causeOf } from "../../attempts/row.ts";
import type { Engine, Tx } from "../../store/engine.ts";
import { DECIDED } from "../../escalations/work.ts";
import { EVALUATE } from "../../triggers/work.ts";
import { addWork } from "../../work/kind.ts";
import { newestAnswer, type View } from "./instruction.ts";
import type { Run } from "./run.ts";
import { ownTrigger } from "./trigger.ts";

/** Why a run waits: its supervisor said that it crashed. */
const CRASHED: Cause = { source: "supervisor", trust: "local", level: "fatal" };

/**
 * A program that is down while nothing is under way for it: a server ended between a crash and its
 * answer, or between a permit and its outcome. Asks the gate again; nothing is done by itself. True
 * when it was asked.
 */
export async function revive(tx: Tx, now: number, newId: NewId, runId: string): Promise<boolean> {
  const run = await tx.db
    .selectFrom("supervised")
    .selectAll()
    .where("run_id", "=", runId)
    .where("state", "=", sql.lit("waiting"))
    .executeTakeFirst();
  if (!run) return false;
  const newest = await newestAnswer(tx.db, run);
  if (!isForgotten(newest)) return false;
  if (await isUnderWay(tx, run)) return false;
  ask(tx, now, newId, run, newest?.fault_id ?? null, CRASHED);
  return true;
}

/** Nobody answered, or what was begun was given up. */
const isForgotten = (newest: { readonly state: string } | undefined): boolean =>
  newest === undefined || newest.state === "abandoned";

/** Cheap, before anything is written: it waits, and perhaps nothing was said to it that stands. */
export async function mayBeForgotten(db: Engine["reader"], view: View): Promise<boolean> {
  if (view.state !== "waiting" || view.attempt_state === "permitted") return false;
  return isForgotten(await newestAnswer(db, view));
}

async function isUnderWay(tx: Tx, run: Run): Promise<boolean> {
  const queued = await tx.db
    .selectFrom("digest_queue")
    .select("queue_id")
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .where("target", "<>", "")
    .limit(1)
    .executeTakeFirst();
  const question = await tx.db
    .selectFrom("escalation_attempts")
    .select(["escalation_id", "status"])
    .where("project_id", "=", run.project_id)
    .where("target", "=", run.target)
    .orderBy("opened_at", "desc")
    .limit(1)
    .executeTakeFirst();
  if (question?.status === "open") return true;
  // A question that was decided may be on its way to the gate.
  const asked =
    question &&
    (await tx.db
      .selectFrom("work")
      .select("work_id")
      .where("kind", "=", DECIDED.name)
      .where("payload", "like", `%${question.escalation_id}%`)
      .limit(1)
      .executeTakeFirst());
  return queued !== undefined || asked !== undefined || (await isToBeJudged(tx, run));
}

async function isToBeJudged(tx: Tx, run: Run): Promise<boolean> {
  const due = await tx.db
    .selectFrom("work")
    .select("work_id")
    .where("kind", "=", EVALUATE.name)
    .where("project_id", "=", run.project_id)
    .where("payload", "like", `%"target":"${run.target}"%`)
    .limit(1)
    .executeTakeFirst();
  return due !== undefined;
}

/**
 * The kill switch is off again: programs that stayed down because of it are judged once more, also those whose
 * restart a person had asked for. Whatever a trigger was refused or lost is asked for already.
 */
export async function judgeAgain(tx: Tx, now: number, newId: NewId, killedSince: number): Promise<void> {
  const waiting = await tx.db
    .selectFrom("supervised")
    .selectAll()
    .where("state", "=", sql.lit("waiting"))
    .orderBy("run_id")
    .execute();
  for (const run of waiting) {
    const attempt = await newestAnswer(tx.db, run);
    const isHeldByKill =
      attempt?.refusal === "killed" ||
      (attempt?.state === "expired" && attempt.ended_at !== null && attempt.ended_at >= killedSince);
    if (attempt && isHeldByKill && !(await isToBeJudged(tx, run)))
      ask(tx, now, newId, run, attempt.fault_id, causeOf(attempt) ?? CRASHED);
  }
}

const ask = (tx: Tx, now: number, newId: NewId, run: Run, fault: string | null, cause: Cause): string =>
  addWork(tx, newId, {
    kind: EVALUATE,
    projectId: run.project_id,
    dueAt: now,
    payload: { trigger: ownTrigger(run.target), fault, target: run.target, cause },
  });
