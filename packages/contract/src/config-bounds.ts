import { z } from "zod";
import { duration } from "./duration.ts";
import { ProjectId } from "./ids.ts";
import { size } from "./size.ts";

/** What the doors take in, at most. */
export const Limits = z
  .strictObject({
    compressed: size({ least: "1 KiB" }).prefault("20 MiB").meta({
      description: "One request as it comes over the wire (Sentry's own limit: 20 MiB).",
    }),
    decompressed: size({ least: "1 KiB" }).prefault("20 MiB").meta({
      description: "One request decompressed (Sentry allows 100 MiB; ours is lower because it is held in memory).",
    }),
    in_flight: size({ least: "1 KiB" }).prefault("64 MiB").meta({ description: "All requests being decoded at once." }),
    queue_events: z.int().min(1).default(5_000).meta({
      description: "Events waiting for their commit; above it doors answer 429 before any write.",
      "x-unit": "events",
    }),
    new_faults_per_minute: z.int().min(1).default(1_000).meta({
      description: "Faults never seen before, by project; above it something makes them up and doors answer 429.",
      "x-unit": "faults a minute",
    }),
    stored_per_minute: size({ least: "1 KiB" }).prefault("128 MiB").meta({
      description: "Kept event bodies in a minute, by project; above it doors answer 429.",
    }),
    free_disk: size().prefault("256 MiB").meta({
      description: "What must stay free on the data folder's disk; below it doors answer 429.",
    }),
  })
  .transform(({ compressed, decompressed, in_flight, stored_per_minute, free_disk, ...counts }) => ({
    ...counts,
    compressed_bytes: compressed,
    decompressed_bytes: decompressed,
    in_flight_bytes: in_flight,
    stored_bytes_per_minute: stored_per_minute,
    free_disk_bytes: free_disk,
  }));
export type Limits = z.infer<typeof Limits>;

const DAY_MS = 86_400_000;

const counted = {
  counts_by_second_ms: z
    .int()
    .min(DAY_MS)
    .max(365 * DAY_MS),
  counts_by_hour_ms: z
    .int()
    .min(8 * DAY_MS)
    .max(3_650 * DAY_MS),
  bodies_ms: z.int().min(DAY_MS),
  faults_ms: z.int().min(DAY_MS),
  source_maps_ms: z.int().min(DAY_MS),
  project_bytes: z.int().min(1_048_576),
};

/** What ages, and what a project may take. Attempts, permits, escalations and the ledger never age. */
export const RetentionPolicy = z.strictObject(counted);
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** What people set for one project otherwise than the configuration says. */
export const RetentionChange = RetentionPolicy.partial();

const written = {
  counts_by_second: duration({ least: "1d", most: "365d" }).meta({
    description:
      "How long counts of events tell the second; then the hour. Two days: debounce windows and the newest questions look at seconds.",
  }),
  counts_by_hour: duration({ least: "8d", most: "3650d" }).meta({
    description:
      "How long they tell the hour; then the day, for as long as the fault is kept. Never under the week that a fault's trend shows.",
  }),
  bodies: duration({ least: "1d" }).meta({
    description:
      "How long bodies of events are kept. The first, the last, and those of the newest and the rarest release stay as long as their fault.",
  }),
  faults: duration({ least: "1d" }).meta({
    description:
      "How long after its last event a resolved or muted fault goes, with its counts, bodies and fingerprints. Open and regressed ones stay.",
  }),
  source_maps: duration({ least: "1d" }).meta({
    description: "How long a source map is kept after it was last read for an event, or came in.",
  }),
  project_size: size({ least: "1 MiB" }).meta({
    description:
      "What faults, bodies, counts and source maps of one project may take, about. Above it the least telling goes first.",
  }),
};

/** What is otherwise for one project; only what stands there is in it. */
const OfOneProject = z
  .strictObject({ project: ProjectId.meta({ description: "Whose." }), ...written })
  .partial()
  .required({ project: true })
  .transform(({ project, counts_by_second, counts_by_hour, bodies, faults, source_maps, project_size }) => ({
    project,
    ...(counts_by_second === undefined ? {} : { counts_by_second_ms: counts_by_second }),
    ...(counts_by_hour === undefined ? {} : { counts_by_hour_ms: counts_by_hour }),
    ...(bodies === undefined ? {} : { bodies_ms: bodies }),
    ...(faults === undefined ? {} : { faults_ms: faults }),
    ...(source_maps === undefined ? {} : { source_maps_ms: source_maps }),
    ...(project_size === undefined ? {} : { project_bytes: project_size }),
  }));

export const RetentionConfig = z
  .strictObject({
    counts_by_second: written.counts_by_second.prefault("2d"),
    counts_by_hour: written.counts_by_hour.prefault("30d"),
    bodies: written.bodies.prefault("90d"),
    faults: written.faults.prefault("180d"),
    source_maps: written.source_maps.prefault("180d"),
    project_size: written.project_size.prefault("2 GiB"),
    projects: z.array(OfOneProject).max(1_000).default([]).meta({
      description: "What is otherwise for one project; the keys that stand here win.",
    }),
  })
  .transform(({ counts_by_second, counts_by_hour, bodies, faults, source_maps, project_size, projects }) => ({
    counts_by_second_ms: counts_by_second,
    counts_by_hour_ms: counts_by_hour,
    bodies_ms: bodies,
    faults_ms: faults,
    source_maps_ms: source_maps,
    project_bytes: project_size,
    projects,
  }));
export type RetentionConfig = z.infer<typeof RetentionConfig>;
