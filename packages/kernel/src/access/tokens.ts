import { EFFECTS, PrunellaError, TOKEN_PREFIX, type Effect, type PersonalToken } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import type { NewId } from "../ids.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { digestOf, newSecret } from "./secret.ts";

/** More than a person gives names to. */
const MOST = 100;

type Row = Tables["personal_token"] & { readonly name: string };

/** The secret is told this once. */
export async function createToken(
  tx: Tx,
  given: {
    now: number;
    rng: Rng;
    newId: NewId;
    personId: string;
    title: string;
    effects: readonly Effect[];
    project: string | null;
    expiresAt: number | null;
  },
): Promise<{ id: string; secret: string }> {
  const { now, personId, project, expiresAt } = given;
  const standing = await tx.db
    .selectFrom("personal_token")
    .select("token_id")
    .where("person_id", "=", personId)
    .execute();
  if (standing.length >= MOST)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `A person has at most ${MOST} tokens.`,
      hint: "Revoke some of them: `prunella tokens list` names each, and `prunella tokens revoke --help` says how.",
    });
  const secret = TOKEN_PREFIX + newSecret(given.rng);
  const id = given.newId();
  await tx.db
    .insertInto("personal_token")
    .values({
      token_id: id,
      token_hash: digestOf(secret),
      person_id: personId,
      title: scrubLabel(given.title, 80).value,
      effects: JSON.stringify(EFFECTS.filter((effect) => given.effects.includes(effect))),
      project_id: project,
      created_at: now,
      expires_at: expiresAt,
      used_at: null,
    })
    .execute();
  return { id, secret };
}

const base = (db: Engine["reader"]) =>
  db
    .selectFrom("personal_token")
    .innerJoin("person", "person.person_id", "personal_token.person_id")
    .selectAll("personal_token")
    .select("person.name");

export async function listTokens(
  db: Engine["reader"],
  now: number,
  { person, id }: { person?: string; id?: string },
): Promise<PersonalToken[]> {
  let query = base(db).where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]));
  if (person !== undefined) query = query.where("personal_token.person_id", "=", person);
  if (id !== undefined) query = query.where("token_id", "=", id);
  const rows = await query.orderBy("personal_token.created_at", "desc").orderBy("token_id", "desc").execute();
  return rows.map(toToken);
}

const toToken = (row: Row): PersonalToken => ({
  id: row.token_id,
  person: { id: row.person_id, name: row.name },
  title: row.title,
  effects: effectsOf(row.effects),
  project: row.project_id,
  created_at: row.created_at,
  expires_at: row.expires_at,
  used_at: row.used_at,
});

/** The token of this secret, if it is worth anything. */
export async function tokenOf(db: Engine["reader"], now: number, secret: string): Promise<PersonalToken | null> {
  const row = await base(db)
    .where("token_hash", "=", digestOf(secret))
    .where("person.state", "<>", "removed")
    .executeTakeFirst();
  return row === undefined || (row.expires_at !== null && row.expires_at <= now) ? null : toToken(row);
}

function effectsOf(text: string): PersonalToken["effects"] {
  const given: unknown = JSON.parse(text);
  return EFFECTS.filter((effect) => Array.isArray(given) && given.includes(effect));
}

export async function revokeToken(tx: Tx, person: string | undefined, id: string): Promise<void> {
  let query = tx.db.deleteFrom("personal_token").where("token_id", "=", id);
  if (person !== undefined) query = query.where("person_id", "=", person);
  const gone = await query.returning("token_id").executeTakeFirst();
  if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such token." });
}
