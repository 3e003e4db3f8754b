import { sql } from "kysely";
import { batch, skipLocked } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { ProbeRow } from "./state.ts";

/** Beyond its own time a look may need so long to be written down before somebody else may look. */
const LEASE_SLACK_MS = 20_000;

/** Who looks: a process of one data folder, whose probes mean the machine that it stands on. */
export interface Looker {
  readonly place: string;
  readonly nodeId: string;
}

/** Whether a look is due here; a write that finds nothing to do would cost a commit. */
export async function isAnyDue(db: Engine["reader"], now: number, place: string): Promise<boolean> {
  const row = await db
    .selectFrom("probe_state")
    .select("name")
    .where("place", "=", place)
    .where("due_at", "<=", now)
    .where("leased_until", "<=", now)
    .orderBy("due_at")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes looks that are due here, each with a fence; no other process has them until their lease is over. */
export async function claim(tx: Tx, now: number, { place, nodeId }: Looker, limit: number): Promise<ProbeRow[]> {
  const { rows } = await sql<ProbeRow>`
    update probe_state set leased_until = ${now + LEASE_SLACK_MS} + timeout_ms, node_id = ${nodeId}, fence = fence + 1
    where (project_id, name) in (
      select project_id, name from probe_state where place = ${place} and due_at <= ${now} and leased_until <= ${now}
      order by due_at, project_id, name limit ${limit} ${skipLocked(tx.kind)}) returning *`.execute(tx.db);
  return rows;
}

/** Takes one, due or not; null when somebody looks already, or there is none here. */
export async function claimOne(tx: Tx, now: number, looker: Looker, row: ProbeRow): Promise<ProbeRow | null> {
  const { place, nodeId } = looker;
  const { rows } = await sql<ProbeRow>`
    update probe_state set leased_until = ${now + LEASE_SLACK_MS} + timeout_ms, node_id = ${nodeId}, fence = fence + 1
    where project_id = ${row.project_id} and name = ${row.name} and place = ${place} and leased_until <= ${now} returning *`.execute(
    tx.db,
  );
  return rows[0] ?? null;
}

const COLUMNS = {
  project_id: "text",
  name: "text",
  fence: "int",
  status: "text",
  category: "text",
  detail: "text",
  measured: "text",
  since: "int",
  failures: "int",
  checked_at: "int",
  due_at: "int",
  strip: "text",
  strip_at: "int",
  changes: "text",
  told: "text",
} as const;
const NAMES: readonly (keyof typeof COLUMNS)[] = [
  "project_id",
  "name",
  "fence",
  "status",
  "category",
  "detail",
  "measured",
  "since",
  "failures",
  "checked_at",
  "due_at",
  "strip",
  "strip_at",
  "changes",
  "told",
];
const SET = sql.raw(
  NAMES.filter((name) => !["project_id", "name", "fence"].includes(name))
    .map((name) => `${name} = given.${name}`)
    .join(", "),
);

/** Writes what was found and lets the probes go; how many rows that were. Whoever lost its fence writes nothing. */
export async function putBack(tx: Tx, rows: readonly ProbeRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const sorted = rows.toSorted((a, b) => (`${a.project_id}\0${a.name}` < `${b.project_id}\0${b.name}` ? -1 : 1));
  const given = batch(
    tx.kind,
    COLUMNS,
    sorted.map((row) => NAMES.map((name) => row[name])),
  );
  const { numAffectedRows } = await sql`update probe_state set leased_until = 0, ${SET} from ${given} as given
    where probe_state.project_id = given.project_id and probe_state.name = given.name and probe_state.fence = given.fence`.execute(
    tx.db,
  );
  return Number(numAffectedRows ?? 0n);
}
