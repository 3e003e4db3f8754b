import { PrunellaError } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

type Reader = Engine["reader"];
export type Passkey = Tables["passkey"];

/** More than anybody has devices. */
const MOST = 25;

export const passkeysOf = (db: Reader, personId: string): Promise<Passkey[]> =>
  db
    .selectFrom("passkey")
    .selectAll()
    .where("person_id", "=", personId)
    .orderBy("created_at")
    .orderBy("credential_id")
    .execute();

export async function passkeyOf(db: Reader, credentialId: string): Promise<Passkey | null> {
  const row = await db
    .selectFrom("passkey")
    .innerJoin("person", "person.person_id", "passkey.person_id")
    .selectAll("passkey")
    .where("credential_id", "=", credentialId)
    .where("person.state", "=", "active")
    .executeTakeFirst();
  return row ?? null;
}

export async function addPasskey(tx: Tx, row: Omit<Passkey, "used_at">): Promise<void> {
  const own = await passkeysOf(tx.db, row.person_id);
  if (own.length >= MOST)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `A person has at most ${MOST} passkeys.` });
  const standing = await tx.db
    .selectFrom("passkey")
    .select("credential_id")
    .where("credential_id", "=", row.credential_id)
    .executeTakeFirst();
  if (standing) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "This passkey is there already." });
  await tx.db
    .insertInto("passkey")
    .values({ ...row, title: scrubLabel(row.title, 80).value, used_at: null })
    .execute();
}

/**
 * Counts a use. An authenticator that counts never says a number twice, so one that does has a copy; those
 * that do not count say 0 always.
 */
export async function countPasskey(tx: Tx, now: number, credentialId: string, counter: number): Promise<boolean> {
  const taken = await tx.db
    .updateTable("passkey")
    .set({ counter, used_at: now })
    .where("credential_id", "=", credentialId)
    .where((where) => (counter === 0 ? where("counter", "=", 0) : where("counter", "<", counter)))
    .returning("credential_id")
    .executeTakeFirst();
  return taken !== undefined;
}

export async function removePasskey(tx: Tx, personId: string, credentialId: string): Promise<void> {
  const gone = await tx.db
    .deleteFrom("passkey")
    .where("person_id", "=", personId)
    .where("credential_id", "=", credentialId)
    .returning("credential_id")
    .executeTakeFirst();
  if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such passkey." });
}
