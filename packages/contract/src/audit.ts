import { z } from "zod";
import { Slug, Uuid } from "./ids.ts";

/** What binds the rows of one story: a wake-up, what was tried, what was found and who was told. Whoever begins it names it. */
export const CallerSessionId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9:._-]{0,127}$/, "a session id is 1 to 128 of A-Z a-z 0-9 : . _ -");

/** Flat, so that it can be shown and compared: what a provider says of a thing. */
export const State = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,47}$/),
  z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]),
);
export type State = z.infer<typeof State>;

/** The `target` argument of an autofix. The kernel's own target is `<kind>:<id>`. */
export const TargetId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "a target of an autofix is 1 to 64 of A-Z a-z 0-9 _ and -");

/** What every answer and every row of an autofix repeats of its call. */
const asked = {
  probe: z.string().max(64),
  action: z.string().max(64),
  target_id: z.string().max(64),
};

const tried = {
  action_taken: z.string().max(64),
  action_canonical: Slug,
  /** null: what was seen could not be said. */
  before_state: State.nullable(),
  after_state: State.nullable(),
  /** null: it never began. */
  executor_duration_ms: z.number().min(0).nullable(),
};

/** Beside the reason, what would change it. */
const RejectionDetail = z
  .object({ enable_env: z.string().max(120), fix_name: z.string().max(64), message: z.string().max(1_000) })
  .partial();
const refused = { rejection_reason: z.string().max(64), rejection_detail: RejectionDetail };

/** Of the provider's part a thing belongs to, such as its app: `<provider>_app`. */
const hasOnlyProviders = (known: readonly string[]) => (details: object) =>
  Object.keys(details).every((key) => known.includes(key) || /^[a-z0-9]{1,32}_app$/.test(key));

/** The answer of every autofix: a structure, whatever happened. */
export const AutofixResult = z.discriminatedUnion("status", [
  z.strictObject({
    status: z.literal("attempted"),
    ...asked,
    ...tried,
    /** How it ended was not known yet when this was answered; its row says so once it has. */
    under_way: z.boolean(),
    attempt_id: Uuid,
    caller_session_id: z.string(),
  }),
  z.strictObject({
    status: z.literal("execution_failed"),
    ...asked,
    ...tried,
    attempt_id: Uuid,
    caller_session_id: z.string(),
  }),
  z.strictObject({
    status: z.literal("rejected"),
    ...asked,
    ...refused,
    attempt_id: Uuid.nullable(),
    caller_session_id: z.string(),
  }),
]);
export type AutofixResult = z.infer<typeof AutofixResult>;

const reason = { reason_from_reasoning: z.string() };
const withApp = <const S extends z.core.$ZodLooseShape>(shape: S) =>
  z
    .object({ ...asked, ...reason, ...shape })
    .catchall(z.string())
    .refine(hasOnlyProviders([...Object.keys(asked), ...Object.keys(reason), ...Object.keys(shape)]), {
      error: "beside these only <provider>_app may stand here",
    });

export const AutofixDetails = z.discriminatedUnion("status", [
  withApp({ status: z.literal("attempted"), ...tried }),
  withApp({ status: z.literal("execution_failed"), ...tried }),
  withApp({ status: z.literal("rejected"), ...refused }),
]);

export const DmStatus = z.enum([
  "sent",
  "failed_send",
  "engine_unavailable_fallback",
  "engine_unavailable_failed_send",
]);
export type DmStatus = z.infer<typeof DmStatus>;

export const InvestigationDetails = z.strictObject({
  probe: z.string().max(64),
  category: z.string().max(64),
  /** "none" where no model was asked. */
  model: z.string().max(200),
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  /** Millionths of the currency's unit, so that sums stay exact. */
  cost_micros: z.int().min(0),
  duration_ms: z.int().min(0),
  summary: z.string(),
  /** null: no channel has answered yet. */
  dm_status: DmStatus.nullable(),
  /** Why the fallback was written; null when the engine answered. */
  fallback_reason: z.string().max(64).nullable(),
  autofix_attempted: z.boolean(),
});
export type InvestigationDetails = z.infer<typeof InvestigationDetails>;

const Word = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const Loose = z.record(z.string(), z.union([Word, z.array(Word)]));

/** What the four streams say; equal `caller_session_id` joins them. */
const row = {
  /** Absent in a row that has not been written yet. */
  emitted_at: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/)
    .optional(),
  caller_session_id: CallerSessionId,
  /** Who emitted it: `reasoning`, `operator`, `probe`, `notify`. */
  source: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/),
};
export const AuditRow = z.discriminatedUnion("seam", [
  z.strictObject({ ...row, seam: z.literal("probe.wake_requested"), details: Loose }),
  z.strictObject({ ...row, seam: z.literal("tool.probe_autofix_attempted"), details: AutofixDetails }),
  z.strictObject({ ...row, seam: z.literal("probe.investigation_completed"), details: InvestigationDetails }),
  z.strictObject({ ...row, seam: z.literal("notification.dispatched"), details: Loose }),
  z.strictObject({ ...row, seam: z.literal("notification.email_dispatched"), details: Loose }),
]);
export type AuditRow = z.infer<typeof AuditRow>;
export type Seam = AuditRow["seam"];
