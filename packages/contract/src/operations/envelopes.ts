import { z } from "zod";
import { AuditRow, AutofixResult, CallerSessionId, DmStatus } from "../audit.ts";
import { EnvelopeStage } from "../fix-envelope.ts";
import { Actor } from "../healing.ts";
import { Millis, ProjectId, Uuid } from "../ids.ts";
import { operation } from "./operation.ts";

export const EnvelopeRow = z.strictObject({
  probe: z.string(),
  project_id: ProjectId,
  is_on: z.boolean(),
  /** Where it was read: the file of the data folder wins over the environment. */
  set_by: z.enum(["file", "environment", "nobody"]),
  enable_env: z.string(),
  /** How far it is trusted with what nobody asks for by hand. */
  stage: EnvelopeStage,
  /** Where the configuration has it begin. */
  begins_at: EnvelopeStage,
  /** Its fixes that ended: those that held their quiet watch, and those that failed or did not help. */
  record: z.strictObject({
    held: z.int().min(0),
    not_held: z.int().min(0),
    /** At least such a share of them holds, with 95 % confidence (Wilson's score interval); null: there were none. */
    at_least: z.number().min(0).max(1).nullable(),
  }),
  /** Who moved it last, and why; null: it is where it began. */
  moved: z
    .strictObject({ at: Millis, by: Actor, reason: z.string().nullable(), audit_log_id: z.int().min(0) })
    .nullable(),
  /** True when it has no action: then its switch permits nothing. */
  observes_only: z.boolean(),
  actions: z.array(
    z.strictObject({
      name: z.string(),
      /** Other names that an autofix may use. */
      aliases: z.array(z.string()),
      targets: z.array(z.string()),
      /** Null: it can be carried out. Otherwise why not. */
      lacks: z.string().nullable(),
    }),
  ),
  /** What could be done to such targets here and stands outside of this envelope. */
  outside: z.array(z.string()),
});
export type EnvelopeRow = z.infer<typeof EnvelopeRow>;

export const EnvelopeList = z.strictObject({ envelopes: z.array(EnvelopeRow) });
export const EnvelopeSwitched = z.strictObject({ envelope: z.string(), on: z.boolean(), at: Millis, by: Actor });

/** Anything may stand here: a wrong word is answered with a structure, as everything else is. */
export const AutofixBody = z.strictObject({
  project: ProjectId.default("default"),
  probe: z.string().max(200),
  action: z.string().max(200),
  target: z.string().max(500),
  reason: z.string().max(10_000),
  caller_session_id: CallerSessionId.optional(),
});
export const CallAutofixBody = AutofixBody.omit({ project: true });

export const TimelineEvent = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  about: z.string().nullable(),
  row: AuditRow,
});
export const Timeline = z.strictObject({ sessions: z.array(z.string()), events: z.array(TimelineEvent) });
export type Timeline = z.infer<typeof Timeline>;
export const TimelinePage = z.strictObject({ events: z.array(TimelineEvent), next: z.string().nullable() });
export type TimelinePage = z.infer<typeof TimelinePage>;

export const ENVELOPES = {
  list_envelopes: operation({
    method: "GET",
    path: "/v1/envelopes",
    output: EnvelopeList,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what may be fixed, whether its switch is on, and what stands outside",
  }),
  switch_envelope: operation({
    method: "POST",
    path: "/v1/envelopes/:probe/switch",
    params: z.strictObject({ probe: z.string().min(1).max(200) }),
    body: z.strictObject({ on: z.boolean() }),
    output: EnvelopeSwitched,
    status: 200,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "turns an envelope's switch; permits that were not redeemed are refused when it is off",
  }),
  move_envelope: operation({
    method: "POST",
    path: "/v1/envelopes/:probe/stage",
    params: z.strictObject({ probe: z.string().min(1).max(200) }),
    body: z.strictObject({
      project: ProjectId.default("default"),
      move: z.enum(["promote", "demote"]),
      reason: z.string().trim().min(1).max(200),
    }),
    output: z.strictObject({ envelope: EnvelopeRow }),
    status: 200,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "a person trusts an envelope one stage further, or one less, on its record",
  }),
  autofix: operation({
    method: "POST",
    path: "/v1/autofix",
    body: AutofixBody,
    output: AutofixResult,
    status: 200,
    who: "operator",
    within: "project",
    effect: "act",
    summary:
      "asks the gate for a fix inside an envelope; the answer is always a structure, after the fix was carried out or refused",
  }),
  call_autofix: operation({
    method: "POST",
    path: "/v1/callers/autofix",
    body: CallAutofixBody,
    output: AutofixResult,
    status: 200,
    who: "anyone",
    within: "project",
    effect: "act",
    summary: "the same for a program of the table `callers`, with its own key as a bearer token",
  }),
  list_timeline: operation({
    method: "GET",
    path: "/v1/timeline",
    query: z.strictObject({
      cursor: z.string().max(200).optional(),
      limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
      dm_status: DmStatus.optional(),
    }),
    output: TimelinePage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what was heard, tried, found and told, newest first",
  }),
  read_timeline: operation({
    method: "GET",
    path: "/v1/timeline/:session",
    params: z.strictObject({ session: z.string().min(1).max(200) }),
    output: Timeline,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "one story, by its session, or by an attempt or escalation of it",
  }),
} as const;
