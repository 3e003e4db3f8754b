import { PrunellaError, type SessionRow } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { digestOf, newSecret } from "./secret.ts";

const LIFE_MS = 14 * 24 * 3_600_000;
/** How exactly it is known when one was last used; each look would be a write otherwise. */
export const SEEN_MS = 5 * 60_000;

/** Where somebody signs in. */
export interface Whence {
  readonly browser: string;
  readonly address: string;
}

export const NOWHERE: Whence = { browser: "", address: "" };

export interface NewSession {
  readonly token: string;
  readonly expiresAt: number;
}

export async function beginSession(
  tx: Tx,
  given: {
    now: number;
    rng: Rng;
    newId: NewId;
    personId: string | null;
    way: SessionRow["way"];
    whence: Whence;
  },
): Promise<NewSession> {
  const { now, personId, way, whence } = given;
  const token = newSecret(given.rng);
  const expiresAt = now + LIFE_MS;
  await tx.db
    .insertInto("session")
    .values({
      token_hash: digestOf(token),
      session_id: given.newId(),
      person_id: personId,
      way,
      browser: whence.browser,
      address: whence.address,
      created_at: now,
      seen_at: now,
      expires_at: expiresAt,
    })
    .execute();
  return { token, expiresAt };
}

/** `person`: whose; null: of those that a link signed in; undefined: everybody's. */
export async function listSessions(
  db: Engine["reader"],
  now: number,
  person: string | null | undefined,
  current: string | null,
): Promise<SessionRow[]> {
  let query = db
    .selectFrom("session")
    .leftJoin("person", "person.person_id", "session.person_id")
    .select([
      "session_id",
      "session.person_id",
      "person.name",
      "way",
      "browser",
      "address",
      "session.created_at",
      "seen_at",
      "expires_at",
    ])
    .where("expires_at", ">", now);
  if (person !== undefined) query = query.where("session.person_id", person === null ? "is" : "=", person);
  const rows = await query.orderBy("seen_at", "desc").orderBy("session_id", "desc").limit(500).execute();
  return rows.map((row) => ({
    id: row.session_id,
    person: row.person_id === null || row.name === null ? null : { id: row.person_id, name: row.name },
    way: row.way,
    browser: row.browser,
    address: row.address,
    created_at: row.created_at,
    seen_at: row.seen_at,
    expires_at: row.expires_at,
    current: row.session_id === current,
  }));
}

/** Ends one of theirs; the ids of those that ended. */
export async function endSession(tx: Tx, person: string | null | undefined, id: string): Promise<string[]> {
  let query = tx.db.deleteFrom("session").where("session_id", "=", id);
  if (person !== undefined) query = query.where("person_id", person === null ? "is" : "=", person);
  const gone = await query.returning("session_id").execute();
  if (gone.length === 0) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such session." });
  return gone.map((row) => row.session_id);
}

export async function endSessions(tx: Tx, person: string | null | undefined, except: string | null): Promise<string[]> {
  let query = tx.db.deleteFrom("session");
  if (person !== undefined) query = query.where("person_id", person === null ? "is" : "=", person);
  if (except !== null) query = query.where("session_id", "<>", except);
  return (await query.returning("session_id").execute()).map((row) => row.session_id);
}
