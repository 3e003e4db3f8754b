import { PrunellaError, type ReleaseDetail, type ReleaseRow } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import { sql } from "kysely";
import { z } from "zod";
import type { Engine } from "../store/engine.ts";
import { decorate } from "./list.ts";

type Db = Engine["reader"];

const VERSION_MAX = 200;
const MOST_FAULTS = 100;
const Deploys = z.array(z.object({ environment: z.string() }));

interface Known {
  readonly project_id: string;
  readonly version: string;
  readonly known_since: number;
  readonly first_at: number | null;
  readonly last_at: number | null;
  readonly events: number | null;
  readonly date_released: string | null;
  readonly deploys: string | null;
}

/** Releases of a project, or of all, the newest first: those that events name and those that build tools announced. */
export async function listReleases(db: Db, project: string | undefined, limit: number): Promise<ReleaseRow[]> {
  const of = (table: string) =>
    project === undefined ? sql`` : sql`where ${sql.ref(`${table}.project_id`)} = ${project}`;
  const { rows } = await known(db, of("release_seen"), of("announced_release"), limit);
  return Promise.all(rows.map((row) => toRow(db, row)));
}

export async function readRelease(db: Db, now: number, project: string, typed: string): Promise<ReleaseDetail> {
  // Kept and looked up scrubbed.
  const version = scrubLabel(typed, VERSION_MAX).value;
  const of = (table: string) =>
    sql`where ${sql.ref(`${table}.project_id`)} = ${project} and ${sql.ref(`${table}.version`)} = ${version}`;
  const [row] = (await known(db, of("release_seen"), of("announced_release"), 1)).rows;
  if (!row)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `The project ${project} has no release of this name.` });
  const faultsOf = async (column: "first_release" | "regressed_in") =>
    decorate(
      db,
      now,
      await db
        .selectFrom("fault")
        .selectAll()
        .where("project_id", "=", project)
        .where(column, "=", version)
        .where("merged_into", "is", null)
        .orderBy("last_seen", "desc")
        .orderBy("fault_id", "desc")
        .limit(MOST_FAULTS)
        .execute(),
    );
  return {
    release: await toRow(db, row),
    before: await knownBefore(db, project, row.known_since),
    new_faults: await faultsOf("first_release"),
    regressed_faults: await faultsOf("regressed_in"),
  };
}

/** A build tool may have announced what no event named yet, and the other way round. */
const known = (db: Db, seen: ReturnType<typeof sql>, announced: ReturnType<typeof sql>, limit: number) =>
  sql<Known>`
    select project_id, version, min(since) as known_since, max(first_at) as first_at, max(last_at) as last_at,
      max(events) as events, max(date_released) as date_released, max(deploys) as deploys
    from (
      select project_id, version, first_at as since, first_at, last_at, events, null as date_released, null as deploys
        from release_seen ${seen}
      union all
      select project_id, version, created_at, null, null, null, date_released, deploys from announced_release ${announced}
    ) as named
    group by project_id, version order by known_since desc, project_id, version desc limit ${limit}`.execute(db);

async function knownBefore(db: Db, project: string, since: number): Promise<string | null> {
  const { rows } = await sql<{ version: string }>`
    select version from (
      select version, first_at as since from release_seen where project_id = ${project}
      union all
      select version, created_at from announced_release where project_id = ${project}
    ) as named group by version having min(since) < ${since} order by min(since) desc, version desc limit 1`.execute(
    db,
  );
  return rows[0]?.version ?? null;
}

async function toRow(db: Db, row: Known): Promise<ReleaseRow> {
  const count = async (column: "first_release" | "regressed_in") => {
    const found = await db
      .selectFrom("fault")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("project_id", "=", row.project_id)
      .where(column, "=", row.version)
      .where("merged_into", "is", null)
      .executeTakeFirst();
    return Number(found?.count ?? 0);
  };
  const deploys = row.deploys === null ? [] : Deploys.parse(JSON.parse(row.deploys));
  const number = (value: number | null) => (value === null ? null : Number(value));
  return {
    project_id: row.project_id,
    version: row.version,
    known_since: Number(row.known_since),
    first_event: number(row.first_at),
    last_event: number(row.last_at),
    events: Number(row.events ?? 0),
    new_faults: await count("first_release"),
    regressed_faults: await count("regressed_in"),
    date_released: row.date_released,
    deployed_to: [...new Set(deploys.map(({ environment }) => environment))],
  };
}
