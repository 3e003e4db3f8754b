import { PrunellaError } from "@prunella/contract";
import { appendLedger } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";
import { addWork } from "../store/work.ts";
import { readTrigger } from "../triggers/registry.ts";
import type { NewId } from "../ids.ts";

export interface Redeemed {
  readonly permitId: string;
  readonly attemptId: string;
  readonly action: string;
  readonly target: string;
  readonly fence: number;
}

/** Redeems a permit at the owner of the data folder; throws PRUNELLA_PERMIT_INVALID. */
export type Redeem = (permitId: string, fence: number) => Promise<Redeemed>;

const KEY = Symbol("redeemed");
/** Starting a program takes moments; an executor that says nothing for this long has gone. */
const REPORT_MS = 60_000;

/**
 * The right to run one effect once. Only redeeming makes one, and an effect takes nothing else, so
 * code that has not been through the gate has nothing to call it with.
 */
export class Permit {
  readonly #redeemed: Redeemed;

  private constructor(key: symbol, redeemed: Redeemed) {
    if (key !== KEY)
      throw new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail: "A permit comes from redeeming one." });
    this.#redeemed = redeemed;
  }

  static async redeem(redeem: Redeem, permitId: string, fence: number): Promise<Permit> {
    return new Permit(KEY, await redeem(permitId, fence));
  }

  /** What it allows; throws for anything that only looks like a permit. */
  static read(permit: Permit): Redeemed {
    if (typeof permit !== "object" || permit === null || !(#redeemed in permit)) {
      throw new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail: "An effect was asked for without a permit." });
    }
    return permit.#redeemed;
  }
}

/**
 * The owner's half: marks the permit as used in the same unit in which the ledger says that the
 * effect starts. Refuses a second time, a wrong fence, a permit before or after its time, and any
 * permit once the kill switch is on or the envelope is off: off beats on, also for what was granted.
 */
export async function redeemPermit(
  tx: Tx,
  now: number,
  newId: NewId,
  permitId: string,
  fence: number,
): Promise<Redeemed> {
  const refuse = (detail: string) => new PrunellaError("PRUNELLA_PERMIT_INVALID", { detail });
  const permit = await tx.db.selectFrom("permit").selectAll().where("permit_id", "=", permitId).executeTakeFirst();
  if (!permit) throw refuse("There is no such permit.");
  if (permit.redeemed_at !== null) throw refuse("It has been redeemed already.");
  if (permit.fence !== fence) throw refuse("Its fencing token is another one.");
  if (now < permit.not_before) throw refuse(`Its time begins in ${permit.not_before - now} ms.`);
  if (now >= permit.expires_at) throw refuse("Its time is over.");
  const attempt = await tx.db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", permit.project_id)
    .where("attempt_id", "=", permit.attempt_id)
    .executeTakeFirstOrThrow();
  if (attempt.state !== "permitted") throw refuse("Its attempt is over.");
  const off = await tx.db
    .selectFrom("switch")
    .select("name")
    .where("is_on", "=", 1)
    .where("project_id", "in", ["*", permit.project_id])
    .orderBy("name")
    .executeTakeFirst();
  if (off) throw refuse(off.name === "kill" ? "The kill switch is on." : "The project is paused.");
  const trigger = await readTrigger(tx.db, permit.project_id, attempt.trigger_id);
  if (trigger?.envelope.enabled !== true) throw refuse("The envelope has been switched off.");

  const used = await tx.db
    .updateTable("permit")
    .set({ redeemed_at: now })
    .where("project_id", "=", permit.project_id)
    .where("permit_id", "=", permitId)
    .where("redeemed_at", "is", null)
    .returning("permit_id")
    .executeTakeFirst();
  if (!used) throw refuse("It has been redeemed already.");
  await tx.db
    .updateTable("self_heal_attempts")
    .set(({ eb }) => ({ state: "running", started_at: now, version: eb("version", "+", 1) }))
    .where("project_id", "=", permit.project_id)
    .where("attempt_id", "=", permit.attempt_id)
    .execute();
  await addWork(tx, newId, permit.project_id, now + REPORT_MS, { kind: "abandon", attempt: permit.attempt_id });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_started",
    project: permit.project_id,
    attempt: permit.attempt_id,
    intent: attempt.audit_log_id,
  });
  return { permitId, attemptId: permit.attempt_id, action: permit.action, target: permit.target, fence };
}
