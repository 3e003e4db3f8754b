import { PrunellaError, type Actor, type Person, type Role } from "@prunella/contract";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { NewId } from "../ids.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { ALL, countOwners, readRights, toRoles, type Rights } from "./rights.ts";

type Row = Tables["person"];
type Reader = Engine["reader"];

/** By id, or by name as people type it. */
export async function findPerson(db: Reader, typed: string): Promise<Row> {
  // PostgreSQL takes no NUL, and nobody's name has one.
  const wanted = typed.trim().toLowerCase().replaceAll("\0", "?");
  const row = await db
    .selectFrom("person")
    .selectAll()
    .where((where) => where.or([where("person_id", "=", wanted), where("name", "=", wanted)]))
    .executeTakeFirst();
  if (!row || row.state === "removed")
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: "There is no such person.",
      hint: "List them: prunella people list",
    });
  return row;
}

export async function toPerson(db: Reader, row: Row): Promise<Person> {
  return shown(row, (await readRights(db, [row.person_id])).get(row.person_id));
}

const shown = (row: Row, rights: Rights | undefined): Person => ({
  id: row.person_id,
  name: row.name,
  email: row.email,
  state: row.state,
  roles: rights === undefined ? [] : toRoles(rights),
  created_at: row.created_at,
});

/** By name. `sees`: only who has a role in one of them, and only those roles; null: everybody. */
export async function listPeople(
  db: Reader,
  {
    sees,
    project,
    cursor,
    limit,
  }: { sees: readonly string[] | null; project?: string; cursor?: string; limit: number },
): Promise<{ people: Person[]; next: string | null }> {
  const projects = project === undefined ? sees : [project];
  let query = db.selectFrom("person").selectAll().where("state", "<>", "removed");
  if (cursor !== undefined) query = query.where("name", ">", cursor);
  if (projects !== null)
    query = query.where("person_id", "in", (from) =>
      from
        .selectFrom("person_role")
        .select("person_id")
        .where("project_id", "in", [...projects, ...(sees === null ? [ALL] : [])]),
    );
  const rows = await query
    .orderBy("name")
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const rights = await readRights(
    db,
    page.map((row) => row.person_id),
  );
  const people = page.map((row) => {
    const person = shown(row, rights.get(row.person_id));
    if (sees === null) return person;
    return { ...person, roles: person.roles.filter((each) => each.project !== null && sees.includes(each.project)) };
  });
  return { people, next: rows.length > limit ? (page.at(-1)?.name ?? null) : null };
}

export const listNames = async (db: Reader): Promise<{ id: string; name: string }[]> =>
  db.selectFrom("person").select(["person_id as id", "name"]).orderBy("name").execute();

export async function addPerson(
  tx: Tx,
  given: { now: number; newId: NewId; name: string; email: string | null; by: Actor },
): Promise<Row> {
  await lockHead(tx);
  const { now, name, email, by } = given;
  const standing = await tx.db
    .selectFrom("person")
    .select(["name", "state"])
    .where((where) => where.or([where("name", "=", name), ...(email === null ? [] : [where("email", "=", email)])]))
    .executeTakeFirst();
  if (standing)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail:
        standing.name !== name
          ? "Another person has that mail address."
          : standing.state === "removed"
            ? `Somebody who was removed was called ${name}; the name stays theirs, so that what they did stays clear.`
            : `There is a person ${name} already.`,
      hint: `Take another name, or give that person a role: \`prunella people role ${name} viewer\`.`,
    });
  const row: Row = {
    person_id: given.newId(),
    name,
    email,
    state: "invited",
    created_at: now,
    password: null,
    totp_secret: null,
    totp_step: 0,
    totp_wanted: null,
  };
  await tx.db.insertInto("person").values(row).execute();
  await tellChange(tx, now, row.person_id, "added", by);
  return row;
}

/** Refuses a project that is not there, and to leave the installation without an owner. */
export async function setRole(
  tx: Tx,
  given: { now: number; personId: string; project: string | null; role: Role | null; by: Actor },
): Promise<void> {
  await lockHead(tx);
  const { now, personId, project, role, by } = given;
  if (project !== null) {
    const found = await tx.db
      .selectFrom("project")
      .select("project_id")
      .where("project_id", "=", project)
      .executeTakeFirst();
    if (!found) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${project}.` });
  }
  const projectId = project ?? ALL;
  const before = await tx.db
    .selectFrom("person_role")
    .select("role")
    .where("project_id", "=", projectId)
    .where("person_id", "=", personId)
    .executeTakeFirst();
  if ((before?.role ?? null) === role) return;
  if (projectId === ALL && before?.role === "owner") await assertOwnerStays(tx);
  await tx.db.deleteFrom("person_role").where("project_id", "=", projectId).where("person_id", "=", personId).execute();
  if (role !== null)
    await tx.db.insertInto("person_role").values({ project_id: projectId, person_id: personId, role }).execute();
  await tellChange(tx, now, personId, "role", by, project, role);
}

/** Everything that lets them in goes at once; the name stays for what the ledger says of them. */
export async function removePerson(tx: Tx, now: number, personId: string, by: Actor): Promise<void> {
  await lockHead(tx);
  const owns = await tx.db
    .selectFrom("person_role")
    .select("role")
    .where("project_id", "=", ALL)
    .where("person_id", "=", personId)
    .where("role", "=", "owner")
    .executeTakeFirst();
  if (owns) await assertOwnerStays(tx);
  for (const table of OWNED) await tx.db.deleteFrom(table).where("person_id", "=", personId).execute();
  await tx.db
    .updateTable("person")
    .set({ state: "removed", email: null, password: null, totp_secret: null, totp_wanted: null })
    .where("person_id", "=", personId)
    .execute();
  await tellChange(tx, now, personId, "removed", by);
}

const OWNED = [
  "person_role",
  "invitation",
  "personal_token",
  "recovery_code",
  "passkey",
  "identity",
  "session",
  "sign_in_code",
] as const;

async function assertOwnerStays(tx: Tx): Promise<void> {
  if ((await countOwners(tx.db)) > 1) return;
  throw new PrunellaError("PRUNELLA_CONFLICT", {
    detail: "This is the only owner of the installation.",
    hint: "Make somebody else an owner first.",
  });
}

export type PersonChange = "added" | "role" | "invited" | "joined" | "removed";

export const tellChange = (
  tx: Tx,
  now: number,
  person: string,
  change: PersonChange,
  by: Actor,
  project: string | null = null,
  role: Role | null = null,
): Promise<number> => appendLedger(tx, { v: 1, at: now, type: "person_changed", person, change, project, role, by });
