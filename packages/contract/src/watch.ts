import { z } from "zod";
import { Millis, ProjectId, Target } from "./ids.ts";
import { ProbeStatus } from "./probe.ts";
import { ProbeKind, WatchName } from "./probe-config.ts";

/** A quarter of an hour of a day's strip: the worst that was found in it; null when nobody looked. */
export const StripCell = z.strictObject({ at: Millis, status: ProbeStatus.nullable() });
export type StripCell = z.infer<typeof StripCell>;

/** A moment at which something was found otherwise than before. */
export const WatchChange = z.strictObject({
  at: Millis,
  status: ProbeStatus,
  category: z.string(),
  /** Kept scrubbed. */
  detail: z.string(),
});
export type WatchChange = z.infer<typeof WatchChange>;

const watched = {
  project_id: ProjectId,
  name: WatchName,
  target: Target,
  /** `unknown` until somebody looked. */
  status: ProbeStatus,
  category: z.string(),
  /** One sentence about the last look, kept scrubbed. */
  detail: z.string(),
  /** Since when it has this status. */
  since: Millis,
  /** Whether people and triggers were told that it is not well, and were not told yet that it is again. */
  told: z.boolean(),
};

/** A probe and what it found last. */
export const ProbeState = z.strictObject({
  ...watched,
  kind: ProbeKind,
  every_ms: z.int().min(1),
  timeout_ms: z.int().min(1),
  /** How many looks in a row must fail before it is told. */
  failures_needed: z.int().min(1),
  /** How many did. */
  failures: z.int().min(0),
  /** null: nobody looked yet. */
  checked_at: Millis.nullable(),
  /** When somebody looks next. */
  next_due: Millis,
  /** Numbers of the last look, with their unit in the name. */
  measured: z.record(z.string(), z.number()),
  /** The last 24 hours, oldest first. */
  strip: z.array(StripCell),
});
export type ProbeState = z.infer<typeof ProbeState>;

export const ProbeDetail = ProbeState.extend({
  settings: z.record(z.string(), z.unknown()),
  /** The last changes, newest first. */
  changes: z.array(WatchChange),
});
export type ProbeDetail = z.infer<typeof ProbeDetail>;

/** Where a heartbeat was written down: in prunella.yaml, by a person, or by an SDK's check-in. */
export const HeartbeatFrom = z.enum(["file", "person", "sdk"]);

/** A heartbeat and when it was heard last. */
export const HeartbeatState = z.strictObject({
  ...watched,
  from: HeartbeatFrom,
  /** Without a key nothing can come in but an SDK's check-ins. */
  has_key: z.boolean(),
  every_ms: z.int().min(1).nullable(),
  cron: z.string().nullable(),
  time_zone: z.string(),
  grace_ms: z.int().min(0),
  max_runtime_ms: z.int().min(1).nullable(),
  heard_at: Millis.nullable(),
  /** Of a run that said that it began and has not said how it ended. */
  started_at: Millis.nullable(),
  /** How long the last run took, from `/start` to its end. */
  took_ms: z.int().min(0).nullable(),
  /** When silence is a failure; null when it is one already, or nothing was heard yet. */
  next_due: Millis.nullable(),
  strip: z.array(StripCell),
});
export type HeartbeatState = z.infer<typeof HeartbeatState>;

export const HeartbeatDetail = HeartbeatState.extend({
  /** Last lines that came with the last sign of life, kept scrubbed. */
  said: z.string(),
  changes: z.array(WatchChange),
});
export type HeartbeatDetail = z.infer<typeof HeartbeatDetail>;
