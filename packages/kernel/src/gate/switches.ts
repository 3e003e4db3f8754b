import { Actor, type KillSwitch } from "@prunella/contract";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Engine, Tx } from "../store/engine.ts";

/** The kill switch is one row for everything; `*` stands for all projects. */
const ALL = "*";

export interface Turned {
  readonly state: KillSwitch;
  /** False when it stood so already. */
  readonly hasChanged: boolean;
  /** Since when it had stood otherwise; null when it never had. */
  readonly before: number | null;
}

/** Turns the switch and writes it to the ledger; what follows from it is up to the caller, in the same unit. */
export async function turnKillSwitch(tx: Tx, now: number, on: boolean, by: Actor): Promise<Turned> {
  await lockHead(tx);
  const standing = await tx.db
    .selectFrom("switch")
    .selectAll()
    .where("project_id", "=", ALL)
    .where("name", "=", "kill")
    .executeTakeFirst();
  if (standing && (standing.is_on === 1) === on) return { state: toState(standing), hasChanged: false, before: null };
  if (!standing && !on) return { state: NEVER, hasChanged: false, before: null };
  const row = { is_on: on ? 1 : 0, since: now, changed_by: JSON.stringify(by) };
  await tx.db
    .insertInto("switch")
    .values({ project_id: ALL, name: "kill", ...row })
    .onConflict((conflict) => conflict.columns(["project_id", "name"]).doUpdateSet(row))
    .execute();
  await appendLedger(tx, { v: 1, at: now, type: "switch_changed", switch: "kill", project: null, on, by });
  return { state: { on, since: now, by }, hasChanged: true, before: standing?.since ?? null };
}

export async function readKillSwitch(db: Engine["reader"]): Promise<KillSwitch> {
  const row = await db
    .selectFrom("switch")
    .selectAll()
    .where("project_id", "=", ALL)
    .where("name", "=", "kill")
    .executeTakeFirst();
  return row ? toState(row) : NEVER;
}

const NEVER: KillSwitch = { on: false, since: null, by: null };

const toState = (row: { is_on: number; since: number; changed_by: string }): KillSwitch => ({
  on: row.is_on === 1,
  since: row.since,
  by: Actor.parse(JSON.parse(row.changed_by)),
});
