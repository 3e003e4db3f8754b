import { createWriter, type Engine } from "@prunella/kernel";
import { sql, type RawBuilder } from "kysely";
import { AT_ALL_TIMES } from "@prunella/contract";
import type { Trigger } from "@prunella/contract";

export interface Sizes {
  readonly deltas: number;
  readonly triggers: number;
  readonly attempts: number;
}

/** Of programs that nobody starts. */
export const pastTarget = (at: number): string => `program:past-${at}`;
const PAST_TARGETS = 10_000;
/** Rows in one statement: memory stays small, and a statement short. */
const ROWS = 100_000;

/** A budget and a ceiling in every scope and a debounce that has to count: the dearest facts there are. */
export const demandingTrigger = (at: number): Trigger => ({
  id: `past-${at}`,
  project_id: "default",
  condition: { target: pastTarget(at), level: "error" },
  target: null,
  remedies: [{ action: "restart", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 10, window_ms: 3_600_000 },
  budgets: SCOPES.map((scope) => ({ scope, max: 20, window_ms: 3_600_000 })),
  ceilings: SCOPES.map((scope) => ({ scope, max: 5 })),
  backoff: { base_ms: 500, max_ms: 30_000 },
  verify_ms: 10_000,
  ...AT_ALL_TIMES,
  envelope: {
    enabled: true,
    actions: ["restart"],
    targets: [pastTarget(at)],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  version: 1,
});
const SCOPES = ["trigger", "target", "project", "global"] as const;

/**
 * Fills a database that a server has begun: a long history of events and attempts, and many triggers.
 * In few statements of many rows, because a history of a year cannot be had one event at a time.
 */
export async function seed(engine: Engine, sizes: Sizes, now: number): Promise<void> {
  const writer = createWriter(engine);
  const insert = (statement: RawBuilder<unknown>) => writer.run((tx) => statement.execute(tx.db));
  const second = Math.floor(now / 1000);

  // Each target failed a hundred times; the newest failures are a moment ago.
  for (let from = 0; from < sizes.deltas; from += ROWS)
    await insert(sql`insert into delta (project_id, fault_id, second, release, environment, level, source, trust, target, origin, count, first_at, last_at)
      with recursive row(at) as (select ${sql.lit(from)} union all select at + 1 from row where at + 1 < ${sql.lit(Math.min(sizes.deltas, from + ROWS))})
      select 'default', 'past-fault-' || cast(at % 1000 as text), ${sql.lit(second)} - at / 1000, '1.0.0', 'production', 'error', 'supervisor', 'local',
        'program:past-' || cast(at % ${sql.lit(PAST_TARGETS)} as text), '', 1, ${sql.lit(now)}, ${sql.lit(now)} from row`);

  for (let from = 0; from < sizes.triggers; from += 1_000) {
    const triggers = Array.from({ length: Math.min(1_000, sizes.triggers - from) }, (_, at) =>
      demandingTrigger(from + at),
    );
    await writer.run((tx) =>
      tx.db
        .insertInto("self_heal_triggers")
        .values(
          triggers.map((trigger) => ({
            project_id: trigger.project_id,
            trigger_id: trigger.id,
            condition: JSON.stringify(trigger.condition),
            target: trigger.condition.target ?? "",
            acts_on: null,
            removed: 0,
            configured: 0,
            allows_public: 0,
            logs_all: 0,
            policy: JSON.stringify(trigger),
            version: 1,
            changed: 1,
            created_at: now,
          })),
        )
        .execute(),
    );
  }
  await insert(sql`insert into generation (name, value) values ('triggers', 1)`);

  // A minute apart, each the answer to a failure; one in four was refused, and none is of the last hour.
  for (let from = 0; from < sizes.attempts; from += ROWS)
    await insert(sql`insert into self_heal_attempts (project_id, attempt_id, subject_kind, subject_id, trigger_id, fault_id, target, action, args, because_kind, because_id,
        cause, state, refusal, refusal_detail, verification, count, node_id, fence, audit_log_id, created_at, not_before, started_at, ended_at, verify_at, verified_at, version)
      with recursive row(at) as (select ${sql.lit(from)} union all select at + 1 from row where at + 1 < ${sql.lit(Math.min(sizes.attempts, from + ROWS))})
      select 'default', 'past-attempt-' || cast(at as text), 'trigger', 'past-' || cast(at % ${sql.lit(PAST_TARGETS)} as text), 'past-' || cast(at % ${sql.lit(PAST_TARGETS)} as text),
        'past-fault-' || cast(at % 1000 as text), 'program:past-' || cast(at % ${sql.lit(PAST_TARGETS)} as text), 'restart', '{}', 'evaluation', 'past-work-' || cast(at as text),
        null, case when at % 4 = 0 then 'refused' else 'succeeded' end, case when at % 4 = 0 then 'debounced' end, null, case when at % 4 = 0 then null else 'held' end, 1, null, 1, 0,
        ${sql.lit(now - 3_600_000)} - cast(at as bigint) * 60000, null, null, ${sql.lit(now)}, null, null, 1 from row`);
  await writer.close();
  if (engine.kind === "postgres") await sql`analyze`.execute(engine.writer);
}
