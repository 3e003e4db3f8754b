import { PrunellaError, ProjectId, type Actor } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { appendLedger } from "../ledger/append.ts";
import type { Core } from "../core.ts";
import type { Rng } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

export type ProjectRow = Tables["project"];

/** Adds a project with a DSN of its own; throws PRUNELLA_CONFLICT when the id is taken. */
export async function addProject(
  tx: Tx,
  given: { now: number; rng: Rng; id: string; title?: string | undefined; by: Actor },
): Promise<ProjectRow> {
  const id = ProjectId.parse(given.id);
  const standing = await tx.db.selectFrom("project").selectAll().where("project_id", "=", id).executeTakeFirst();
  if (standing) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `There is a project ${id} already.` });
  const last = await tx.db
    .selectFrom("project")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirst();
  const row: ProjectRow = {
    project_id: id,
    title: titleOf(id, given),
    // Counts up from 1; SDKs cut anything but digits from a DSN's project.
    dsn_id: String(Number(last?.count ?? 0) + 1),
    public_key: Buffer.from(given.rng.bytes(16)).toString("hex"),
    created_at: given.now,
  };
  await tx.db.insertInto("project").values(row).execute();
  await appendLedger(tx, { v: 1, at: given.now, type: "project_added", project: id, by: given.by });
  return row;
}

/** What a person wrote is scrubbed. Our own words are safe, and the first start would wait for the scrubber's tables. */
const titleOf = (id: string, { title = id, by }: { title?: string | undefined; by: Actor }): string =>
  by.kind === "system" ? title : scrubLabel(title, 80).value;

export async function listProjects(db: Engine["reader"]): Promise<ProjectRow[]> {
  return db.selectFrom("project").selectAll().orderBy("created_at").orderBy("project_id").execute();
}

/** Tenants and how many faults each of them has. */
export const createProjects = ({ db, writer, clock, rng, publish }: Core) => ({
  list: () => listProjects(db),
  async add(given: { id: string; title?: string | undefined; by: Actor }) {
    const row = await writer.run((tx) => addProject(tx, { ...given, now: clock.now(), rng }));
    publish("ledger", "head");
    return row;
  },
  async faultCounts(): Promise<Map<string, number>> {
    const rows = await db
      .selectFrom("fault")
      .select(["project_id", ({ fn }) => fn.countAll<number>().as("count")])
      .groupBy("project_id")
      .orderBy("project_id")
      .execute();
    return new Map(rows.map((row) => [row.project_id, Number(row.count)]));
  },
});
