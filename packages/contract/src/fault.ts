import { z } from "zod";
import { Level } from "./event.ts";
import { Millis, ProjectId, Uuid } from "./ids.ts";

export const FaultStatus = z.enum(["open", "resolved", "regressed", "muted"]);
export type FaultStatus = z.infer<typeof FaultStatus>;

/** All events of one fingerprint. Text in here is scrubbed. */
export const Fault = z.strictObject({
  id: Uuid,
  project_id: ProjectId,
  status: FaultStatus,
  level: Level,
  /** `class: message`, at most 300 characters. */
  title: z.string(),
  /** `function · file` of the frame that decided; empty when there is none. */
  culprit: z.string(),
  /** Events, those of faults that were merged into this one included. */
  count: z.int().min(0),
  /** By the moment of receipt, as the count; `at` of an event is what its sender's clock said. */
  first_seen: Millis,
  last_seen: Millis,
  resolved_at: Millis.nullable(),
  /** Resolved for releases to come: events of those known at `resolved_at` leave it resolved. */
  resolved_in_next_release: z.boolean(),
  /** Of a muted fault: when it is open again. With `snoozed_count` whichever comes first; null on both: muted for good. */
  snoozed_until: Millis.nullable(),
  /** Of a muted fault: at which `count` it is open again. */
  snoozed_count: z.int().min(1).nullable(),
  /** Who looks after it: a person's id or any name. */
  assignee: z.string().nullable(),
  /** The fault that a person merged this one into; null when it stands by itself. */
  merged_into: Uuid.nullable(),
  /** Counts every change of the row; notices and pages compare it. */
  version: z.int().min(1),
});
export type Fault = z.infer<typeof Fault>;
