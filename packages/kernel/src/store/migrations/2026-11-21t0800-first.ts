import { sql, type Kysely } from "kysely";
import { appendOnly, bytesType, withoutRowid } from "../dialect.ts";
import type { EngineKind } from "../engine.ts";

/** The first schema. Plain SQL that both engines read; every primary key of tenant data begins with project_id. */
export async function up<DB>(db: Kysely<DB>, kind: EngineKind): Promise<void> {
  const bytes = bytesType(kind);
  const compact = withoutRowid(kind);
  const statements = [
    sql`create table project (project_id text primary key, title text not null, dsn_id text not null unique, public_key text not null, created_at bigint not null)`,

    sql`create table fault_key (project_id text not null, fingerprint text not null, fault_id text not null, seen bigint not null, primary key (project_id, fingerprint)) ${compact}`,
    sql`create table fault (project_id text not null, fault_id text not null, status text not null, level text not null, title text not null, culprit text not null,
      fingerprints text not null, count bigint not null, first_seen bigint not null, last_seen bigint not null, resolved_at bigint, version bigint not null, primary key (project_id, fault_id))`,
    sql`create index fault_by_activity on fault (project_id, last_seen, fault_id)`,
    sql`create unique index fault_by_id on fault (fault_id)`,
    sql`create table delta (project_id text not null, fault_id text not null, release text not null, environment text not null, level text not null, source text not null,
      trust text not null, target text not null, second bigint not null, count bigint not null, first_at bigint not null, last_at bigint not null,
      primary key (project_id, fault_id, second, release, environment, level, source, trust, target)) ${compact}`,
    sql`create table event_seen (project_id text not null, event_id ${bytes} not null, fault_id ${bytes} not null, seen_at bigint not null, primary key (project_id, event_id)) ${compact}`,
    sql`create table event_sample (project_id text not null, fault_id text not null, slot text not null, event_id text not null, received_at bigint not null, body text not null,
      redactions text not null, primary key (project_id, fault_id, slot))`,
    sql`create table digest_queue (queue_id text primary key, project_id text not null, fault_id text not null, release text not null, environment text not null, level text not null,
      source text not null, trust text not null, target text not null, count bigint not null, first_at bigint not null, last_at bigint not null, event_id text not null,
      title text not null, culprit text not null, fingerprints text not null)`,
    sql`create table flush (node_id text primary key, seq bigint not null)`,
    sql`create table work (project_id text not null, work_id text not null, kind text not null, payload text not null, due_at bigint not null, leased_until bigint not null, fence bigint not null,
      primary key (project_id, work_id))`,
    sql`create index work_by_due on work (due_at, work_id)`,

    sql`create table ledger (idx bigint primary key, entry text not null, leaf_hash text not null)`,
    sql`create table ledger_head (id bigint primary key, size bigint not null, root text not null, frontier text not null)`,

    sql`create table self_heal_triggers (project_id text not null, trigger_id text not null, target text not null, policy text not null, version bigint not null, created_at bigint not null,
      updated_at bigint not null, primary key (project_id, trigger_id))`,
    sql`create table trigger_hour (project_id text not null, trigger_id text not null, hour bigint not null, evaluated bigint not null, held bigint not null, fired bigint not null,
      primary key (project_id, trigger_id, hour))`,
    sql`create table self_heal_attempts (project_id text not null, attempt_id text not null, trigger_id text not null, fault_id text, target text not null, remedy text, authority text not null,
      state text not null, refusal text, refusal_detail text, verification text, count bigint not null, run_id text, fence bigint not null, audit_log_id bigint not null references ledger (idx),
      created_at bigint not null, not_before bigint, started_at bigint, ended_at bigint, verify_at bigint, verified_at bigint, version bigint not null,
      primary key (project_id, attempt_id))`,
    sql`create index attempt_by_trigger on self_heal_attempts (project_id, trigger_id, created_at)`,
    sql`create index attempt_by_fault on self_heal_attempts (project_id, fault_id, created_at)`,
    sql`create table permit (project_id text not null, permit_id text not null, attempt_id text not null, action text not null, target text not null, args_sha256 text not null, fence bigint not null,
      not_before bigint not null, expires_at bigint not null, redeemed_at bigint, primary key (project_id, permit_id),
      foreign key (project_id, attempt_id) references self_heal_attempts (project_id, attempt_id))`,
    sql`create table escalation_attempts (project_id text not null, escalation_id text not null, trigger_id text not null, fault_id text, target text not null, reason text not null,
      status text not null, options text not null, default_decision text not null, decision text, decided_by text, opened_at bigint not null, expires_at bigint not null, decided_at bigint,
      failures_since bigint not null, run_id text, version bigint not null, audit_log_id bigint not null references ledger (idx), primary key (project_id, escalation_id))`,
    // One question per episode: the database itself refuses a second open one.
    sql`create unique index escalation_open on escalation_attempts (project_id, trigger_id, target) where status = 'open'`,
    sql`create table corrective_sprint_log (project_id text not null, sprint_id text not null, trigger_id text not null, fault_id text, escalation_id text not null, brief text not null,
      opened_at bigint not null, primary key (project_id, sprint_id))`,
    sql`create table switch (project_id text not null, name text not null, is_on bigint not null, since bigint not null, changed_by text not null, primary key (project_id, name))`,
    sql`create table supervised (project_id text not null, run_id text not null, target text not null, state text not null, pid bigint, since bigint not null, restarts bigint not null,
      primary key (project_id, run_id))`,
    sql`create table tally_hour (project_id text not null, reason text not null, hour bigint not null, count bigint not null, audit_log_id bigint, primary key (project_id, reason, hour))`,

    sql`create table session (token_hash text primary key, created_at bigint not null, expires_at bigint not null)`,
    sql`create table sign_in_code (code_hash text primary key, expires_at bigint not null)`,
    ...appendOnly(kind, "ledger"),
  ];
  for (const statement of statements) await statement.execute(db);
}
