import { z } from "zod";
import { Budget } from "./healing.ts";
import { Millis, ProjectId, TriggerId, Uuid } from "./ids.ts";

/** How often each reason was given. */
const Reasons = z.record(z.string(), z.int().min(1));

/** What a trigger did, or would have done, in the time that is looked at. */
export const TriggerDeeds = z.strictObject({
  /** Permits that policy got. */
  fires: z.int().min(0),
  refusals: Reasons,
  /** Questions that were opened, by reason. */
  escalations: Reasons,
  /** The most that was used of each budget at once. */
  budgets: z.array(Budget.extend({ peak: z.int().min(0) })),
  /** Hours in which something was done or refused, oldest first. */
  hours: z.array(z.strictObject({ at: Millis, fires: z.int().min(0), refused: z.int().min(0) })),
});
export type TriggerDeeds = z.infer<typeof TriggerDeeds>;

/** One trigger, beside what it did: by the policy that is rehearsed, and by the one that it is held against. */
export const RehearsedTrigger = z.strictObject({
  project_id: ProjectId,
  trigger_id: TriggerId,
  happened: TriggerDeeds,
  /** null: it is not in that policy. */
  given: TriggerDeeds.nullable(),
  against: TriggerDeeds.nullable(),
  /** Of what is given, less what it is held against. */
  difference: z.strictObject({ fires: z.int(), refused: z.int(), escalations: z.int() }),
});
export type RehearsedTrigger = z.infer<typeof RehearsedTrigger>;

export const RehearsalReport = z.strictObject({
  since: Millis,
  until: Millis,
  /** Rows of what came in, and how many events they stand for. */
  deltas: z.int().min(0),
  events: z.int().min(0),
  /** Before this moment some counts are of whole hours or days, and their moments are those of the last event in them. */
  coarse_before: Millis.nullable(),
  /** What cannot be known, and what was taken instead; whole sentences. */
  assumed: z.array(z.string()),
  triggers: z.array(RehearsedTrigger),
});
export type RehearsalReport = z.infer<typeof RehearsalReport>;

/** One rehearsal at a time; the last is kept until the server ends. */
export const Rehearsal = z.strictObject({
  id: Uuid,
  status: z.enum(["running", "done", "failed"]),
  /** Deltas that were replayed, and how many there are in all; null while they are read. */
  replayed: z.int().min(0),
  total: z.int().min(0).nullable(),
  report: RehearsalReport.nullable(),
  /** Why it failed; null when it did not. */
  error: z.string().nullable(),
});
export type Rehearsal = z.infer<typeof Rehearsal>;

/** When the condition of a trigger held on what came in, and what the gate would have said. Nothing is done by it. */
export const TriggerTest = z.strictObject({
  project_id: ProjectId,
  trigger_id: TriggerId,
  version: z.int().min(1),
  since: Millis,
  until: Millis,
  /** Rows of the project, and how many events they stand for. */
  deltas: z.int().min(0),
  events: z.int().min(0),
  /** See `RehearsalReport`. */
  coarse_before: Millis.nullable(),
  /** Rows that the condition was held against, and how often it held. */
  looked: z.int().min(0),
  held: z.int().min(0),
  /** What it held for, the most often first; at most a hundred. */
  targets: z.array(
    z.strictObject({
      target: z.string(),
      held: z.int().min(1),
      events: z.int().min(1),
      first_at: Millis,
      last_at: Millis,
    }),
  ),
  /** Each time that it held, the newest first; at most two hundred. With `for`: when it still did. */
  moments: z.array(
    z.strictObject({ at: Millis, target: z.string(), fault_id: Uuid.nullable(), events: z.int().min(1) }),
  ),
  /** By the policy that stands now, from the beginning of the time on. */
  gate: TriggerDeeds,
  /** What cannot be known of that, and what was taken instead; whole sentences. */
  assumed: z.array(z.string()),
});
export type TriggerTest = z.infer<typeof TriggerTest>;
