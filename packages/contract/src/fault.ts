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
  first_seen: Millis,
  last_seen: Millis,
  resolved_at: Millis.nullable(),
  /** The fault that a person merged this one into; null when it stands by itself. */
  merged_into: Uuid.nullable(),
  /** Counts every change of the row; notices and pages compare it. */
  version: z.int().min(1),
});
export type Fault = z.infer<typeof Fault>;
