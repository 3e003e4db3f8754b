import type { KillSwitch } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { addWork } from "../store/work.ts";
import { giveUp } from "./outcome.ts";

/** The kill switch is one row for everything; `*` stands for all projects. */
const ALL = "*";

/**
 * On: nothing acts, and permits that were granted but not redeemed are void. Off: programs that
 * stayed down because of it are judged again.
 */
export async function setKillSwitch(tx: Tx, now: number, newId: NewId, on: boolean, by: "person"): Promise<KillSwitch> {
  const standing = await tx.db
    .selectFrom("switch")
    .selectAll()
    .where("project_id", "=", ALL)
    .where("name", "=", "kill")
    .executeTakeFirst();
  if (standing && (standing.is_on === 1) === on) return { on, since: standing.since, by: standing.changed_by };
  if (!standing && !on) return { on: false, since: null, by: null };
  const row = { is_on: on ? 1 : 0, since: now, changed_by: by };
  await tx.db
    .insertInto("switch")
    .values({ project_id: ALL, name: "kill", ...row })
    .onConflict((conflict) => conflict.columns(["project_id", "name"]).doUpdateSet(row))
    .execute();
  if (on) await voidPermits(tx, now);
  else await judgeAgain(tx, now, newId, standing?.since ?? now);
  await appendLedger(tx, { v: 1, at: now, type: "switch_changed", switch: "kill", project: null, on, by });
  return { on, since: now, by };
}

export async function readKillSwitch(db: Engine["reader"]): Promise<KillSwitch> {
  const row = await db
    .selectFrom("switch")
    .selectAll()
    .where("project_id", "=", ALL)
    .where("name", "=", "kill")
    .executeTakeFirst();
  return row ? { on: row.is_on === 1, since: row.since, by: row.changed_by } : { on: false, since: null, by: null };
}

async function voidPermits(tx: Tx, now: number): Promise<void> {
  const permitted = await tx.db
    .selectFrom("self_heal_attempts")
    .select(["attempt_id"])
    .where("state", "=", "permitted")
    .orderBy("attempt_id")
    .execute();
  for (const { attempt_id } of permitted) await giveUp(tx, now, attempt_id);
}

async function judgeAgain(tx: Tx, now: number, newId: NewId, killedSince: number): Promise<void> {
  const waiting = await tx.db
    .selectFrom("supervised")
    .selectAll()
    .where("state", "=", "waiting")
    .orderBy("run_id")
    .execute();
  for (const run of waiting) {
    const attempt = await tx.db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("project_id", "=", run.project_id)
      .where("target", "=", run.target)
      .orderBy("created_at", "desc")
      .orderBy("attempt_id", "desc")
      .executeTakeFirst();
    const isHeldByKill =
      attempt?.refusal === "killed" ||
      (attempt?.state === "expired" && attempt.ended_at !== null && attempt.ended_at >= killedSince);
    if (!attempt || !isHeldByKill) continue;
    await addWork(tx, newId, run.project_id, now, {
      kind: "evaluate",
      trigger: attempt.trigger_id,
      fault: attempt.fault_id,
      target: run.target,
      cause: { source: "supervisor", trust: "local", level: "fatal" },
      count: 1,
    });
  }
}
