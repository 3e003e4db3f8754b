import { z } from "zod";
import { RestartPolicy } from "../config-programs.ts";
import { Args, AttemptState, Refusal, Subject, Verification } from "../healing.ts";
import { EventId, Millis, ProjectId, ProgramName, Target, Uuid } from "../ids.ts";
import { ById, Nothing, operation } from "./operation.ts";

/** What a program was for a while; when it was several things, the worst of them. */
export const DaySlot = z.strictObject({
  /** `gone`: nobody watched it. */
  state: z.enum(["running", "waiting", "stopped", "gone"]),
  crashes: z.int().min(0),
});
export type DaySlot = z.infer<typeof DaySlot>;

/** The last 24 hours in equal parts, oldest first; the last one ends now. */
export const Day = z.strictObject({
  slot_ms: z.int().min(1),
  slots: z.array(DaySlot),
  /** How much of it was spent running. */
  up_ms: Millis,
  crashes: z.int().min(0),
});
export type Day = z.infer<typeof Day>;

export const SupervisedRow = z.strictObject({
  run_id: Uuid,
  name: ProgramName,
  project_id: ProjectId,
  /** `waiting`: it is down, and the gate or a person decides; `stopped`: a person decided, and no policy acts on it. */
  state: z.enum(["running", "waiting", "stopped", "gone"]),
  pid: z.int().nullable(),
  since: Millis,
  /** Of this run: how often it was started again. */
  restarts: z.int().min(0),
  /** Starts and restarts of the last 24 hours, by whomever. */
  restarts_day: z.int().min(0),
  /** null: it has not crashed as far as this server knows. */
  last_crash: z.strictObject({ at: Millis, exit_code: z.int().nullable(), signal: z.string().nullable() }).nullable(),
  /** The fault that its supervisor's last crash belongs to. */
  fault_id: Uuid.nullable(),
  open_escalation_id: Uuid.nullable(),
  /** What the gate and its supervisor last made of it; null when nothing was asked. */
  last_attempt: z
    .strictObject({
      id: Uuid,
      action: z.string().nullable(),
      by: Subject,
      state: AttemptState,
      refusal: Refusal.nullable(),
      verification: Verification.nullable(),
      at: Millis,
    })
    .nullable(),
  day: Day,
  /** null: its supervisor does not say, or speaks with another server. */
  vitals: z
    .strictObject({ at: Millis, rss_bytes: z.int().min(0).nullable(), cpu: z.number().min(0).nullable() })
    .nullable(),
});
export type SupervisedRow = z.infer<typeof SupervisedRow>;

/** 0 and below stand for groups of processes. */
const Pid = z.int().min(1);

/** Announcing a program is the opt-in for restarting it. */
export const AnnounceBody = z.strictObject({
  name: ProgramName,
  project: ProjectId.default("default"),
  pid: Pid.nullable(),
  policy: RestartPolicy.prefault({}),
});
export const Announced = z.strictObject({ run_id: Uuid, target: Target });

export const CrashBody = z.strictObject({
  event_id: EventId,
  at: Millis,
  exit_code: z.int().nullable(),
  /** `SIGSEGV`, as systems name them. */
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9+-]{1,13}$/)
    .nullable(),
  /** Last 16 KiB of stderr, as text. */
  stderr_tail: z.string().max(65_536),
  uptime_ms: z.int().min(0),
  platform: z.string().max(32).nullable(),
});
export type CrashBody = z.infer<typeof CrashBody>;

/** How a program is, itself and what it started. Nothing of it is written. */
export const VitalsBody = z.strictObject({
  /** null: it is down, or the system does not say. */
  rss_bytes: z.int().min(0).nullable(),
  /** Of the processor since the report before; 1 is one core. */
  cpu: z.number().min(0).max(100_000).nullable(),
  /** What it wrote last, in whole lines. */
  output: z.string().max(65_536),
});
export type VitalsBody = z.infer<typeof VitalsBody>;

const permitted = {
  attempt_id: z.string(),
  permit_id: z.string(),
  fence: z.int(),
  not_before: z.int(),
  /** Who asked for it. */
  subject: Subject,
};

export const Instruction = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("wait") }),
  /** Redeem the permit when `not_before` has come, then start it again; what runs is ended first. */
  z.strictObject({ kind: z.literal("restart"), ...permitted }),
  /** The same for a program that is down. */
  z.strictObject({ kind: z.literal("start"), ...permitted }),
  /** Redeem the permit, then end the program and wait for one to start it. */
  z.strictObject({ kind: z.literal("stop"), ...permitted }),
  /** Stay down; a person is asked (or nothing can be done). */
  z.strictObject({
    kind: z.literal("hold"),
    attempt_id: z.string(),
    refusal: z.string(),
    detail: z.string(),
    escalation_id: z.string().nullable(),
  }),
  /** Stay down until there is a permit to start: a person decided so. Told once to who gives `seen` back. */
  z.strictObject({ kind: z.literal("stopped"), seen: z.string(), escalation_id: z.string().nullable() }),
  /** The run was replaced, or given up after a long silence. */
  z.strictObject({ kind: z.literal("over") }),
]);
export type Instruction = z.infer<typeof Instruction>;

export const RedeemBody = z.strictObject({ fence: z.int() });
/** What is now allowed, once, until `expires_at`; signed with the ledger's key, so that nothing in between can allow more. */
export const RedeemedPermit = z.strictObject({
  permit_id: z.string(),
  attempt_id: z.string(),
  project_id: ProjectId,
  action: z.string(),
  target: z.string(),
  args: Args,
  fence: z.int(),
  expires_at: Millis,
  /** Base64 of Ed25519. */
  signature: z.string(),
});
export const OutcomeBody = z.strictObject({
  state: z.enum(["succeeded", "failed"]),
  fence: z.int(),
  pid: Pid.nullable(),
});

/** What the gate ruled on what a person asked of a program. */
export const ProgramAnswer = z.strictObject({
  verdict: z.enum(["permitted", "refused"]),
  refusal: Refusal.nullable(),
  /** One sentence of our own making. */
  detail: z.string().nullable(),
  change_with: z.string().nullable(),
  attempt_id: Uuid,
});
export type ProgramAnswer = z.infer<typeof ProgramAnswer>;

const ByName = z.strictObject({ name: ProgramName });
const InProject = z.strictObject({ project: ProjectId.default("default") });

const byHand = <const Path extends `/v1/${string}`>(path: Path, summary: string) =>
  operation({
    method: "POST",
    path,
    params: ByName,
    body: InProject,
    output: ProgramAnswer,
    status: 200,
    who: "operator",
    within: "project",
    effect: "act",
    summary,
  });

const ByRun = z.strictObject({ run: z.string().min(1).max(200) });

export const SUPERVISED = {
  list_supervised: operation({
    method: "GET",
    path: "/v1/supervised",
    output: z.strictObject({ supervised: z.array(SupervisedRow) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "supervised programs and what they do",
  }),
  start_program: byHand("/v1/programs/:name/start", "starts a supervised program that is down or stopped"),
  stop_program: byHand("/v1/programs/:name/stop", "ends a supervised program; no policy starts it again"),
  restart_program: byHand("/v1/programs/:name/restart", "ends a supervised program if it runs, and starts it"),
  program_output: operation({
    method: "GET",
    path: "/v1/programs/:name/output",
    params: ByName,
    query: InProject,
    output: z.strictObject({ lines: z.array(z.string()).max(20), at: Millis.nullable() }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "the last 20 lines that it wrote, scrubbed, and when that was said; they are kept in memory only",
  }),
  announce_run: operation({
    method: "POST",
    path: "/v1/supervised",
    body: AnnounceBody,
    output: Announced,
    status: 201,
    who: "token",
    within: "all",
    effect: "decide",
    summary: "this is the opt-in for restarting the program",
  }),
  report_crash: operation({
    method: "POST",
    path: "/v1/supervised/:run/crash",
    params: ByRun,
    body: CrashBody,
    output: Nothing,
    status: 204,
    who: "token",
    within: "all",
    effect: "propose",
    summary: "answers after the commit that holds it",
  }),
  report_vitals: operation({
    method: "POST",
    path: "/v1/supervised/:run/vitals",
    params: ByRun,
    body: VitalsBody,
    output: Nothing,
    status: 204,
    who: "token",
    within: "all",
    effect: "propose",
    summary: "memory, processor and last lines of a program; the last report counts",
  }),
  next_instruction: operation({
    method: "GET",
    path: "/v1/supervised/:run/next",
    params: ByRun,
    query: z.strictObject({
      /** The attempt, or the stop, that the caller knows of already. */
      seen: z.string().max(200).optional(),
    }),
    output: Instruction,
    status: 200,
    who: "token",
    within: "all",
    effect: "read",
    summary: "something newer than the attempt `seen`, or `wait` after 25 s",
  }),
  end_run: operation({
    method: "POST",
    path: "/v1/supervised/:run/end",
    params: ByRun,
    output: Nothing,
    status: 204,
    who: "token",
    within: "all",
    effect: "propose",
    summary: "a clean exit or a person's stop",
  }),
  redeem_permit: operation({
    method: "POST",
    path: "/v1/permits/:id/redeem",
    params: ById,
    body: RedeemBody,
    output: RedeemedPermit,
    status: 200,
    who: "token",
    within: "all",
    effect: "act",
    summary: "the action that is now allowed, once",
  }),
  report_outcome: operation({
    method: "POST",
    path: "/v1/attempts/:id/outcome",
    params: ById,
    body: OutcomeBody,
    output: Nothing,
    status: 204,
    who: "token",
    within: "all",
    effect: "act",
    summary: "begins the quiet watch, or hands the failure to a person",
  }),
} as const;
