import { PrunellaError } from "@prunella/contract";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { digestOf } from "./secret.ts";

type Reader = Engine["reader"];

/** What a password is held against; null where nobody is called so, or has no way in by password. */
export type Credentials = Pick<Tables["person"], "person_id" | "name" | "password" | "totp_secret" | "totp_wanted">;

export async function credentialsOf(db: Reader, nameOrId: string): Promise<Credentials | null> {
  const wanted = nameOrId.trim().toLowerCase();
  // Nobody is called so, and PostgreSQL takes no NUL.
  if (!/^[a-z0-9._-]{1,80}$/.test(wanted)) return null;
  const row = await db
    .selectFrom("person")
    .select(["person_id", "name", "password", "totp_secret", "totp_wanted"])
    .where((where) => where.or([where("person_id", "=", wanted), where("name", "=", wanted)]))
    .where("state", "=", "active")
    .executeTakeFirst();
  return row ?? null;
}

/** Whoever else was signed in as them, by whatever way, is so no more. */
export async function setPassword(tx: Tx, personId: string, password: string): Promise<void> {
  await tx.db.updateTable("person").set({ password }).where("person_id", "=", personId).execute();
}

export async function wantCodes(tx: Tx, personId: string, secret: string): Promise<void> {
  await tx.db.updateTable("person").set({ totp_wanted: secret }).where("person_id", "=", personId).execute();
}

/** The secret that was shown counts from now on; `step` is that of the code that proved it. */
export async function confirmCodes(
  tx: Tx,
  given: { personId: string; secret: string; step: number; recoveryCodes: readonly string[] },
): Promise<void> {
  const { personId, secret, step } = given;
  const taken = await tx.db
    .updateTable("person")
    .set({ totp_secret: secret, totp_step: step, totp_wanted: null })
    .where("person_id", "=", personId)
    .where("totp_wanted", "=", secret)
    .returning("person_id")
    .executeTakeFirst();
  if (!taken) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Another secret was asked for meanwhile." });
  await tx.db.deleteFrom("recovery_code").where("person_id", "=", personId).execute();
  await tx.db
    .insertInto("recovery_code")
    .values(given.recoveryCodes.map((code) => ({ person_id: personId, code_hash: digestOf(code) })))
    .execute();
}

/** Whether a code of this half minute is the first that comes; none comes twice, and none from before it. */
export async function takeStep(tx: Tx, personId: string, step: number): Promise<boolean> {
  const taken = await tx.db
    .updateTable("person")
    .set({ totp_step: step })
    .where("person_id", "=", personId)
    .where("totp_step", "<", step)
    .returning("person_id")
    .executeTakeFirst();
  return taken !== undefined;
}

export async function takeRecoveryCode(tx: Tx, personId: string, code: string): Promise<boolean> {
  const taken = await tx.db
    .deleteFrom("recovery_code")
    .where("person_id", "=", personId)
    .where("code_hash", "=", digestOf(code))
    .returning("person_id")
    .executeTakeFirst();
  return taken !== undefined;
}

export async function countRecoveryCodes(db: Reader, personId: string): Promise<number> {
  const row = await db
    .selectFrom("recovery_code")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("person_id", "=", personId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
