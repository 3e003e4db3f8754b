import { sql, type Kysely } from "kysely";
import { deltaColumns } from "../columns.ts";
import { appendOnly, bytesType, spareRoom, withoutRowid } from "../dialect.ts";
import { countedBytes } from "../counted-bytes.ts";
import { fullText } from "../full-text.ts";
import type { EngineKind } from "../engine.ts";

/**
 * The first schema. Plain SQL that both engines read; every primary key of tenant data begins with
 * project_id. Each look-up of the decision path, of intake and of a list's first page has its index:
 * test/query-plans holds that.
 */
export async function up<DB>(db: Kysely<DB>, kind: EngineKind): Promise<void> {
  const bytes = bytesType(kind);
  const compact = withoutRowid(kind);
  const changing = spareRoom(kind);
  const delta = sql.raw(deltaColumns());
  const statements = [
    sql`create table project (project_id text primary key, title text not null, dsn_id text not null unique, public_key text not null,
      key_at bigint not null, created_at bigint not null, deletes_at bigint)`,
    sql`create table project_key (project_id text not null, public_key text not null, created_at bigint not null, ends_at bigint, primary key (project_id, public_key))`,
    sql`create table project_retention (project_id text primary key, change text not null)`,

    // What went wrong.
    sql`create table fault (project_id text not null, fault_id text not null, status text not null, level text not null, title text not null, culprit text not null,
      fingerprints text not null, count bigint not null, first_seen bigint not null, last_seen bigint not null, resolved_at bigint, version bigint not null,
      resolved_next bigint not null default 0, snoozed_until bigint, snoozed_count bigint, assignee text, first_release text not null default '', regressed_in text,
      merged_into text, merged_count bigint not null default 0, trend double precision not null default 0, users bigint not null default 0,
      tidy_at bigint, hours_to bigint not null default 0, days_to bigint not null default 0, thinned bigint not null default 0, error_class text not null default '', template text not null default '',
      primary key (project_id, fault_id))`,
    sql`create unique index fault_by_id on fault (fault_id)`,
    // A page of faults is read along an index, however many there are; merged ones are few and stand apart.
    sql`create index fault_listed on fault (last_seen, fault_id) where merged_into is null`,
    // And so are the other orders.
    sql`create index fault_assigned on fault (assignee) where assignee is not null`,
    sql`create index fault_by_first on fault (first_seen, fault_id) where merged_into is null`,
    sql`create index fault_by_count on fault ((count + merged_count), fault_id) where merged_into is null`,
    sql`create index fault_by_trend on fault (trend, fault_id) where merged_into is null`,
    sql`create index fault_by_users on fault (users, fault_id) where merged_into is null`,
    sql`create index fault_by_activity on fault (project_id, last_seen, fault_id)`,
    sql`create index fault_by_status on fault (status, project_id) where merged_into is null`,
    sql`create index fault_by_merge on fault (merged_into, project_id, fault_id) where merged_into is not null`,
    // Few, so that looking among them costs next to nothing.
    sql`create index fault_merged on fault (fault_id, merged_into) where merged_into is not null`,
    // What ages is found by these, and never by looking at all faults.
    sql`create index fault_to_tidy on fault (tidy_at) where tidy_at is not null`,
    sql`create index fault_expiring on fault (project_id, last_seen) where status in ('resolved', 'muted') and merged_into is null`,
    sql`create index fault_by_worth on fault (project_id, status, thinned, fault_id)`,
    // What is new in a release, and what came back with it.
    sql`create index fault_by_release on fault (project_id, first_release) where merged_into is null and first_release <> ''`,
    sql`create index fault_by_regression on fault (project_id, regressed_in) where merged_into is null and regressed_in is not null`,
    // What people said about it, with what it had before, so that it can be taken back.
    sql`create table fault_change (project_id text not null, change_id text not null, fault_id text not null, at bigint not null, by_actor text not null, action text not null,
      text text, next_release bigint not null, until bigint, events bigint, before text, undone_at bigint, primary key (project_id, change_id))`,
    sql`create unique index fault_change_by_id on fault_change (change_id)`,
    sql`create index fault_change_by_fault on fault_change (project_id, fault_id, change_id)`,
    sql`create table fault_key (project_id text not null, fingerprint text not null, fault_id text not null, seen bigint not null, how text not null default 'first',
      detail text not null default '[]', parts text not null default '[]', trace text, primary key (project_id, fingerprint)) ${compact}`,
    sql`create index fault_key_by_fault on fault_key (project_id, fault_id)`,
    sql`create table delta (${delta}, second bigint not null,
      primary key (project_id, fault_id, second, release, environment, level, source, trust, target, origin)) ${compact}`,
    // Failures of one target within a window; few events name a target, so few rows stand in it.
    sql`create index delta_by_target on delta (project_id, target, trust, second) where target <> ''`,
    sql`create table digest_queue (queue_id text primary key, ${delta}, event_id text not null, title text not null, culprit text not null, error_class text not null, template text not null, fingerprints text not null,
      users text not null default '')`,
    sql`create index digest_by_target on digest_queue (project_id, target) where target <> ''`,
    sql`create table event_seen (project_id text not null, event_id ${bytes} not null, fault_id ${bytes} not null, seen_at bigint not null, primary key (project_id, event_id)) ${compact}`,
    // Forgotten by age and by number, a project at a time.
    sql`create index seen_by_age on event_seen (project_id, seen_at)`,
    sql`create table event_sample (project_id text not null, fault_id text not null, slot text not null, event_id text not null, received_at bigint not null, bytes bigint not null,
      body text not null, redactions text not null, primary key (project_id, fault_id, slot))`,
    // What people filter by: releases, environments, users, tags and the like that a fault was seen with.
    sql`create table fault_facet (project_id text not null, fault_id text not null, name text not null, value text not null, primary key (project_id, fault_id, name, value)) ${compact}`,
    sql`create index facet_by_value on fault_facet (name, value, fault_id)`,
    // Faults whose words are to be written anew.
    sql`create table search_due (project_id text not null, fault_id text not null, primary key (project_id, fault_id)) ${compact}`,
    sql`create table saved_view (view_id text primary key, name text not null unique, filter text not null, created_at bigint not null)`,
    // What a project's rows take, by several rows so that servers seldom wait for each other.
    sql`create table project_bytes (project_id text not null, shard bigint not null, bytes bigint not null, primary key (project_id, shard))`,
    sql`create table flush (node_id text primary key, seq bigint not null)`,
    sql`create table tally_hour (project_id text not null, reason text not null, hour bigint not null, count bigint not null, primary key (project_id, reason, hour))`,
    sql`create table grouping_rule (project_id text not null, rule_id text not null, condition text not null, group_as text not null, created_at bigint not null,
      primary key (project_id, rule_id))`,
    // An empty text says that the map has no such key.
    sql`create table source_map (project_id text not null, map_id text not null, debug_id text not null, release text not null, file text not null,
      map text not null, bytes bigint not null, created_at bigint not null, primary key (project_id, map_id))`,
    sql`create table source_map_use (project_id text not null, map_id text not null, used_at bigint not null, primary key (project_id, map_id))`,
    sql`create index source_map_by_use on source_map_use (project_id, used_at)`,
    // Releases as events name them.
    sql`create table release_seen (project_id text not null, version text not null, first_at bigint not null, last_at bigint not null, events bigint not null,
      primary key (project_id, version))`,
    sql`create index release_seen_by_end on release_seen (project_id, last_at)`,
    sql`create table announced_release (project_id text not null, version text not null, created_at bigint not null, date_released text, deploys text not null,
      primary key (project_id, version))`,

    // What is looked at, and what was found; a look that is due is taken with a lease.
    sql`create table probe_state (project_id text not null, name text not null, place text not null, kind text not null, target text not null, settings text not null,
      every_ms bigint not null, timeout_ms bigint not null, failures_needed bigint not null, critical_bypass bigint not null, status text not null, category text not null,
      detail text not null, measured text not null, since bigint not null, failures bigint not null, checked_at bigint, due_at bigint not null, leased_until bigint not null,
      node_id text not null, fence bigint not null, strip text not null, strip_at bigint not null, changes text not null, told text not null, primary key (project_id, name))`,
    sql`create index probe_by_due on probe_state (place, due_at)`,
    sql`create index probe_by_target on probe_state (project_id, target)`,
    // What says by itself that it lives; look_at is when somebody looks whether it did.
    sql`create table heartbeat (project_id text not null, name text not null, place text not null, came_from text not null, target text not null, every_ms bigint, cron text,
      time_zone text not null, grace_ms bigint not null, max_runtime_ms bigint, key_sha256 text unique, status text not null, category text not null, detail text not null,
      since bigint not null, heard_at bigint, started_at bigint, took_ms bigint, said text not null, due_at bigint, look_at bigint, strip text not null, strip_at bigint not null,
      changes text not null, told text not null, primary key (project_id, name))`,
    sql`create index heartbeat_by_target on heartbeat (project_id, target)`,
    sql`create index heartbeat_by_look on heartbeat (look_at) where look_at is not null`,

    // Which processes live, and which of them does what only one may do.
    sql`create table node (node_id text primary key, place text not null, started_at bigint not null, heard_at bigint not null)`,
    sql`create table lease (name text primary key, node_id text not null, until_at bigint not null)`,
    // Counts up with every change of what processes keep in memory.
    sql`create table generation (name text primary key, value bigint not null)`,
    sql`create table work (project_id text not null, work_id text not null, kind text not null, lane bigint not null, payload text not null, due_at bigint not null,
      leased_until bigint not null, fence bigint not null, tries bigint not null, primary key (project_id, work_id))`,
    sql`create index work_by_due on work (lane, due_at, work_id)`,
    sql`create index work_by_kind on work (kind, due_at)`,

    // Behind the leaf's hash what a person finds an entry by; it says nothing that the entry does not say.
    sql`create table ledger (idx bigint primary key, entry text not null, leaf_hash text not null, type text, actor text, fault text, about text)`,
    sql`create index ledger_by_type on ledger (type, idx)`,
    sql`create index ledger_by_actor on ledger (actor, idx) where actor is not null`,
    sql`create index ledger_by_fault on ledger (fault, idx) where fault is not null`,
    sql`create index ledger_by_story on ledger (about, idx) where about is not null`,
    sql`create table ledger_head (id bigint primary key, size bigint not null, root text not null, frontier text not null)`,
    // Ledgers of others, whose past this one watches.
    sql`create table witness_origin (origin text primary key, size bigint not null, root text not null, seen_at bigint not null)`,

    // What may be done about it, and what was.
    sql`create table self_heal_triggers (project_id text not null, trigger_id text not null, condition text not null, target text not null, acts_on text, allows_public bigint not null, logs_all bigint not null default 0, removed bigint not null default 0, configured bigint not null default 0, policy text not null, version bigint not null,
      changed bigint not null, created_at bigint not null, primary key (project_id, trigger_id))`,
    sql`create index trigger_by_change on self_heal_triggers (changed)`,
    sql`create index trigger_by_target on self_heal_triggers (project_id, target)`,
    // Why policy does nothing for a while. An empty trigger stands for the whole project; project '*' for all, an empty target for all of them.
    sql`create table pause (project_id text not null, pause_id text not null, trigger_id text not null, reason text not null, owner text not null, since bigint not null, until_at bigint,
      lifted_at bigint, audit_log_id bigint not null references ledger (idx), primary key (project_id, pause_id))`,
    sql`create unique index pause_by_id on pause (pause_id)`,
    sql`create unique index pause_in_force on pause (project_id, trigger_id, reason) where lifted_at is null`,
    // Every decision asks for what stands: what is over by itself is not even walked over.
    sql`create index pause_standing on pause (project_id, trigger_id, (coalesce(until_at, 9007199254740991))) where lifted_at is null`,
    sql`create table maintenance (project_id text not null, window_id text not null, target text not null, spec text not null, reason text not null, owner text not null, created_at bigint not null,
      closes_at bigint, ended_at bigint, audit_log_id bigint not null references ledger (idx), primary key (project_id, window_id))`,
    sql`create unique index maintenance_by_id on maintenance (window_id)`,
    sql`create index maintenance_standing on maintenance (project_id, target, (coalesce(closes_at, 9007199254740991))) where ended_at is null`,
    sql`create table storm (project_id text not null, trigger_id text not null, since bigint not null, until_at bigint not null, targets text not null, primary key (project_id, trigger_id))`,
    sql`create table trigger_hour (project_id text not null, trigger_id text not null, hour bigint not null, evaluated bigint not null, held bigint not null, fired bigint not null,
      primary key (project_id, trigger_id, hour))`,
    sql`create index trigger_hour_by_age on trigger_hour (hour)`,
    sql`create table trigger_evaluation (project_id text not null, trigger_id text not null, evaluation_id text not null, at bigint not null, held bigint not null, fault_id text not null,
      target text not null, source text not null, trust text not null, level text not null, count bigint not null, primary key (project_id, trigger_id, evaluation_id)) ${compact}`,
    sql`create index trigger_evaluation_by_age on trigger_evaluation (at)`,
    sql`create table grant_policy (project_id text not null, grant_id text not null, policy text not null, key_sha256 text not null unique, created_at bigint not null, expires_at bigint,
      revoked_at bigint, primary key (project_id, grant_id))`,
    sql`create table self_heal_attempts (project_id text not null, attempt_id text not null, subject_kind text not null, subject_id text not null, trigger_id text, fault_id text,
      target text not null, action text, args text not null, because_kind text not null, because_id text not null, cause text, state text not null, refusal text, refusal_detail text,
      verification text, count bigint not null, node_id text, fence bigint not null, rung bigint not null default 0, audit_log_id bigint not null references ledger (idx),
      created_at bigint not null, not_before bigint, started_at bigint, ended_at bigint, verify_at bigint, verified_at bigint, version bigint not null,
      primary key (project_id, attempt_id))${changing}`,
    sql`create unique index attempt_by_id on self_heal_attempts (attempt_id)`,
    sql`create index attempt_listed on self_heal_attempts (created_at, attempt_id)`,
    sql`create index attempt_by_project on self_heal_attempts (project_id, created_at, attempt_id)`,
    sql`create index attempt_by_trigger on self_heal_attempts (project_id, trigger_id, created_at, attempt_id)`,
    sql`create index attempt_by_target on self_heal_attempts (project_id, target, created_at, attempt_id)`,
    sql`create index attempt_by_fault on self_heal_attempts (fault_id, created_at, attempt_id)`,
    sql`create index attempt_by_because on self_heal_attempts (because_id)`,
    // What counts for budgets: one index a scope, without the refusals. No index names the state: beginning an attempt changes none of them.
    sql`create index spent_by_trigger on self_heal_attempts (project_id, trigger_id, subject_kind, created_at) where refusal is null`,
    sql`create index spent_by_target on self_heal_attempts (project_id, target, subject_kind, created_at) where refusal is null`,
    sql`create index spent_by_project on self_heal_attempts (project_id, subject_kind, created_at) where refusal is null`,
    sql`create index spent_by_all on self_heal_attempts (subject_kind, created_at) where refusal is null`,
    sql`create index fence_of_target on self_heal_attempts (project_id, target, fence) where refusal is null`,
    sql`create index attempt_active on self_heal_attempts (project_id, target, attempt_id) where ended_at is null`,
    sql`create index active_by_trigger on self_heal_attempts (project_id, trigger_id) where ended_at is null`,
    sql`create index attempt_watched on self_heal_attempts (project_id, target, attempt_id) where verification = 'watching'`,
    sql`create index refusal_shared on self_heal_attempts (project_id, subject_id, refusal, created_at) where refusal is not null`,
    sql`create table permit (project_id text not null, permit_id text not null, attempt_id text not null, action text not null, target text not null, args text not null,
      args_sha256 text not null, fence bigint not null, not_before bigint not null, expires_at bigint not null, redeemed_at bigint, primary key (project_id, permit_id),
      foreign key (project_id, attempt_id) references self_heal_attempts (project_id, attempt_id))`,
    sql`create unique index permit_by_id on permit (permit_id)`,
    sql`create unique index permit_by_attempt on permit (project_id, attempt_id)`,
    sql`create table escalation_attempts (project_id text not null, escalation_id text not null, trigger_id text, asker text not null, episode text not null, fault_id text, target text not null,
      reason text not null, cause text, args text, status text not null, options text not null, default_decision text not null, decision text, decided_by text, requested_by text, opened_at bigint not null,
      expires_at bigint not null, decided_at bigint, approved_until bigint, note text, hold text, held_by text, held_until bigint, failures_since bigint not null, version bigint not null, audit_log_id bigint not null references ledger (idx),
      primary key (project_id, escalation_id))`,
    sql`create unique index escalation_by_id on escalation_attempts (escalation_id)`,
    // One question per episode: the database itself refuses a second open one.
    sql`create unique index escalation_open on escalation_attempts (project_id, episode) where status = 'open'`,
    sql`create index escalation_asked on escalation_attempts (opened_at, escalation_id) where status = 'open'`,
    sql`create index escalation_listed on escalation_attempts (opened_at, escalation_id)`,
    sql`create index escalation_by_target on escalation_attempts (project_id, target, opened_at)`,
    sql`create index escalation_by_fault on escalation_attempts (fault_id, opened_at)`,
    // A person's yes that came before its question: kept, used once, or over.
    sql`create table approval (project_id text not null, approval_id text not null, trigger_id text, action text not null, target text not null, args text not null, args_sha256 text not null,
      reason text not null, given_by text not null, given_at bigint not null, expires_at bigint not null, status text not null, escalation_id text, ended_by text, ended_at bigint,
      audit_log_id bigint not null references ledger (idx), primary key (project_id, approval_id))`,
    sql`create unique index approval_by_id on approval (approval_id)`,
    sql`create unique index approval_waiting on approval (project_id, target, action, coalesce(trigger_id, '')) where status = 'waiting'`,
    sql`create index approval_listed on approval (given_at, approval_id)`,
    // One open for each fault, or for each target where there is none: the database itself refuses a second.
    sql`create table corrective_sprint_log (project_id text not null, sprint_id text not null, subject text not null, trigger_id text, fault_id text, target text not null, reason text not null,
      brief text not null, opened_at bigint not null, closed_at bigint, closed_by text, close_reason text, audit_log_id bigint not null references ledger (idx), primary key (project_id, sprint_id))`,
    sql`create unique index sprint_by_id on corrective_sprint_log (sprint_id)`,
    sql`create unique index sprint_open on corrective_sprint_log (project_id, subject) where closed_at is null`,
    sql`create index sprint_listed on corrective_sprint_log (opened_at, sprint_id)`,
    // A person's widening of a trigger's budgets, for so many attempts and until then.
    sql`create table budget_override (project_id text not null, override_id text not null, trigger_id text not null, extra bigint not null, taken bigint not null, reason text not null, by_actor text not null,
      created_at bigint not null, expires_at bigint not null, audit_log_id bigint not null references ledger (idx), primary key (project_id, override_id))`,
    sql`create index override_left on budget_override (project_id, trigger_id, expires_at) where taken < extra`,
    // How far an envelope is trusted, and what came of its fixes.
    sql`create table envelope_stage (project_id text not null, probe text not null, stage text not null, held bigint not null, not_held bigint not null, moved_at bigint, moved_by text, reason text,
      audit_log_id bigint references ledger (idx), primary key (project_id, probe))`,
    // What made-up failures came to; of themselves nothing is left.
    sql`create table drill_run (project_id text not null, drill_id text not null, trigger_id text not null, trigger_version bigint not null, at bigint not null, by_actor text not null,
      verdict text not null, refusal text, detail text, action text, target text not null, proves bigint not null, took_ms bigint not null, audit_log_id bigint not null references ledger (idx),
      primary key (project_id, drill_id))`,
    sql`create index drill_that_proves on drill_run (project_id, trigger_id, at) where proves = 1`,
    // Somebody came back and has seen all that was left for them.
    sql`create table away_review (review_id text primary key, scope text not null, since bigint not null, at bigint not null, by_actor text not null, unresolved bigint not null,
      audit_log_id bigint not null references ledger (idx))`,
    sql`create index away_review_by_scope on away_review (scope, at)`,
    // What people are told.
    sql`create table notify_outbox (project_id text not null, message_id text not null, kind text not null, subject text not null, level text not null, told_at bigint not null,
      routed_at bigint, primary key (project_id, message_id))`,
    sql`create index outbox_waiting on notify_outbox (told_at, message_id) where routed_at is null`,
    sql`create index outbox_by_age on notify_outbox (routed_at)`,
    sql`create table notify_delivery (project_id text not null, message_id text not null, channel text not null, kind text not null, subject text not null, level text not null,
      state text not null, told_at bigint not null, due_at bigint not null, sent_at bigint, tries bigint not null, error text, within text, primary key (project_id, message_id, channel))`,
    sql`create unique index delivery_by_message on notify_delivery (message_id, channel)`,
    sql`create index delivery_listed on notify_delivery (told_at, message_id, channel)`,
    sql`create index delivery_by_channel on notify_delivery (channel, told_at)`,
    sql`create index delivery_by_subject on notify_delivery (subject, told_at)`,
    sql`create index delivery_over on notify_delivery (channel) where state = 'digest'`,
    sql`create index delivery_within on notify_delivery (within, told_at) where within is not null`,
    sql`create table notify_hour (channel text not null, hour bigint not null, used bigint not null, primary key (channel, hour))`,
    sql`create table switch (project_id text not null, name text not null, is_on bigint not null, since bigint not null, changed_by text not null, primary key (project_id, name))`,
    sql`create table supervised (project_id text not null, run_id text not null, target text not null, state text not null, pid bigint, since bigint not null, started_again bigint not null,
      crashed_at bigint, exit_code bigint, signal text, node_id text not null, heard_at bigint not null, primary key (project_id, run_id))`,
    sql`create unique index supervised_by_id on supervised (run_id)`,
    sql`create index supervised_by_target on supervised (project_id, target, run_id)`,
    sql`create index supervised_current on supervised (project_id, target, run_id) where state <> 'gone'`,

    // What was heard, tried, found and told, joined by the session that began it.
    sql`create table audit_event (project_id text not null, event_id text not null, emitted_at bigint not null, seam text not null, caller_session_id text not null,
      source text not null, about text, dm_status text, details text not null, primary key (project_id, event_id))`,
    sql`create unique index audit_by_id on audit_event (event_id)`,
    sql`create index audit_by_session on audit_event (caller_session_id, emitted_at, event_id)`,
    sql`create index audit_by_about on audit_event (about, caller_session_id) where about is not null`,
    sql`create index audit_by_told on audit_event (dm_status, event_id) where dm_status is not null`,

    // When somebody was last asked to look into one sort of failure of a probe, and what asking a model has cost, by call.
    sql`create table investigation_wake (project_id text not null, probe text not null, category text not null, woken_at bigint not null,
      primary key (project_id, probe, category))`,
    sql`create table model_use (project_id text not null, session_id text not null, call_id text not null, used_at bigint not null, model text not null,
      input_tokens bigint not null, output_tokens bigint not null, cost_micros bigint not null, primary key (project_id, session_id, call_id))`,
    sql`create index model_use_by_day on model_use (used_at)`,
    sql`create index model_use_by_project on model_use (project_id, used_at)`,

    // Who may do what. project_id '*' stands for all, and for what belongs to none.
    sql`create table person (person_id text primary key, name text not null unique, email text, state text not null, created_at bigint not null,
      password text, totp_secret text, totp_step bigint not null default 0, totp_wanted text)`,
    sql`create unique index person_by_email on person (email) where email is not null`,
    sql`create table person_role (project_id text not null, person_id text not null, role text not null, primary key (project_id, person_id))`,
    sql`create index role_by_person on person_role (person_id)`,
    sql`create table invitation (invitation_id text primary key, code_hash text not null unique, person_id text not null, created_at bigint not null, created_by text not null, expires_at bigint not null)`,
    sql`create index invitation_by_end on invitation (expires_at)`,
    sql`create index invitation_by_person on invitation (person_id)`,
    sql`create table personal_token (token_id text primary key, token_hash text not null unique, person_id text not null, title text not null, effects text not null, project_id text,
      created_at bigint not null, expires_at bigint, used_at bigint)`,
    sql`create index personal_token_by_person on personal_token (person_id)`,
    sql`create index personal_token_by_end on personal_token (expires_at) where expires_at is not null`,
    sql`create table recovery_code (person_id text not null, code_hash text not null, primary key (person_id, code_hash))`,
    sql`create table passkey (credential_id text primary key, person_id text not null, title text not null, public_key text not null, counter bigint not null,
      created_at bigint not null, used_at bigint)`,
    sql`create index passkey_by_person on passkey (person_id)`,
    // What somebody was asked and must answer once: of passkeys, and of other providers.
    sql`create table challenge (challenge_hash text primary key, kind text not null, data text not null, expires_at bigint not null)`,
    sql`create index challenge_by_end on challenge (expires_at)`,
    sql`create table identity (issuer text not null, subject text not null, person_id text not null, primary key (issuer, subject))`,
    sql`create index identity_by_person on identity (person_id)`,
    sql`create table session (token_hash text primary key, session_id text not null unique, person_id text, way text not null, browser text not null, address text not null,
      created_at bigint not null, seen_at bigint not null, expires_at bigint not null)`,
    sql`create index session_by_person on session (person_id)`,
    sql`create table sign_in_code (code_hash text primary key, person_id text, way text not null, expires_at bigint not null)`,
    sql`create index session_by_end on session (expires_at)`,
    sql`create index sign_in_code_by_end on sign_in_code (expires_at)`,

    // Programs above the core. What is installed is the installation's; what it may, did and keeps is a project's.
    sql`create table plugin (plugin_id text primary key, name text not null, origin text not null, namespace text not null, digest text not null,
      installed_at bigint not null, updated_at bigint not null, by_actor text not null)`,
    sql`create unique index plugin_by_origin on plugin (name, origin)`,
    sql`create index plugin_by_namespace on plugin (namespace)`,
    sql`create table plugin_artifact (plugin_id text not null, digest text not null, version text not null, manifest_digest text not null, tree_digest text not null, manifest text not null,
      source text not null, signature text, bundler text not null, bytes bigint not null, added_at bigint not null, primary key (plugin_id, digest))`,
    // By name and origin, so that it outlives updates and removals.
    sql`create table plugin_disabled (name text not null, origin text not null, since bigint not null, reason text not null, by_actor text not null, primary key (name, origin))`,
    sql`create table plugin_trust (project_id text not null, plugin_id text not null, digest text not null, scope text not null, resources text not null, reason text,
      granted_by text not null, granted_at bigint not null, expires_at bigint, primary key (project_id, plugin_id, digest, scope))`,
    sql`create table plugin_invocation (project_id text not null, invocation_id text not null, plugin_id text not null, digest text not null, command text not null, via text not null,
      by_actor text not null, confirmed bigint not null, state text not null, admitted_at bigint not null, ended_at bigint, deadline bigint not null, calls text not null, refusal text,
      detail text, progress text, argv_summary text, parked_with text, node_id text not null, engine text, audit_log_id bigint, primary key (project_id, invocation_id))`,
    sql`create unique index invocation_by_id on plugin_invocation (invocation_id)`,
    sql`create index invocation_by_plugin on plugin_invocation (plugin_id, project_id, admitted_at, invocation_id)`,
    sql`create index invocation_by_age on plugin_invocation (ended_at) where ended_at is not null`,
    sql`create index invocation_under_way on plugin_invocation (node_id, invocation_id) where ended_at is null`,
    sql`create table plugin_use (project_id text not null, plugin_id text not null, scope text not null, hour bigint not null, allowed bigint not null, refused bigint not null, last_at bigint not null,
      primary key (project_id, plugin_id, scope, hour))`,
    sql`create index plugin_use_by_age on plugin_use (hour)`,
    sql`create table plugin_state (project_id text not null, plugin_id text not null, name text not null, value text not null, bytes bigint not null, updated_at bigint not null,
      primary key (project_id, plugin_id, name))`,
    sql`create table filing (filing_id text primary key, project_id text not null, place text not null, name text not null, fault_id text, title text, number bigint, url text,
      first_at bigint not null, filed_at bigint, tried_at bigint, draft text, asked bigint not null, refused text, holder text, held_until bigint)`,
    sql`create index filing_waits on filing (first_at) where draft is not null`,
    sql`create table waiting_comment (project_id text not null, place text not null, issue bigint not null, marker text not null, body text not null, version bigint not null,
      first_at bigint not null, holder text, held_until bigint, primary key (project_id, place, issue, marker))`,
    // Until when nothing is asked at a place outside, by the place's own word.
    sql`create table outside_wait (place text primary key, until bigint not null, reason text not null, times bigint not null, noted_at bigint not null)`,
    sql`create unique index filing_once on filing (project_id, place, name)`,
    sql`create index filing_by_time on filing (first_at, filing_id)`,
    sql`create table promotion (project_id text not null, fault_id text not null, status text not null, since bigint not null, private_filing text, public_filing text,
      told_count bigint not null, told_at bigint, asked_at bigint, refused_at bigint, reproduced_at bigint, fix_release text, fix_pull text, fix_said_at bigint, fixed_at bigint,
      trouble text, retry_at bigint, primary key (project_id, fault_id))`,
    sql`create index promotion_unfiled on promotion (project_id, fault_id) where private_filing is null`,
    // By digest, so that nothing of what was delivered is kept.
    sql`create table delivery_seen (project_id text not null, delivery_sha256 text not null, until bigint not null, primary key (project_id, delivery_sha256))`,
    sql`create index delivery_by_age on delivery_seen (until)`,
    ...fullText(kind),
    ...appendOnly(kind, "ledger"),
    ...countedBytes(kind),
  ];
  for (const statement of statements) await statement.execute(db);
}
