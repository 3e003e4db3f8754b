import { PrunellaError, ProjectId, type Actor } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { appendLedger } from "../ledger/append.ts";
import type { Core } from "../core.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { beginDeletion, undoDeletion } from "./deletion.ts";
import { addKey, newKey, revokeKey, rotateKey } from "./keys.ts";

/** `public_key` is the one that is handed out; `keys` are the others that are taken. */
export type ProjectRow = Tables["project"] & { readonly keys: readonly Tables["project_key"][] };

/** Adds a project with a DSN of its own; throws PRUNELLA_CONFLICT when the id is taken, or was. */
export async function addProject(
  tx: Tx,
  given: { now: number; rng: Rng; id: string; title?: string | undefined; by: Actor },
): Promise<ProjectRow> {
  const id = ProjectId.parse(given.id);
  const standing = await tx.db.selectFrom("project").selectAll().where("project_id", "=", id).executeTakeFirst();
  if (standing)
    throw new PrunellaError(
      "PRUNELLA_CONFLICT",
      isOver(standing, given.now)
        ? {
            detail: `There was a project ${id}, and it was deleted. The ledger speaks of it, so its id is not used again.`,
            hint: "Choose another id.",
          }
        : { detail: `There is a project ${id} already.` },
    );
  const last = await tx.db
    .selectFrom("project")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirst();
  const row: Tables["project"] = {
    project_id: id,
    title: titleOf(id, given),
    // Counts up from 1, over those that were deleted too; SDKs cut anything but digits from a DSN's project.
    dsn_id: String(Number(last?.count ?? 0) + 1),
    public_key: newKey(given.rng),
    key_at: given.now,
    created_at: given.now,
    deletes_at: null,
  };
  await tx.db.insertInto("project").values(row).execute();
  await appendLedger(tx, { v: 1, at: given.now, type: "project_added", project: id, by: given.by });
  return { ...row, keys: [] };
}

/** What a person wrote is scrubbed. Our own words are safe, and the first start would wait for the scrubber's tables. */
const titleOf = (id: string, { title = id, by }: { title?: string | undefined; by: Actor }): string =>
  by.kind === "system" ? title : scrubLabel(title, 80).value;

/** Somebody deleted it, and the time to take that back is over. */
const isOver = ({ deletes_at: at }: Pick<Tables["project"], "deletes_at">, now: number): boolean =>
  at !== null && at <= now;

/** All that there are, with the keys that are taken now. */
export async function listProjects(db: Engine["reader"], now: number): Promise<ProjectRow[]> {
  const rows = await db.selectFrom("project").selectAll().orderBy("created_at").orderBy("project_id").execute();
  const keys = await db
    .selectFrom("project_key")
    .selectAll()
    .orderBy("created_at", "desc")
    .orderBy("public_key")
    .execute();
  const taken = Map.groupBy(
    keys.filter((key) => key.ends_at === null || key.ends_at > now),
    (key) => key.project_id,
  );
  return rows.filter((row) => !isOver(row, now)).map((row) => ({ ...row, keys: taken.get(row.project_id) ?? [] }));
}

/** Throws PRUNELLA_NOT_FOUND. */
export async function projectOf(db: Engine["reader"], projectId: string, now: number): Promise<ProjectRow> {
  const row = (await listProjects(db, now)).find((one) => one.project_id === projectId);
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${projectId}.` });
  return row;
}

async function rename(tx: Tx, given: { now: number; projectId: string; title: string; by: Actor }): Promise<void> {
  const { now, projectId, by } = given;
  await tx.db
    .updateTable("project")
    .set({ title: titleOf(projectId, given) })
    .where("project_id", "=", projectId)
    .execute();
  await appendLedger(tx, { v: 1, at: now, type: "project_changed", project: projectId, change: "renamed", by });
}

type Asked<T = object> = T & { readonly project: string; readonly by: Actor };

/** Tenants, their DSN keys, and how many faults each of them has. */
export function createProjects({ db, writer, clock, rng, publish }: Core) {
  /** One unit about a project that is there; the project as it is then. */
  async function change(
    { project }: { project: string },
    step: (tx: Tx, row: ProjectRow, now: number) => Promise<void>,
  ): Promise<ProjectRow> {
    const changed = await writer.run(async (tx) => {
      const now = clock.now();
      await step(tx, await projectOf(tx.db, project, now), now);
      return projectOf(tx.db, project, now);
    });
    publish("ledger", "head");
    return changed;
  }

  return {
    list: () => listProjects(db, clock.now()),
    get: (projectId: string) => projectOf(db, projectId, clock.now()),
    async add(given: { id: string; title?: string | undefined; by: Actor }) {
      const row = await writer.run((tx) => addProject(tx, { ...given, now: clock.now(), rng }));
      publish("ledger", "head");
      return row;
    },
    rename: (given: Asked<{ title: string }>) =>
      change(given, (tx, row, now) => rename(tx, { now, projectId: row.project_id, title: given.title, by: given.by })),
    /** Throws PRUNELLA_CONFLICT while something in it still runs, and for the last one. */
    delete: (given: Asked<{ confirm: string }>) =>
      change(given, (tx, row, now) => beginDeletion(tx, { row, now, confirm: given.confirm, by: given.by })),
    keep: (given: Asked) => change(given, (tx, row, now) => undoDeletion(tx, { row, now, by: given.by })),
    addKey: (given: Asked) => change(given, (tx, row, now) => addKey(tx, { row, now, rng, by: given.by })),
    rotateKey: (given: Asked<{ overlapMs: number }>) =>
      change(given, (tx, row, now) => rotateKey(tx, { row, now, rng, overlapMs: given.overlapMs, by: given.by })),
    revokeKey: (given: Asked<{ key: string }>) =>
      change(given, (tx, row, now) => revokeKey(tx, { row, now, key: given.key, by: given.by })),
    async faultCounts(): Promise<Map<string, number>> {
      const rows = await db
        .selectFrom("fault")
        .select(["project_id", ({ fn }) => fn.countAll<number>().as("count")])
        .groupBy("project_id")
        .orderBy("project_id")
        .execute();
      return new Map(rows.map((row) => [row.project_id, Number(row.count)]));
    },
  };
}
