import type {
  AttemptState,
  Decision,
  DrillVerdict,
  EnvelopeStage,
  EscalationHold,
  Level,
  Source,
  Subject,
  Trust,
} from "@prunella/contract";

/** What watches and asks, what was tried, and what a person decides. */
export interface HealingTables {
  self_heal_triggers: {
    project_id: string;
    trigger_id: string;
    /** JSON. */
    condition: string;
    /** What its remedies act on or its condition names; empty: whatever its events name. */
    target: string;
    /** What its remedies act on; null: what the event names. */
    acts_on: string | null;
    /** 1: events that anyone could have sent ask it too. */
    allows_public: number;
    /** Whether each evaluation leaves a row. */
    logs_all: number;
    /** 1: it is known no more; its history stays. */
    removed: number;
    /** 1: it stands in the configuration, and goes when it stands there no more. */
    configured: number;
    policy: string;
    version: number;
    /** The generation of triggers in which it changed last. */
    changed: number;
    created_at: number;
  };
  /** `trigger_id` empty: of the whole project. `owner`: JSON of an actor. */
  pause: {
    project_id: string;
    pause_id: string;
    trigger_id: string;
    reason: string;
    owner: string;
    since: number;
    until_at: number | null;
    lifted_at: number | null;
    audit_log_id: number;
  };
  /** `project_id` `*`: of all; `target` empty: all of them. `spec`: JSON of a window, `owner` of an actor. */
  maintenance: {
    project_id: string;
    window_id: string;
    target: string;
    spec: string;
    reason: string;
    owner: string;
    created_at: number;
    /** When a dated window is over for good; null: it opens again and again. */
    closes_at: number | null;
    ended_at: number | null;
    audit_log_id: number;
  };
  /** The last storm that a trigger saw. `targets`: JSON of those that were bad. */
  storm: { project_id: string; trigger_id: string; since: number; until_at: number; targets: string };
  trigger_hour: {
    project_id: string;
    trigger_id: string;
    hour: number;
    /** Events, a second of equal ones as one, that its condition was held against. */
    evaluated: number;
    /** Its condition held. An attempt that `held` is another thing. */
    held: number;
    /** The gate gave it a permit. */
    fired: number;
  };
  /** Each evaluation of the triggers that keep them. Its id tells the time, and which came first. */
  trigger_evaluation: {
    project_id: string;
    trigger_id: string;
    evaluation_id: string;
    at: number;
    held: number;
    fault_id: string;
    target: string;
    source: Source;
    trust: Trust;
    level: Level;
    count: number;
  };
  grant_policy: {
    project_id: string;
    grant_id: string;
    policy: string;
    key_sha256: string;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
  };
  self_heal_attempts: {
    project_id: string;
    attempt_id: string;
    subject_kind: Subject["kind"];
    subject_id: string;
    trigger_id: string | null;
    fault_id: string | null;
    target: string;
    action: string | null;
    /** JSON; unchanged by the scrubber. */
    args: string;
    because_kind: string;
    because_id: string;
    /** JSON; null when a person or a grant asked for it without a failure. */
    cause: string | null;
    state: AttemptState;
    refusal: string | null;
    refusal_detail: string | null;
    verification: "watching" | "held" | "ineffective" | null;
    count: number;
    /** The process that carries it out; null while nobody does, or when an executor outside does. */
    node_id: string | null;
    fence: number;
    /** Which of its trigger's remedies it is, from 0; 0 when nobody's ladder asked. */
    rung: number;
    audit_log_id: number;
    created_at: number;
    not_before: number | null;
    started_at: number | null;
    ended_at: number | null;
    verify_at: number | null;
    verified_at: number | null;
    version: number;
  };
  permit: {
    project_id: string;
    permit_id: string;
    attempt_id: string;
    action: string;
    target: string;
    args: string;
    args_sha256: string;
    fence: number;
    not_before: number;
    expires_at: number;
    redeemed_at: number | null;
  };
  escalation_attempts: {
    project_id: string;
    escalation_id: string;
    trigger_id: string | null;
    asker: string;
    /** Equal for what is one question. */
    episode: string;
    fault_id: string | null;
    target: string;
    reason: string;
    cause: string | null;
    /** JSON: what an answer that acts would do; null: nobody could see it. */
    args: string | null;
    status: "open" | "decided" | "expired";
    /** JSON: the names of the choices. */
    options: string;
    default_decision: Decision;
    decision: Decision | null;
    /** JSON: an actor. */
    decided_by: string | null;
    /** The person who had asked for what did not help; null: policy, or a caller from outside. */
    requested_by: string | null;
    opened_at: number;
    expires_at: number;
    decided_at: number | null;
    approved_until: number | null;
    /** Scrubbed. */
    note: string | null;
    hold: EscalationHold | null;
    /** JSON: an actor. */
    held_by: string | null;
    held_until: number | null;
    failures_since: number;
    version: number;
    audit_log_id: number;
  };
  approval: {
    project_id: string;
    approval_id: string;
    /** null: of a question that names no trigger. */
    trigger_id: string | null;
    action: string;
    target: string;
    /** JSON: what may be done, and nothing else. */
    args: string;
    args_sha256: string;
    /** Scrubbed. */
    reason: string;
    /** JSON: an actor. */
    given_by: string;
    given_at: number;
    expires_at: number;
    status: "waiting" | "used" | "expired" | "withdrawn";
    /** The question that it answered; null: none. */
    escalation_id: string | null;
    /** JSON: an actor. */
    ended_by: string | null;
    ended_at: number | null;
    audit_log_id: number;
  };
  corrective_sprint_log: {
    project_id: string;
    sprint_id: string;
    /** The fault, or the target where there is none. */
    subject: string;
    trigger_id: string | null;
    fault_id: string | null;
    target: string;
    reason: "repeated" | "severity";
    /** JSON. */
    brief: string;
    opened_at: number;
    closed_at: number | null;
    /** JSON of an actor. */
    closed_by: string | null;
    close_reason: string | null;
    audit_log_id: number;
  };
  /** `by_actor`: JSON of an actor. */
  budget_override: {
    project_id: string;
    override_id: string;
    trigger_id: string;
    extra: number;
    taken: number;
    reason: string;
    by_actor: string;
    created_at: number;
    expires_at: number;
    audit_log_id: number;
  };
  /** From the first fix or move on; `moved_by`: JSON of an actor, null where nobody moved it. */
  envelope_stage: {
    project_id: string;
    probe: string;
    stage: EnvelopeStage;
    held: number;
    not_held: number;
    moved_at: number | null;
    moved_by: string | null;
    reason: string | null;
    audit_log_id: number | null;
  };
  /** `by_actor`: JSON of an actor. */
  drill_run: {
    project_id: string;
    drill_id: string;
    trigger_id: string;
    trigger_version: number;
    at: number;
    by_actor: string;
    verdict: DrillVerdict;
    refusal: string | null;
    detail: string | null;
    action: string | null;
    target: string;
    proves: number;
    took_ms: number;
    audit_log_id: number;
  };
  /** `scope`: a project, or `*` for all. `by_actor`: JSON of an actor. */
  away_review: {
    review_id: string;
    scope: string;
    since: number;
    at: number;
    by_actor: string;
    unresolved: number;
    audit_log_id: number;
  };
}
