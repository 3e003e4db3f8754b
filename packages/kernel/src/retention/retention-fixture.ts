import { RetentionConfig } from "@prunella/contract";
import { sql } from "kysely";
import { createWriter, type Writer } from "../store/writer.ts";
import type { Engine } from "../store/engine.ts";
import type { Tidying } from "../nodes/housekeeping.ts";
import type { Tables } from "../store/tables.ts";
import { createRetention } from "./retention.ts";
import { retentionOf, type PolicyOf } from "./policy.ts";

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** The defaults, but for what is given. */
export const configWith = (given: Partial<RetentionConfig> = {}): RetentionConfig => ({
  ...RetentionConfig.parse({}),
  ...given,
});
export const policyWith = (given: Partial<RetentionConfig> = {}): PolicyOf => retentionOf(configWith(given));

export const aFault = (faultId: string, given: Partial<Tables["fault"]> = {}): Tables["fault"] => ({
  project_id: "default",
  fault_id: faultId,
  status: "open",
  level: "error",
  title: "Error: it failed",
  culprit: "",
  fingerprints: JSON.stringify({ strict: "0".repeat(32), loose: "0".repeat(32), by: "stack", version: 1, parts: [] }),
  count: 1,
  first_seen: 0,
  last_seen: 0,
  resolved_at: null,
  resolved_next: 0,
  snoozed_until: null,
  snoozed_count: null,
  assignee: null,
  first_release: "",
  regressed_in: null,
  version: 1,
  merged_into: null,
  merged_count: 0,
  tidy_at: 0,
  hours_to: 0,
  days_to: 0,
  thinned: 0,
  error_class: "",
  template: "",
  trend: 0,
  users: 0,
  ...given,
});

export const aDelta = (faultId: string, second: number, given: Partial<Tables["delta"]> = {}): Tables["delta"] => ({
  project_id: "default",
  fault_id: faultId,
  release: "",
  environment: "production",
  level: "error",
  source: "sentry",
  trust: "public",
  target: "",
  origin: "",
  count: 1,
  first_at: second * 1_000,
  last_at: second * 1_000 + 999,
  second,
  ...given,
});

export const aBody = (faultId: string, slot: string, receivedAt: number, body = "{}"): Tables["event_sample"] => ({
  project_id: "default",
  fault_id: faultId,
  slot,
  event_id: `${receivedAt}`.padStart(32, "0"),
  received_at: receivedAt,
  bytes: Buffer.byteLength(body),
  body,
  redactions: "{}",
});

/** Does one thing until there is no more of it, each step a unit; returns how many steps it took. */
export async function untilDone(writer: Writer, { step }: Tidying, now: number, most = 10_000): Promise<number> {
  for (let steps = 1; steps <= most; steps += 1) if (!(await writer.run((tx) => step(tx, now)))) return steps;
  throw new Error(`not done after ${most} steps`);
}

/** Tidies as housekeeping does. */
export async function tidy(engine: Engine, now: number, given: Partial<RetentionConfig> = {}): Promise<void> {
  const writer = createWriter(engine);
  for (const one of createRetention(configWith(given))) await untilDone(writer, one, now);
  await writer.close();
}

export const addProjectRow = (engine: Engine, id = "default") =>
  engine.writer
    .insertInto("project")
    .values({ project_id: id, title: id, dsn_id: id, public_key: id, key_at: 0, created_at: 0, deletes_at: null })
    .execute();

/** What the triggers of the database should say, counted anew. */
export async function countedAnew(engine: Engine, projectId: string): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`select
    (select coalesce(sum(240 + bytes + octet_length(redactions)), 0) from event_sample where project_id = ${projectId}) +
    (select coalesce(sum(180 + octet_length(release) + octet_length(environment) + 2 * octet_length(target)), 0) from delta where project_id = ${projectId}) +
    (select coalesce(sum(1500), 0) from fault where project_id = ${projectId}) +
    (select coalesce(sum(300 + octet_length(parts) + coalesce(octet_length(trace), 0)), 0) from fault_key where project_id = ${projectId}) +
    (select coalesce(sum(300 + coalesce(octet_length(text), 0)), 0) from fault_change where project_id = ${projectId}) +
    (select coalesce(sum(150 + 3 * bytes), 0) from fault_document where project_id = ${projectId}) +
    (select coalesce(sum(300 + bytes), 0) from source_map where project_id = ${projectId}) as bytes`.execute(
    engine.reader,
  );
  return Number(rows[0]?.bytes ?? -1);
}
