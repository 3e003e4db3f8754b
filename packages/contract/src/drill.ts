import { z } from "zod";
import { Actor, Refusal } from "./healing.ts";
import { Millis, ProjectId, Slug, TriggerId, Uuid } from "./ids.ts";

/**
 * How a drill ended. `permitted`, `refused`: the condition held, and that is what the gate would have said.
 * `not_held`: it did not hold for the failure that was made for it, so nothing further was tried.
 */
export const DrillVerdict = z.enum(["permitted", "refused", "not_held"]);
export type DrillVerdict = z.infer<typeof DrillVerdict>;

/** A made-up failure that went the whole way to the gate's answer, and was taken back. */
export const DrillRun = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  trigger_id: TriggerId,
  /** Of the trigger, as it was then. */
  trigger_version: z.int().min(1),
  at: Millis,
  by: Actor,
  verdict: DrillVerdict,
  refusal: Refusal.nullable(),
  /** One sentence of our own making; null when nothing refused. */
  detail: z.string().nullable(),
  /** What would have been done; null where there is nothing to do. */
  action: Slug.nullable(),
  target: z.string(),
  /** The trigger did what it is for: it would have acted, or it only watches or tries and said so. */
  proves: z.boolean(),
  took_ms: z.int().min(0),
  audit_log_id: z.int().min(0),
});
export type DrillRun = z.infer<typeof DrillRun>;

/** When a drill last proved a trigger, and which version of it. */
export const Proven = z.strictObject({ at: Millis, version: z.int().min(1) });
export type Proven = z.infer<typeof Proven>;
