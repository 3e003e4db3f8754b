import type { ProbeStatus } from "@prunella/contract";

/** Of whatever is watched. Text is scrubbed. */
interface WatchColumns {
  project_id: string;
  name: string;
  target: string;
  status: ProbeStatus;
  category: string;
  detail: string;
  since: number;
  /** A letter for each quarter of an hour of a day, the newest last; `strip_at` says which that is. */
  strip: string;
  strip_at: number;
  /** JSON of the last changes, newest first. */
  changes: string;
  /** JSON: which categories people were told of. */
  told: string;
}

/** What is looked at, and what says by itself that it lives. */
export interface WatchTables {
  probe_state: WatchColumns & {
    /** Of the data folder whose configuration names it. */
    place: string;
    kind: string;
    /** JSON, as the configuration has it. */
    settings: string;
    every_ms: number;
    timeout_ms: number;
    failures_needed: number;
    critical_bypass: number;
    /** JSON of the last look. */
    measured: string;
    failures: number;
    checked_at: number | null;
    due_at: number;
    leased_until: number;
    node_id: string;
    fence: number;
  };
  heartbeat: WatchColumns & {
    /** Of the data folder whose configuration names it; empty when none does. */
    place: string;
    came_from: "file" | "person" | "sdk";
    every_ms: number | null;
    cron: string | null;
    time_zone: string;
    grace_ms: number;
    max_runtime_ms: number | null;
    key_sha256: string | null;
    heard_at: number | null;
    started_at: number | null;
    took_ms: number | null;
    /** What came with the last sign of life, scrubbed. */
    said: string;
    /** When silence is a failure. */
    due_at: number | null;
    look_at: number | null;
  };
}
