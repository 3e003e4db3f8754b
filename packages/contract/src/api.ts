/**
 * What the operator API under `/v1` speaks; CLI and console use these and nothing else. All times
 * are epoch milliseconds, all text is scrubbed. Errors come as {@link ApiError} with the status of
 * the catalogue.
 */
import { z } from "zod";
import type { Event, Fingerprints, Source, Trust } from "./event.ts";
import { FaultStatus, type Fault } from "./fault.ts";
import {
  Decision,
  type Actor,
  type Attempt,
  type Budget,
  type Ceiling,
  type Escalation,
  type Refusal,
  type Subject,
  type Trigger,
} from "./healing.ts";
import { EventId, Millis, ProgramName, ProjectId } from "./ids.ts";

export type ApiError = { error: { code: string; message: string; hint: string | null } };

/** GET /v1/me */
export type Me = { kind: "session" | "token"; version: string; demo: boolean; started_at: number };

/** GET, POST /v1/projects */
export const NewProject = z.strictObject({ id: ProjectId, title: z.string().min(1).max(80).optional() });
export type Project = {
  id: string;
  title: string;
  dsn: string;
  dsn_id: string;
  created_at: number;
  fault_count: number;
};

/** GET /v1/faults — newest activity first, 50 a page. */
export const FaultQuery = z.strictObject({
  project: ProjectId.optional(),
  /** Default: everything but muted and resolved. */
  status: z.union([FaultStatus, z.literal("all"), z.literal("active")]).default("active"),
  /** Case-insensitive substring of the title or culprit. */
  q: z.string().max(200).optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type FaultRow = Fault & {
  /** Counts per hour, oldest first, 24 values, the last is the current hour. */
  sparkline: number[];
  environments: string[];
  /** What the healer last did here; null when nothing. */
  healing: {
    attempt_id: string;
    state: string;
    refusal: string | null;
    verification: string | null;
    at: number;
  } | null;
  open_escalation_id: string | null;
};
export type FaultPage = {
  faults: FaultRow[];
  next: string | null;
  total: number;
  counts: Record<z.infer<typeof FaultStatus>, number>;
};

/** A kept body of one event. */
export type EventSample = {
  event_id: string;
  received_at: number;
  event: Event;
  /** What the scrubber replaced: rule name → how often. */
  redactions: Record<string, number>;
};

/** GET /v1/faults/:id */
export type FaultDetail = {
  fault: FaultRow;
  fingerprints: Fingerprints;
  /** Every fingerprint that leads here, and how it came to. */
  keys: FaultKey[];
  /** Faults that a person merged into this one. */
  merged: { id: string; title: string; culprit: string; count: number }[];
  /** Counts per hour over the last 7 days: [hour start, count]; empty hours are left out. */
  trend: [number, number][];
  /** First time each release was seen. */
  releases: { release: string; first_seen: number; count: number }[];
  environments: { environment: string; count: number }[];
  trust: { trust: Trust; count: number }[];
  sources: { source: Source; count: number }[];
  /** The newest kept body; null once it has been pruned. */
  latest: EventSample | null;
  samples: { event_id: string; received_at: number }[];
  attempts: Attempt[];
  escalations: Escalation[];
};

/**
 * `first`: the fault was opened by it. `earlier`: an older version of the grouping knew it. `similar`:
 * its frames are close enough to another's; `detail` says how close and through what.
 */
export type FaultKey = {
  fingerprint: string;
  /** The fault itself, or the one among those merged into it that the fingerprint belongs to. */
  fault_id: string;
  how: "first" | "earlier" | "similar";
  detail: string[];
  /** The parts that were hashed. */
  parts: string[];
  events: number;
};

/** POST /v1/faults/:id/merge, and /v1/faults/:id/unmerge to take this one out again */
export const MergeBody = z.strictObject({
  /** Id of the fault that goes into this one. */
  fault: z.string().min(4).max(36),
});

/** What an event must look like; `*` stands for any run of characters; what is left out does not matter. */
const Pattern = z.string().min(1).max(200);
export const RuleCondition = z
  .strictObject({
    error_class: Pattern.optional(),
    message: Pattern.optional(),
    function: Pattern.optional(),
    file: Pattern.optional(),
    target: Pattern.optional(),
  })
  .refine(
    (condition) => Object.values(condition).some((pattern) => pattern !== undefined),
    "a rule has at least one condition",
  );
export type RuleCondition = z.infer<typeof RuleCondition>;

/** GET, POST /v1/grouping-rules; DELETE /v1/grouping-rules/:id. The oldest rule that fits decides. */
export const NewGroupingRule = z.strictObject({
  project: ProjectId.default("default"),
  when: RuleCondition.refine(
    (condition) => Object.values(condition).some((pattern) => /[^*]/.test(pattern ?? "")),
    "at least one condition says more than *, or the rule would make one fault of every event",
  ),
  /** All events that fit are one fault of this name; `{class}` and `{function}` stand for the event's own. */
  group_as: z.string().min(1).max(200),
});
export type GroupingRule = {
  id: string;
  project_id: string;
  when: RuleCondition;
  group_as: string;
  created_at: number;
};

/** POST /v1/source-maps: found again by debug id, or by release and file. `file` may begin with `~` for any host. */
export const NewSourceMap = z.strictObject({
  project: ProjectId.default("default"),
  /** A UUID, with or without hyphens; else the map's own `debugId` counts. */
  debug_id: z
    .string()
    .regex(/^[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$/, "a debug id is a UUID")
    .optional(),
  release: z.string().min(1).max(200).optional(),
  file: z.string().min(1).max(512).optional(),
  /** The map itself, or its JSON text. */
  map: z.union([z.string(), z.record(z.string(), z.unknown())]),
});
export type NewSourceMap = z.infer<typeof NewSourceMap>;
/** GET /v1/source-maps?project= */
export type SourceMapRow = {
  id: string;
  project_id: string;
  debug_id: string | null;
  release: string | null;
  file: string | null;
  bytes: number;
  created_at: number;
};

/** GET /v1/faults/:id/explain */
export type Explanation = {
  fault_id: string;
  status: z.infer<typeof FaultStatus>;
  /** One sentence: what Prunella did or did not do about this fault, and why. */
  summary: string;
  /** Which check refused last, by its number in the gate, and the switch that would change it. */
  refusal: {
    refusal: Refusal;
    check: number;
    detail: string;
    change_with: string | null;
    at: number;
    attempt_id: string;
  } | null;
  grouping: Fingerprints;
  triggers: ({ trigger: Trigger } & TriggerUse)[];
};

export type AttemptPage = { attempts: Attempt[]; next: string | null };
export type EscalationPage = {
  escalations: (Escalation & { fault_title: string | null; attempts: Attempt[]; recent: [number, number][] })[];
  open: number;
};
export const DecideBody = z.strictObject({ decision: Decision });
/** What the gate ruled within two seconds; `pending`: it was asked and has not answered yet; `none`: it was not asked. */
export type DecisionAnswer = {
  verdict: "permitted" | "refused" | "pending" | "none";
  refusal: Refusal | null;
  detail: string | null;
  attempt_id: string | null;
  escalation: Escalation;
};

/** How much of a trigger's budgets and ceilings is used now. */
export type TriggerUse = {
  budgets: (Budget & { used: number; next_free_at: number | null })[];
  ceilings: (Ceiling & { active: number })[];
};

/** GET /v1/triggers?cursor=&limit= */
export const TriggerQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
export type TriggerPage = {
  triggers: (Omit<Trigger, keyof TriggerUse> & TriggerUse & { last_attempt: Attempt | null })[];
  next: string | null;
  killed: KillSwitch;
};
export type KillSwitch = { on: boolean; since: number | null; by: Actor | null };

/** POST /v1/supervised: `prunella run` announces a program; that is the opt-in for restarting it. */
export const AnnounceBody = z.strictObject({
  name: ProgramName,
  project: ProjectId.default("default"),
  pid: z.int().nullable(),
  policy: z.unknown(),
});
export type Announced = { run_id: string; target: string };

/** POST /v1/supervised/:run/crash */
export const CrashBody = z.strictObject({
  event_id: EventId,
  at: Millis,
  exit_code: z.int().nullable(),
  signal: z.string().max(16).nullable(),
  /** Last 16 KiB of stderr, as text. */
  stderr_tail: z.string().max(65_536),
  uptime_ms: z.int().min(0),
  platform: z.string().max(32).nullable(),
});
export type CrashBody = z.infer<typeof CrashBody>;

/** GET /v1/supervised/:run/next?seen=<attempt id> — answers when there is something new, or `wait` after 25 s. */
export type Instruction =
  | { kind: "wait" }
  /** Redeem the permit when `not_before` has come, then restart. */
  | {
      kind: "restart";
      attempt_id: string;
      permit_id: string;
      fence: number;
      not_before: number;
      subject: Subject;
    }
  /** Stay down; a person is asked (or nothing can be done). */
  | { kind: "hold"; attempt_id: string; refusal: string; detail: string; escalation_id: string | null }
  /** Stay down for good: somebody decided so; null: the run was replaced, or given up after a long silence. */
  | { kind: "stop"; escalation_id: string | null };

/** POST /v1/permits/:id/redeem, POST /v1/attempts/:id/outcome */
export const RedeemBody = z.strictObject({ fence: z.int() });
export const OutcomeBody = z.strictObject({
  state: z.enum(["succeeded", "failed"]),
  fence: z.int(),
  pid: z.int().nullable(),
});

/** GET /v1/ledger?from=&limit= and /v1/ledger/verify */
export type LedgerPage = {
  size: number;
  root: string;
  entries: { index: number; leaf_hash: string; entry: unknown }[];
};
export type LedgerReport = {
  ok: boolean;
  size: number;
  root: string;
  checked_entries: number;
  checked_tiles: number;
  problems: { what: string; index: number | null }[];
};

/** GET /v1/stream (SSE): something changed; fetch it again. At most 4 a second and topic. */
export type Notice = {
  topic: "faults" | "attempts" | "escalations" | "triggers" | "ledger" | "supervised" | "rules";
  id: string;
  version: number;
};

export type SupervisedRow = {
  run_id: string;
  name: string;
  project_id: string;
  state: "running" | "waiting" | "down" | "gone";
  pid: number | null;
  since: number;
  restarts: number;
};
