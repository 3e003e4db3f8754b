import { forgetFiled } from "../faults/forget-filed.ts";
import { sql } from "kysely";
import { SYSTEM } from "../actors.ts";
import { appendLedger } from "../ledger/append.ts";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { STEP_ROWS } from "./policy.ts";

/**
 * What of a project goes with it, in this order, each with the columns that tell its rows apart.
 * Fingerprints go first: an event on its way opens no fault that is half gone.
 */
export const GOES = {
  project_key: ["public_key"],
  fault_key: ["fingerprint"],
  digest_queue: ["queue_id"],
  delta: ["fault_id", "second", "release", "environment", "level", "source", "trust", "target", "origin"],
  event_sample: ["fault_id", "slot"],
  event_seen: ["event_id"],
  fault_change: ["change_id"],
  search_due: ["fault_id"],
  fault_facet: ["fault_id", "name", "value"],
  fault_document: ["fault_id"],
  fault: ["fault_id"],
  grouping_rule: ["rule_id"],
  source_map_use: ["map_id"],
  source_map: ["map_id"],
  announced_release: ["version"],
  release_seen: ["version"],
  self_heal_triggers: ["trigger_id"],
  trigger_hour: ["trigger_id", "hour"],
  trigger_evaluation: ["trigger_id", "evaluation_id"],
  storm: ["trigger_id"],
  audit_event: ["event_id"],
  investigation_wake: ["probe", "category"],
  model_use: ["session_id", "call_id"],
  personal_token: ["token_id"],
  person_role: ["person_id"],
  probe_state: ["name"],
  heartbeat: ["name"],
  project_retention: [],
  notify_outbox: ["message_id"],
  notify_delivery: ["message_id", "channel"],
  plugin_trust: ["plugin_id", "digest", "scope"],
  plugin_use: ["plugin_id", "scope", "hour"],
  plugin_state: ["plugin_id", "name"],
  plugin_invocation: ["invocation_id"],
  waiting_comment: ["place", "issue", "marker"],
  delivery_seen: ["delivery_sha256"],
  project_bytes: ["shard"],
} as const satisfies Partial<Record<keyof Tables, readonly string[]>>;

/** The record of what was done and decided, and what is about to end by itself. A test holds every table to one of the two lists. */
export const STAYS: readonly (keyof Tables)[] = [
  "project",
  "self_heal_attempts",
  "permit",
  "escalation_attempts",
  "approval",
  "corrective_sprint_log",
  "filing",
  "promotion",
  "budget_override",
  "drill_run",
  "envelope_stage",
  "grant_policy",
  "switch",
  "pause",
  "maintenance",
  "supervised",
  "tally_hour",
  "work",
];

/** Projects whose grace is over, a few rows a step. Their row stays, without title and key, so that no id is used twice. */
export const deletedProjects = (most = STEP_ROWS): Tidying => ({
  name: "deleted_projects",
  isRecorded: true,
  async step(tx, now, share = 1) {
    const limit = shareOf(most, share);
    const over = await tx.db
      .selectFrom("project")
      .select(["project_id", "public_key"])
      .where("deletes_at", "<=", now)
      .orderBy("deletes_at")
      .orderBy("project_id")
      .execute();
    for (const { project_id: id, public_key: key } of over) {
      if (key !== "") {
        // Nobody comes in any more before the first row goes.
        await tx.db.updateTable("project").set({ title: id, public_key: "" }).where("project_id", "=", id).execute();
        await appendLedger(tx, { v: 1, at: now, type: "project_changed", project: id, change: "deleted", by: SYSTEM });
        return true;
      }
      if (await takeSome(tx, id, limit)) return true;
    }
    return false;
  },
});

/** True when something went. */
async function takeSome(tx: Tx, projectId: string, limit: number): Promise<boolean> {
  // Nothing more of it is written outside.
  if ((await forgetFiled(tx, { projectId, limit })) > 0) return true;
  for (const [table, columns] of Object.entries(GOES)) {
    const own = sql.join(["project_id", ...columns].map((name) => sql.ref(name)));
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where (${own}) in
      (select ${own} from ${sql.table(table)} where project_id = ${projectId} limit ${limit})`.execute(tx.db);
    if ((numAffectedRows ?? 0n) > 0n) return true;
  }
  return false;
}

/** Keys whose overlap is over: they are refused already, and here their rows go. */
export const endedKeys: Tidying = {
  name: "ended_keys",
  async step(tx, now) {
    await tx.db.deleteFrom("project_key").where("ends_at", "<=", now).execute();
    return false;
  },
};
