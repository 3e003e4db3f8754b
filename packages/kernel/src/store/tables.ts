import type { FaultChange, FaultStatus, Level, Role } from "@prunella/contract";
import type { DeltaKey, DeltaSum } from "./columns.ts";
import type { HealingTables } from "./healing-tables.ts";
import type { NotifyTables } from "./notify-tables.ts";
import type { PluginTables } from "./plugin-tables.ts";
import type { WatchTables } from "./watch-tables.ts";

/** Rows as both engines return them: integers as numbers, JSON as text, hashes as lower-case hex. */
export interface Tables extends HealingTables, NotifyTables, PluginTables, WatchTables {
  project: {
    project_id: string;
    title: string;
    dsn_id: string;
    /** The one that is handed out, since `key_at`; empty once the project is deleted. */
    public_key: string;
    key_at: number;
    created_at: number;
    /** Somebody deleted it; from then on it is gone. */
    deletes_at: number | null;
  };
  /** Further keys that are taken, until `ends_at` where it has one. */
  project_key: { project_id: string; public_key: string; created_at: number; ends_at: number | null };
  /** `change`: JSON of what people set otherwise than the configuration. */
  project_retention: { project_id: string; change: string };
  fault_key: {
    project_id: string;
    fingerprint: string;
    fault_id: string;
    seen: number;
    how: "first" | "earlier" | "similar";
    detail: string;
    parts: string;
    trace: string | null;
  };
  grouping_rule: { project_id: string; rule_id: string; condition: string; group_as: string; created_at: number };
  source_map: {
    project_id: string;
    map_id: string;
    debug_id: string;
    release: string;
    file: string;
    map: string;
    bytes: number;
    created_at: number;
  };
  /** When a map was last read for an event, or came in. */
  source_map_use: { project_id: string; map_id: string; used_at: number };
  /** `deploys`: JSON. */
  announced_release: {
    project_id: string;
    version: string;
    created_at: number;
    date_released: string | null;
    deploys: string;
  };
  fault: {
    project_id: string;
    fault_id: string;
    status: FaultStatus;
    level: Level;
    title: string;
    culprit: string;
    fingerprints: string;
    count: number;
    first_seen: number;
    last_seen: number;
    resolved_at: number | null;
    /** 1: only a release that was not known at `resolved_at` brings it back. */
    resolved_next: number;
    snoozed_until: number | null;
    snoozed_count: number | null;
    assignee: string | null;
    /** Of the event that opened it; empty when it named none. */
    first_release: string;
    /** Of the event that brought it back last; null while nothing did. */
    regressed_in: string | null;
    version: number;
    merged_into: string | null;
    merged_count: number;
    /** Orders faults by how much they were seen lately; see faults/trend.ts. */
    trend: number;
    /** Different ones that its events named, counted up to a bound. */
    users: number;
    /** When something of it has aged; null when nothing will before its next event. */
    tidy_at: number | null;
    /** Seconds before which its deltas stand for whole hours, and for whole days. */
    hours_to: number;
    days_to: number;
    /** Of the event that opened it: what triggers compare; empty when it had none. */
    error_class: string;
    template: string;
    /** How far the project's cap has thinned it out; 0 when not at all since its last event. */
    thinned: number;
  };
  /** `before`: JSON of what the fault had; null for what changes nothing of it. */
  fault_change: {
    project_id: string;
    change_id: string;
    fault_id: string;
    at: number;
    by_actor: string;
    action: FaultChange["action"];
    text: string | null;
    next_release: number;
    until: number | null;
    events: number | null;
    before: string | null;
    undone_at: number | null;
  };
  /** A release as events name it. */
  release_seen: { project_id: string; version: string; first_at: number; last_at: number; events: number };
  delta: DeltaKey & DeltaSum & { second: number };
  event_seen: { project_id: string; event_id: Uint8Array; fault_id: Uint8Array; seen_at: number };
  event_sample: {
    project_id: string;
    fault_id: string;
    slot: string;
    event_id: string;
    received_at: number;
    /** Of the body, in UTF-8. */
    bytes: number;
    body: string;
    redactions: string;
  };
  digest_queue: DeltaKey &
    DeltaSum & {
      queue_id: string;
      event_id: string;
      title: string;
      culprit: string;
      error_class: string;
      template: string;
      fingerprints: string;
      /** JSON; empty when nobody is named. */ users: string;
    };
  /** `name`: `release`, `environment`, `source`, `target`, `user`, `server`, or `tag.` and a tag's key. */
  fault_facet: { project_id: string; fault_id: string; name: string; value: string };
  /** Plain words on SQLite, a tsvector on PostgreSQL; written and searched by store/full-text.ts alone. */
  fault_document: { project_id: string; fault_id: string; bytes: number };
  search_due: { project_id: string; fault_id: string };
  /** `filter`: JSON. */
  saved_view: { view_id: string; name: string; filter: string; created_at: number };
  project_bytes: { project_id: string; shard: number; bytes: number };
  flush: { node_id: string; seq: number };
  node: { node_id: string; place: string; started_at: number; heard_at: number };
  lease: { name: string; node_id: string; until_at: number };
  generation: { name: string; value: number };
  work: {
    project_id: string;
    work_id: string;
    kind: string;
    /** Lower lanes go first. */
    lane: number;
    payload: string;
    due_at: number;
    leased_until: number;
    fence: number;
    /** How often it failed. */
    tries: number;
  };
  /** `type`, `actor`, `fault` and `about` (an attempt or escalation) only find it; null where it has none. */
  ledger: {
    idx: number;
    entry: string;
    leaf_hash: string;
    type: string | null;
    actor: string | null;
    fault: string | null;
    about: string | null;
  };
  ledger_head: { id: number; size: number; root: string; frontier: string };
  /** The last that was cosigned of the ledgers that this one witnesses. `root` is hex. */
  witness_origin: { origin: string; size: number; root: string; seen_at: number };
  /** What the four streams say; `about`: the attempt or escalation that a row speaks of. `details`: scrubbed JSON. */
  audit_event: {
    project_id: string;
    event_id: string;
    emitted_at: number;
    seam: string;
    caller_session_id: string;
    source: string;
    about: string | null;
    dm_status: string | null;
    details: string;
  };
  investigation_wake: { project_id: string; probe: string; category: string; woken_at: number };
  /** What one call of a model took; the call's id is the program's. */
  model_use: {
    project_id: string;
    session_id: string;
    call_id: string;
    used_at: number;
    model: string;
    input_tokens: number;
    output_tokens: number;
    cost_micros: number;
  };
  /** `changed_by`: JSON of an actor. */
  switch: { project_id: string; name: "kill"; is_on: number; since: number; changed_by: string };
  supervised: {
    project_id: string;
    run_id: string;
    target: string;
    state: "running" | "waiting" | "stopped" | "gone";
    pid: number | null;
    since: number;
    started_again: number;
    /** The last crash of the name, also of the runs before. */
    crashed_at: number | null;
    exit_code: number | null;
    signal: string | null;
    /** The process that heard of it last, and when. */
    node_id: string;
    heard_at: number;
  };
  tally_hour: { project_id: string; reason: string; hour: number; count: number };
  person: {
    person_id: string;
    name: string;
    email: string | null;
    state: "invited" | "active" | "removed";
    created_at: number;
    /** How it was hashed, and the hash. */
    password: string | null;
    totp_secret: string | null;
    /** The last half minute whose code was taken: none is taken twice. */
    totp_step: number;
    /** A secret that was shown and not yet proven. */
    totp_wanted: string | null;
  };
  /** `project_id` `*`: in all, and over what belongs to none. */
  person_role: { project_id: string; person_id: string; role: Role };
  /** `created_by`: JSON of an actor. */
  invitation: {
    invitation_id: string;
    code_hash: string;
    person_id: string;
    created_at: number;
    created_by: string;
    expires_at: number;
  };
  /** `effects`: JSON. `project_id` null: wherever its person has a role. */
  personal_token: {
    token_id: string;
    token_hash: string;
    person_id: string;
    title: string;
    effects: string;
    project_id: string | null;
    created_at: number;
    expires_at: number | null;
    used_at: number | null;
  };
  recovery_code: { person_id: string; code_hash: string };
  /** `public_key` is base64url of COSE. */
  passkey: {
    credential_id: string;
    person_id: string;
    title: string;
    public_key: string;
    counter: number;
    created_at: number;
    used_at: number | null;
  };
  challenge: { challenge_hash: string; kind: string; data: string; expires_at: number };
  identity: { issuer: string; subject: string; person_id: string };
  /** `person_id` null: whom a link of the data folder's holder signed in. */
  session: {
    token_hash: string;
    session_id: string;
    person_id: string | null;
    way: "link" | "invitation" | "password" | "passkey" | "oidc";
    browser: string;
    address: string;
    created_at: number;
    seen_at: number;
    expires_at: number;
  };
  sign_in_code: { code_hash: string; person_id: string | null; way: "link" | "oidc"; expires_at: number };
}
