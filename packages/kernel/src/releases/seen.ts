import { sql } from "kysely";
import { batch, larger, smaller } from "../store/dialect.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** Of a project; the one that was quiet longest goes first. */
const SEEN_MAX = 1_000;

export interface Sighting {
  readonly project_id: string;
  readonly release: string;
  readonly count: number;
  readonly first_at: number;
  readonly last_at: number;
}

/** Notes which releases events name. One statement, however many there are. */
export async function noteReleases(tx: Tx, seen: readonly Sighting[]): Promise<void> {
  const groups = [
    ...Map.groupBy(
      seen.filter(({ release }) => release !== ""),
      (one) => `${one.project_id}\u0000${one.release}`,
    ),
  ].toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (groups.length === 0) return;
  const sums = new Map(groups.map(([name, group]) => [name, group.reduce((sum, { count }) => sum + count, 0)]));
  const cells = groups.map(([name, group]) => [
    group[0]?.project_id ?? "",
    group[0]?.release ?? "",
    Math.min(...group.map(({ first_at }) => first_at)),
    Math.max(...group.map(({ last_at }) => last_at)),
    sums.get(name) ?? 0,
  ]);
  const columns = { project_id: "text", version: "text", first_at: "int", last_at: "int", events: "int" } as const;
  const { rows: standing } = await sql<{ project_id: string; version: string; events: number }>`
    insert into release_seen (project_id, version, first_at, last_at, events)
    select project_id, version, first_at, last_at, events from ${batch(tx.kind, columns, cells)} as given where true
    on conflict (project_id, version) do update set events = release_seen.events + excluded.events,
      first_at = ${smaller(tx.kind, sql`release_seen.first_at`, sql`excluded.first_at`)},
      last_at = ${larger(tx.kind, sql`release_seen.last_at`, sql`excluded.last_at`)}
    returning project_id, version, events`.execute(tx.db);
  // Only one that is new can be one too many; it has no more events than were just added.
  const grown = standing.filter((row) => Number(row.events) === sums.get(`${row.project_id}\u0000${row.version}`));
  for (const project of new Set(grown.map(({ project_id }) => project_id))) await dropQuietest(tx, project);
}

async function dropQuietest(tx: Tx, projectId: string): Promise<void> {
  await sql`delete from release_seen where project_id = ${projectId} and version in (
    select version from release_seen where project_id = ${projectId} order by last_at desc, version limit ${SEEN_MAX} offset ${SEEN_MAX})`.execute(
    tx.db,
  );
}

/** Since when each of these releases is known: its first event, or a build tool's announcement. */
export async function knownSince(
  tx: Tx,
  projectId: string,
  versions: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (versions.length === 0) return new Map();
  const { rows: found } = await sql<{ version: string; since: number }>`
    select version, min(since) as since from (
      select version, first_at as since from release_seen where project_id = ${projectId} and version in (${sql.join(versions)})
      union all
      select version, created_at as since from announced_release where project_id = ${projectId} and version in (${sql.join(versions)})
    ) as known group by version`.execute(tx.db);
  return new Map(found.map(({ version, since }) => [version, Number(since)]));
}

/** Whether there is anything by which a next release can be told. */
export async function isAnyReleaseKnown(db: Engine["reader"], projectId: string): Promise<boolean> {
  const [known] = await rows(db)`select 1 from release_seen where project_id = ${projectId} limit 1`;
  if (known) return true;
  const [announced] = await rows(db)`select 1 from announced_release where project_id = ${projectId} limit 1`;
  return announced !== undefined;
}
