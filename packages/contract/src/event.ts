import { z } from "zod";
import { EventId, Millis, Target } from "./ids.ts";

/**
 * How far an event may be believed. `public`: anyone with a DSN key, which ships in web pages.
 * `authenticated`: a secret key or a person. `local`: our own supervisor, probes and plugins host.
 */
export const Trust = z.enum(["public", "authenticated", "local"]);
export type Trust = z.infer<typeof Trust>;

export const Source = z.enum(["sentry", "crash", "plugin", "probe", "heartbeat", "supervisor", "webhook", "otlp"]);
export type Source = z.infer<typeof Source>;

export const Level = z.enum(["fatal", "error", "warning", "info", "debug"]);
export type Level = z.infer<typeof Level>;

/** One stack frame. Within a stack frames stand oldest call first, crash frame last (Sentry's order). */
export const Frame = z.strictObject({
  function: z.string().nullable(),
  module: z.string().nullable(),
  filename: z.string().nullable(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  /** Own code, as the SDK or our parser judged it; null when unknown. */
  in_app: z.boolean().nullable(),
  context_line: z.string().nullable(),
  pre_context: z.array(z.string()),
  post_context: z.array(z.string()),
});
export type Frame = z.infer<typeof Frame>;

/** One error of a chain. Chains stand oldest cause first, the thrown error last. */
export const ErrorValue = z.strictObject({
  type: z.string().nullable(),
  value: z.string().nullable(),
  module: z.string().nullable(),
  handled: z.boolean().nullable(),
  mechanism: z.string().nullable(),
  frames: z.array(Frame),
});
export type ErrorValue = z.infer<typeof ErrorValue>;

export const Breadcrumb = z.strictObject({
  at: Millis.nullable(),
  category: z.string().nullable(),
  level: z.string().nullable(),
  message: z.string().nullable(),
  data: z.unknown().nullable(),
});
export type Breadcrumb = z.infer<typeof Breadcrumb>;

/**
 * One occurrence of a failure, normalised from whatever door it came through, before scrubbing.
 * Everything textual in here may be hostile.
 */
export const Event = z.strictObject({
  id: EventId,
  source: Source,
  trust: Trust,
  level: Level,
  /** When it happened, by the sender's clock; clamped to the time of receipt when in the future. */
  at: Millis,
  release: z.string().nullable(),
  environment: z.string().nullable(),
  platform: z.string().nullable(),
  /** What this event speaks of and a remedy could act on, when it names one. */
  target: Target.nullable(),
  errors: z.array(ErrorValue),
  /** Human message: `logentry.formatted`, `message`, or the last line of a crash. */
  message: z.string().nullable(),
  /** The message before its parameters went in (`logentry.message`), best for grouping. */
  message_template: z.string().nullable(),
  /** Raw stack or stderr text, when frames did not come as JSON. At most 16 KiB. */
  stack_text: z.string().nullable(),
  /** Grouping parts the SDK asked for; `{{ default }}` stands for our own key. */
  sdk_fingerprint: z.array(z.string()).nullable(),
  transaction: z.string().nullable(),
  server_name: z.string().nullable(),
  exit_code: z.int().nullable(),
  signal: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  breadcrumbs: z.array(Breadcrumb),
  /** request, user, contexts, extra, sdk, modules: kept as they came, scrubbed like everything. */
  context: z.record(z.string(), z.unknown()),
});
export type Event = z.infer<typeof Event>;

/** The versioned keys of one event. `strict` groups; the other two explain and, later, attach. */
export const Fingerprints = z.strictObject({
  version: z.int().min(1),
  /** 32 lower-case hex digits (the first 128 bits of a SHA-256). */
  strict: z.string().regex(/^[0-9a-f]{32}$/),
  loose: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  message: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
  /** What decided: frames, message template, the SDK's own fingerprint, exit code and program, or a rule of ours. */
  by: z.enum(["stack", "message", "sdk", "exit", "rule"]),
  /** The exact parts that were hashed into `strict`, for "why are these one fault". */
  parts: z.array(z.string()),
});
export type Fingerprints = z.infer<typeof Fingerprints>;

/** The durable unit of counting: one row per key and second. */
export const Delta = z.strictObject({
  project_id: z.string(),
  fault_id: z.string(),
  release: z.string(),
  environment: z.string(),
  level: Level,
  source: Source,
  trust: Trust,
  /** Empty when the events name no target. */
  target: z.string(),
  /** Which probe or heartbeat saw it, by its name; empty for all other sources. */
  origin: z.string(),
  /** Epoch second of receipt. */
  second: z.int().min(0),
  count: z.int().min(1),
  /** Like `last_at` the moment of receipt, as everything that is counted. */
  first_at: Millis,
  last_at: Millis,
});
export type Delta = z.infer<typeof Delta>;
