import { z } from "zod";
import { Event, Fingerprints, Source, Trust } from "../event.ts";
import { Fault, FaultStatus } from "../fault.ts";
import { Attempt, Escalation, Refusal, Trigger, TriggerUse } from "../healing.ts";
import { FaultFilter } from "../fault-filter.ts";
import { EventId, Millis, Uuid } from "../ids.ts";
import { ById, operation } from "./operation.ts";
import { FaultChange } from "./triage.ts";

export const FaultQuery = FaultFilter.extend({
  /** `next` of the page before, with the same sort. */
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
});
export const FaultRow = Fault.extend({
  /** Counts per hour, oldest first, 24 values, the last is the current hour. */
  sparkline: z.array(z.int().min(0)),
  environments: z.array(z.string()),
  /** Different ones that its events named; 1,000 says that many or more. */
  users: z.int().min(0),
  /** What the healer last did here; null when nothing. */
  healing: z
    .strictObject({
      attempt_id: Uuid,
      state: z.string(),
      refusal: z.string().nullable(),
      verification: z.string().nullable(),
      /** Of an attempt that was ineffective: this fault was seen again, and not only another failure of the target. */
      came_back: z.boolean(),
      at: Millis,
    })
    .nullable(),
  open_escalation_id: Uuid.nullable(),
});
export type FaultRow = z.infer<typeof FaultRow>;
export const FaultPage = z.strictObject({
  faults: z.array(FaultRow),
  next: z.string().nullable(),
  total: z.int().min(0),
  counts: z.record(FaultStatus, z.int().min(0)),
  /** The fields in which the search looked; none when nothing was searched for. */
  searched: z.array(z.string()),
});
export type FaultPage = z.infer<typeof FaultPage>;

/** A kept body of one event. */
export const EventSample = z.strictObject({
  event_id: EventId,
  received_at: Millis,
  event: Event,
  /** What the scrubber replaced: rule name → how often. */
  redactions: z.record(z.string(), z.int().min(0)),
});
export type EventSample = z.infer<typeof EventSample>;

/**
 * `first`: the fault was opened by it. `earlier`: an older version of the grouping knew it. `similar`:
 * its frames are close enough to another's; `detail` says how close and through what.
 */
export const FaultKey = z.strictObject({
  fingerprint: z.string(),
  /** The fault itself, or the one among those merged into it that the fingerprint belongs to. */
  fault_id: Uuid,
  how: z.enum(["first", "earlier", "similar"]),
  detail: z.array(z.string()),
  /** The parts that were hashed. */
  parts: z.array(z.string()),
  events: z.int().min(0),
});
export type FaultKey = z.infer<typeof FaultKey>;

const Count = z.int().min(0);
/** Counts per hour, or another step: [its start, count]; empty ones are left out. */
export const Hours = z.array(z.tuple([Millis, Count]));

export const FaultDetail = z.strictObject({
  fault: FaultRow,
  /** How many of its events tell of a crash that the supervisor told of too: one occurrence, two events. */
  told_twice: Count,
  /** Ineffective attempts after which this fault itself was seen again; after the others another failure came. */
  came_back: z.array(Uuid),
  fingerprints: Fingerprints,
  /** Every fingerprint that leads here, and how it came to. */
  keys: z.array(FaultKey),
  /** Faults that a person merged into this one. */
  merged: z.array(z.strictObject({ id: Uuid, title: z.string(), culprit: z.string(), count: Count })),
  /** Over the last 7 days. */
  trend: Hours,
  /** First time each release was seen. */
  releases: z.array(z.strictObject({ release: z.string(), first_seen: Millis, count: Count })),
  environments: z.array(z.strictObject({ environment: z.string(), count: Count })),
  trust: z.array(z.strictObject({ trust: Trust, count: Count })),
  sources: z.array(z.strictObject({ source: Source, count: Count })),
  /** The newest kept body; null once it has been pruned. */
  latest: EventSample.nullable(),
  samples: z.array(z.strictObject({ event_id: EventId, received_at: Millis })),
  /** How many bodies are kept, their bytes, and of how many events. */
  kept: z.strictObject({ bodies: Count, bytes: Count, of: Count }),
  attempts: z.array(Attempt),
  escalations: z.array(Escalation),
  /** What people said about it, the newest first. */
  changes: z.array(FaultChange),
});
export type FaultDetail = z.infer<typeof FaultDetail>;

/** Of the events whose bodies are kept; of the others nobody can tell. */
export const FaultUsers = z.strictObject({
  /** Kept bodies, and how many of them name a user. */
  bodies: Count,
  naming: Count,
  /** As the events name them, scrubbed; the latest first. */
  users: z.array(z.strictObject({ user: z.string(), events: Count, last_seen: Millis })),
});
export type FaultUsers = z.infer<typeof FaultUsers>;

export const MergeBody = z.strictObject({
  /** Id of the fault that goes into this one. */
  fault: z.string().min(4).max(36),
});

export const Explanation = z.strictObject({
  fault_id: Uuid,
  status: FaultStatus,
  /** One sentence: what Prunella did or did not do about this fault, and why. */
  summary: z.string(),
  /** Which check refused last, by its number in the gate, and the switch that would change it. */
  refusal: z
    .strictObject({
      refusal: Refusal,
      check: z.int(),
      detail: z.string(),
      change_with: z.string().nullable(),
      at: Millis,
      /** null: it was only counted. */
      attempt_id: Uuid.nullable(),
    })
    .nullable(),
  grouping: Fingerprints,
  triggers: z.array(TriggerUse.extend({ trigger: Trigger })),
});
export type Explanation = z.infer<typeof Explanation>;

/** Over how long a trend goes; its steps follow from that. */
export const TrendRange = z.enum(["1h", "24h", "7d", "30d"]);
export type TrendRange = z.infer<typeof TrendRange>;

export const FAULTS = {
  list_faults: operation({
    method: "GET",
    path: "/v1/faults",
    query: FaultQuery,
    output: FaultPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "finds faults by words, conditions and filters",
  }),
  get_fault: operation({
    method: "GET",
    path: "/v1/faults/:id",
    params: ById,
    output: FaultDetail,
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "all that is known of one fault",
  }),
  get_event: operation({
    method: "GET",
    path: "/v1/faults/:id/events/:event",
    params: ById.extend({ event: z.string().min(1).max(200) }),
    output: EventSample,
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "one kept body",
  }),
  explain_fault: operation({
    method: "GET",
    path: "/v1/faults/:id/explain",
    params: ById,
    output: Explanation,
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "what was done or refused and why",
  }),
  fault_trend: operation({
    method: "GET",
    path: "/v1/faults/:id/trend",
    params: ById,
    query: z.strictObject({ range: TrendRange.default("7d") }),
    output: z.strictObject({ step_ms: z.int(), counts: Hours }),
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "events by the minute, quarter hour, hour or day; empty steps are left out",
  }),
  fault_users: operation({
    method: "GET",
    path: "/v1/faults/:id/users",
    params: ById,
    output: FaultUsers,
    status: 200,
    who: "viewer",
    within: "fault",
    effect: "read",
    summary: "whom the kept bodies name, scrubbed",
  }),
  merge_faults: operation({
    method: "POST",
    path: "/v1/faults/:id/merge",
    params: ById,
    body: MergeBody,
    output: FaultDetail,
    status: 200,
    who: "operator",
    within: "fault",
    effect: "decide",
    summary: "the fault that took the other in",
  }),
  unmerge_fault: operation({
    method: "POST",
    path: "/v1/faults/:id/unmerge",
    params: ById,
    output: FaultDetail,
    status: 200,
    who: "operator",
    within: "fault",
    effect: "decide",
    summary: "the fault that stands by itself again",
  }),
  erase_fault: operation({
    method: "POST",
    path: "/v1/faults/:id/erase",
    params: ById,
    output: z.strictObject({ fault_id: Uuid, events: Count }),
    status: 200,
    who: "owner",
    within: "fault",
    effect: "act",
    summary: "deletes what is kept of the fault, for good; `:id` may be a fingerprint",
  }),
} as const;
