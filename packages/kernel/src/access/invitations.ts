import { Actor, PrunellaError, type Invitation } from "@prunella/contract";
import { lockHead } from "../ledger/append.ts";
import type { NewId } from "../ids.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { tellChange } from "./people.ts";
import { digestOf, newSecret } from "./secret.ts";

/** Long enough for a holiday, short enough for a mailbox that somebody else reads later. */
const LIFE_MS = 7 * 24 * 3_600_000;

/** The code is told this once. Earlier ones of the same person are withdrawn. */
export async function invite(
  tx: Tx,
  given: { now: number; rng: Rng; newId: NewId; personId: string; by: Actor },
): Promise<{ code: string; expiresAt: number }> {
  await lockHead(tx);
  const { now, personId, by } = given;
  const code = newSecret(given.rng);
  const expiresAt = now + LIFE_MS;
  await tx.db.deleteFrom("invitation").where("person_id", "=", personId).execute();
  await tx.db
    .insertInto("invitation")
    .values({
      invitation_id: given.newId(),
      code_hash: digestOf(code),
      person_id: personId,
      created_at: now,
      created_by: JSON.stringify(by),
      expires_at: expiresAt,
    })
    .execute();
  await tellChange(tx, now, personId, "invited", by);
  return { code, expiresAt };
}

/** Whose it is, once. */
export async function useInvitation(tx: Tx, now: number, code: string): Promise<string> {
  await lockHead(tx);
  const taken = await tx.db
    .deleteFrom("invitation")
    .where("code_hash", "=", digestOf(code))
    .returning(["person_id", "expires_at"])
    .executeTakeFirst();
  if (!taken || taken.expires_at <= now)
    throw new PrunellaError("PRUNELLA_INVITATION_INVALID", {
      hint: "Ask an owner for another; `prunella people invite --help` says how.",
    });
  await tx.db
    .updateTable("person")
    .set({ state: "active" })
    .where("person_id", "=", taken.person_id)
    .where("state", "=", "invited")
    .execute();
  await tellChange(tx, now, taken.person_id, "joined", { kind: "person", id: taken.person_id });
  return taken.person_id;
}

export async function listInvitations(db: Engine["reader"], now: number): Promise<Invitation[]> {
  const rows = await db
    .selectFrom("invitation")
    .innerJoin("person", "person.person_id", "invitation.person_id")
    .select([
      "invitation_id",
      "invitation.person_id",
      "person.name",
      "invitation.created_at",
      "created_by",
      "expires_at",
    ])
    .where("expires_at", ">", now)
    .orderBy("invitation.created_at", "desc")
    .orderBy("invitation_id", "desc")
    .execute();
  return rows.map((row) => ({
    id: row.invitation_id,
    person: { id: row.person_id, name: row.name },
    created_at: row.created_at,
    created_by: Actor.parse(JSON.parse(row.created_by)),
    expires_at: row.expires_at,
  }));
}

export async function withdrawInvitation(tx: Tx, id: string): Promise<void> {
  const gone = await tx.db
    .deleteFrom("invitation")
    .where("invitation_id", "=", id)
    .returning("invitation_id")
    .executeTakeFirst();
  if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such invitation." });
}
