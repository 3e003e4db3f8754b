import { z } from "zod";
import { Actor, Attempt, Decision, Escalation, EscalationHold, Refusal, Trigger, TriggerUse } from "../healing.ts";
import { Proven } from "../drill.ts";
import { Level, Source, Trust } from "../event.ts";
import { EnvelopeStage } from "../fix-envelope.ts";
import { Millis, ProjectId, TriggerId, Uuid } from "../ids.ts";
import { Pause } from "../standing.ts";
import { Hours } from "./faults.ts";
import { ById, operation } from "./operation.ts";

export const AttemptQuery = z.strictObject({
  fault: z.string().optional(),
  project: ProjectId.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
});
export const AttemptPage = z.strictObject({ attempts: z.array(Attempt), next: z.string().nullable() });
export type AttemptPage = z.infer<typeof AttemptPage>;

export const EscalationRow = Escalation.extend({
  fault_title: z.string().nullable(),
  attempts: z.array(Attempt),
  /** What the decision had done; null while there is none, or when it leaves things as they are. */
  answer: Attempt.nullable(),
  /** Events of the target over the last day. */
  recent: Hours,
});
export const EscalationPage = z.strictObject({ escalations: z.array(EscalationRow), open: z.int().min(0) });
export type EscalationPage = z.infer<typeof EscalationPage>;

/** `link`: of the message that led here; it serves once, for that question alone. */
const link = z.string().max(1_000).optional();
export const DecideBody = z.strictObject({
  decision: Decision,
  reason: z.string().max(1_000).optional(),
  /** An answer that acts may be carried out for so long; a quarter of an hour when nothing is said, and never longer. */
  for_ms: z.int().min(1_000).optional(),
  link,
});
export const HoldBody = z.strictObject({
  hold: EscalationHold,
  /** An hour of `acked`, four of `snoozed`, a day of `taken_over` when nothing is said. */
  for_ms: z.int().min(60_000).optional(),
  link,
});
/**
 * What came of a decision within two seconds. `pending`: the gate was asked and has not answered yet.
 * `none`: the gate was not asked, because nothing is to be done.
 */
export const Decided = z.strictObject({
  verdict: z.enum(["permitted", "refused", "pending", "none"]),
  refusal: Refusal.nullable(),
  /** Why it was refused, in one sentence. */
  detail: z.string().nullable(),
  /** The switch or command that would change it; null when there is none. */
  change_with: z.string().nullable(),
  attempt_id: Uuid.nullable(),
  escalation: Escalation,
});
export type Decided = z.infer<typeof Decided>;

export const KillSwitch = z.strictObject({
  on: z.boolean(),
  since: Millis.nullable(),
  by: Actor.nullable(),
});
export type KillSwitch = z.infer<typeof KillSwitch>;
export const TriggerQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number<string | number>().int().min(1).max(500).default(200),
});
/** What the gate would say to a trigger's next rung because of the moment, of people, and of the envelope that bounds it. */
export const TriggerNow = z.strictObject({
  /** Of its own windows; those that people made are rows of maintenance. */
  maintenance_until: Millis.nullable(),
  quiet_until: Millis.nullable(),
  /** A storm that it saw is not over. */
  storm_until: Millis.nullable(),
  /** A question about its target is open, and policy waits for the answer. */
  is_asked: z.boolean(),
  /** A person decided on the last attempt, which has not held: the next is theirs too. */
  is_left_to_person: z.boolean(),
  /** The refusal for a token that is missing; null: none is, or none is needed. */
  lacks: z.string().nullable(),
  /** The envelope of the configuration that bounds the remedy; null: its own alone does. */
  envelope: z
    .strictObject({
      probe: z.string(),
      is_on: z.boolean(),
      /** null: no envelope lists it. */
      stage: EnvelopeStage.nullable(),
    })
    .nullable(),
});
export type TriggerNow = z.infer<typeof TriggerNow>;
export const TriggerRow = Trigger.extend({
  ...TriggerUse.shape,
  now: TriggerNow,
  last_attempt: Attempt.nullable(),
  /** By a drill; null: never. */
  last_proven: Proven.nullable(),
});
export const TriggerPage = z.strictObject({
  triggers: z.array(TriggerRow),
  next: z.string().nullable(),
  killed: KillSwitch,
});
export type TriggerPage = z.infer<typeof TriggerPage>;

/** A trigger's condition was held against what came in: equal events of a second are one. */
export const LoggedEvaluation = z.strictObject({
  at: Millis,
  held: z.boolean(),
  fault_id: Uuid,
  target: z.string(),
  source: Source,
  trust: Trust,
  level: Level,
  /** Events. */
  count: z.int().min(1),
});
export type LoggedEvaluation = z.infer<typeof LoggedEvaluation>;

/** One trigger, and what came of it. */
export const TriggerShown = z.strictObject({
  trigger: TriggerRow,
  /** The last ten, newest first. */
  attempts: z.array(Attempt),
  /** How often it was looked at, held and got a permit, for each hour of the last day that has any. */
  hours: z.array(z.strictObject({ at: Millis, evaluated: z.int(), held: z.int(), fired: z.int() })),
  /** The last fifty, newest first, of a trigger that keeps each of them. */
  evaluations: z.array(LoggedEvaluation),
  /** Its own, and those of its project. */
  pauses: z.array(Pause),
});
export type TriggerShown = z.infer<typeof TriggerShown>;

export const HEALING = {
  list_attempts: operation({
    method: "GET",
    path: "/v1/attempts",
    query: AttemptQuery,
    output: AttemptPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "newest first",
  }),
  list_escalations: operation({
    method: "GET",
    path: "/v1/escalations",
    query: z.strictObject({ status: z.enum(["open", "all"]).default("open") }),
    output: EscalationPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what a person must decide, or was asked to",
  }),
  decide_escalation: operation({
    method: "POST",
    path: "/v1/escalations/:id/decide",
    params: ById,
    body: DecideBody,
    output: Decided,
    status: 200,
    who: "operator",
    within: "escalation",
    effect: "decide",
    summary: "what the gate ruled, after at most two seconds; a second decision is refused",
  }),
  show_trigger: operation({
    method: "GET",
    path: "/v1/triggers/:trigger",
    params: z.strictObject({ trigger: TriggerId }),
    query: z.strictObject({ project: ProjectId.default("default") }),
    output: TriggerShown,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary:
      "one trigger: its policy, what is used of its budgets, its hours, its last attempts and evaluations, and its pauses",
  }),
  hold_escalation: operation({
    method: "POST",
    path: "/v1/escalations/:id/hold",
    params: ById,
    body: HoldBody,
    output: Escalation,
    status: 200,
    who: "operator",
    within: "escalation",
    effect: "decide",
    summary: "seen, later, or taken over for a while: the default waits, and everybody is told again when it is over",
  }),
  list_triggers: operation({
    method: "GET",
    path: "/v1/triggers",
    query: TriggerQuery,
    output: TriggerPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "triggers by project and id, and the kill switch",
  }),
  read_kill: operation({
    method: "GET",
    path: "/v1/kill",
    output: KillSwitch,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "whether the kill switch is on, since when and by whom",
  }),
  kill: operation({
    method: "POST",
    path: "/v1/kill",
    output: KillSwitch,
    status: 200,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "nothing acts, permits not yet redeemed are void",
  }),
  unkill: operation({
    method: "POST",
    path: "/v1/unkill",
    output: KillSwitch,
    status: 200,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "what was refused or taken back because of it is judged again",
  }),
} as const;
