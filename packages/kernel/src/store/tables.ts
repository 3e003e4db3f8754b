import type { AttemptState, Decision, FaultStatus, Level, Source, Trust } from "@prunella/contract";

/** Rows as both engines return them: integers as numbers, JSON as text, hashes as lower-case hex. */
export interface Tables {
  project: { project_id: string; title: string; dsn_id: string; public_key: string; created_at: number };
  fault_key: { project_id: string; fingerprint: string; fault_id: string; seen: number };
  fault: {
    project_id: string; fault_id: string; status: FaultStatus; level: Level; title: string; culprit: string; fingerprints: string;
    count: number; first_seen: number; last_seen: number; resolved_at: number | null; version: number;
  };
  delta: {
    project_id: string; fault_id: string; release: string; environment: string; level: Level; source: Source; trust: Trust; target: string;
    second: number; count: number; first_at: number; last_at: number;
  };
  event_seen: { project_id: string; event_id: Uint8Array; fault_id: Uint8Array; seen_at: number };
  event_sample: { project_id: string; fault_id: string; slot: string; event_id: string; received_at: number; body: string; redactions: string };
  digest_queue: {
    queue_id: string; project_id: string; fault_id: string; release: string; environment: string; level: Level; source: Source; trust: Trust;
    target: string; count: number; first_at: number; last_at: number; event_id: string; title: string; culprit: string; fingerprints: string;
  };
  flush: { node_id: string; seq: number };
  work: { project_id: string; work_id: string; kind: string; payload: string; due_at: number; leased_until: number; fence: number };
  self_heal_triggers: { project_id: string; trigger_id: string; target: string; policy: string; version: number; created_at: number; updated_at: number };
  trigger_hour: { project_id: string; trigger_id: string; hour: number; evaluated: number; held: number; fired: number };
  self_heal_attempts: {
    project_id: string; attempt_id: string; trigger_id: string; fault_id: string | null; target: string; remedy: string | null;
    authority: "policy" | "person"; state: AttemptState; refusal: string | null; refusal_detail: string | null;
    verification: "watching" | "held" | "ineffective" | null; count: number; run_id: string | null; fence: number; audit_log_id: number;
    created_at: number; not_before: number | null; started_at: number | null; ended_at: number | null; verify_at: number | null;
    verified_at: number | null; version: number;
  };
  permit: {
    project_id: string; permit_id: string; attempt_id: string; action: string; target: string; args_sha256: string; fence: number;
    not_before: number; expires_at: number; redeemed_at: number | null;
  };
  escalation_attempts: {
    project_id: string; escalation_id: string; trigger_id: string; fault_id: string | null; target: string; reason: string;
    status: "open" | "decided" | "expired"; options: string; default_decision: Decision; decision: Decision | null; decided_by: string | null;
    opened_at: number; expires_at: number; decided_at: number | null; failures_since: number; run_id: string | null; version: number; audit_log_id: number;
  };
  corrective_sprint_log: {
    project_id: string; sprint_id: string; trigger_id: string; fault_id: string | null; escalation_id: string; brief: string; opened_at: number;
  };
  ledger: { idx: number; entry: string; leaf_hash: string };
  ledger_head: { id: number; size: number; root: string; frontier: string };
  switch: { project_id: string; name: "kill" | "pause"; is_on: number; since: number; changed_by: string };
  supervised: {
    project_id: string; run_id: string; target: string; state: "running" | "waiting" | "down" | "gone"; pid: number | null; since: number; restarts: number;
  };
  tally_hour: { project_id: string; reason: string; hour: number; count: number; audit_log_id: number | null };
  session: { token_hash: string; created_at: number; expires_at: number };
  sign_in_code: { code_hash: string; expires_at: number };
}

