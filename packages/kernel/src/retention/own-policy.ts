import { createHash } from "node:crypto";
import { RetentionChange, type Actor, type RetentionPolicy, type RetentionUse } from "@prunella/contract";
import type { Core } from "../core.ts";
import { appendLedger } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Tidying } from "../nodes/housekeeping.ts";
import { projectOf } from "../projects/projects.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { bytesOf } from "./project-cap.ts";
import { KEYS, type PolicyOf } from "./policy.ts";

type Change = Partial<RetentionPolicy>;

export interface OwnPolicies {
  /** What holds: what people changed, and the configuration for the rest. */
  readonly of: PolicyOf;
  /** Reads what other processes changed; the first of all that age. */
  readonly look: Tidying;
}

/** What people changed stands in the database and wins over the configuration, until they reset it. */
export function createOwnPolicies(configured: PolicyOf): OwnPolicies {
  let own = new Map<string, Change>();
  return {
    of: (projectId) => ({ ...configured(projectId), ...own.get(projectId) }),
    look: {
      name: "own_policies",
      async step(tx) {
        const rows = await tx.db.selectFrom("project_retention").selectAll().orderBy("project_id").execute();
        own = new Map(rows.map((row) => [row.project_id, parse(row.change)]));
        return false;
      },
    },
  };
}

async function readChange(db: Engine["reader"], projectId: string): Promise<Change> {
  const row = await db
    .selectFrom("project_retention")
    .select("change")
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return row ? parse(row.change) : {};
}

/** Only keys that have a value. */
function parse(text: string): Change {
  const parsed: Change = {};
  const given = RetentionChange.parse(JSON.parse(text));
  for (const key of KEYS) {
    const value = given[key];
    if (value !== undefined) parsed[key] = value;
  }
  return parsed;
}

async function write(tx: Tx, given: { projectId: string; now: number; change: Change; by: Actor }): Promise<void> {
  const { projectId, now, change, by } = given;
  await tx.db.deleteFrom("project_retention").where("project_id", "=", projectId).execute();
  const text = Object.keys(change).length === 0 ? null : canonicalJson(change);
  if (text !== null)
    await tx.db.insertInto("project_retention").values({ project_id: projectId, change: text }).execute();
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "retention_changed",
    project: projectId,
    policy_sha256: text === null ? null : createHash("sha256").update(text).digest("hex"),
    by,
  });
}

/** What holds for a project, what it takes, and what of it goes next. */
export function createRetentionByProject({ db, writer, clock, publish }: Core, configured: PolicyOf) {
  async function get(projectId: string): Promise<RetentionUse> {
    await projectOf(db, projectId, clock.now());
    const change = await readChange(db, projectId);
    const policy = { ...configured(projectId), ...change };
    const [bytes, faults, bodies, maps, quiet, body, map] = await Promise.all([
      bytesOf(db, projectId),
      countOf(db, "fault", projectId),
      countOf(db, "event_sample", projectId),
      countOf(db, "source_map", projectId),
      db
        .selectFrom("fault")
        .select("last_seen")
        .where("project_id", "=", projectId)
        .where("status", "in", ["resolved", "muted"])
        .where("merged_into", "is", null)
        .orderBy("last_seen")
        .limit(1)
        .executeTakeFirst(),
      db
        .selectFrom("event_sample")
        .select(({ fn }) => fn.min("received_at").as("at"))
        .where("project_id", "=", projectId)
        .executeTakeFirst(),
      db
        .selectFrom("source_map_use")
        .select(({ fn }) => fn.min("used_at").as("at"))
        .where("project_id", "=", projectId)
        .executeTakeFirst(),
    ]);
    const after = (at: number | null | undefined, ms: number): number | null =>
      at === null || at === undefined ? null : Number(at) + ms;
    return {
      policy,
      configured: configured(projectId),
      changed: KEYS.filter((key) => change[key] !== undefined),
      used: { bytes: Math.max(0, bytes), faults, bodies, source_maps: maps },
      next: {
        fault_at: after(quiet?.last_seen, policy.faults_ms),
        body_at: after(body?.at, policy.bodies_ms),
        source_map_at: after(map?.at, policy.source_maps_ms),
        over_cap: bytes > policy.project_bytes,
      },
    };
  }

  return {
    get,
    async set(given: {
      project: string;
      change: Change;
      reset: readonly (keyof RetentionPolicy)[];
      by: Actor;
    }): Promise<RetentionUse> {
      await writer.run(async (tx) => {
        const now = clock.now();
        const { project_id: projectId } = await projectOf(tx.db, given.project, now);
        const merged = { ...(await readChange(tx.db, projectId)) };
        for (const key of KEYS) {
          const value = given.change[key];
          if (given.reset.includes(key)) delete merged[key];
          if (value !== undefined) merged[key] = value;
        }
        await write(tx, { projectId, now, change: merged, by: given.by });
      });
      publish("ledger", "head");
      return get(given.project);
    },
  };
}

async function countOf(db: Engine["reader"], table: "fault" | "event_sample" | "source_map", projectId: string) {
  const row = await db
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
