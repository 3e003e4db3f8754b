import { z } from "zod";
import { Backoff, Budget } from "./healing.ts";
import { ProjectId, TargetId } from "./ids.ts";

/** How a supervised program is restarted; each default has its reason beside it. */
export const RestartPolicy = z.strictObject({
  /** Five restarts in ten minutes: more than a deploy blip, less than a night of flapping. */
  budget: Budget.default({ max: 5, window_ms: 600_000 }),
  /** Two restarts of one program at once make no sense. */
  ceiling: z.int().min(1).default(1),
  /** First restart at once, then 0.5 s doubling to 30 s. */
  backoff: Backoff.default({ base_ms: 500, max_ms: 30_000 }),
  debounce: z.strictObject({ count: z.int().min(1), window_ms: z.int().min(1) }).default({ count: 1, window_ms: 60_000 }),
  /** Ten quiet seconds before a restart counts as held. */
  verify_ms: z.int().min(1).default(10_000),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** A program that `prunella up` starts and watches. Listing it here is the opt-in for restarting it. */
export const SupervisedProgram = z.strictObject({
  name: TargetId,
  /** Program and arguments; no shell. */
  command: z.array(z.string().min(1)).min(1),
  /** Relative to the configuration file. */
  cwd: z.string().default("."),
  project: ProjectId.default("default"),
  env: z.record(z.string(), z.string()).default({}),
  restart: RestartPolicy.prefault({}),
});
export type SupervisedProgram = z.infer<typeof SupervisedProgram>;

export const Limits = z.strictObject({
  /** One request as it comes over the wire, bytes (Sentry: 20 MiB). */
  compressed_bytes: z.int().min(1024).default(20_971_520),
  /** One request decompressed, bytes (Sentry: 100 MiB; ours is lower because it is held in memory). */
  decompressed_bytes: z.int().min(1024).default(20_971_520),
  /** All requests being decoded at once, bytes. */
  in_flight_bytes: z.int().min(1024).default(67_108_864),
  /** Events waiting for their commit; above it doors answer 429 before any write. */
  queue_events: z.int().min(1).default(5_000),
});
export type Limits = z.infer<typeof Limits>;

/** The file `prunella.yaml`. Unknown keys are errors. */
export const Config = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default("127.0.0.1"),
      /** 4500; 0 picks a free port. */
      port: z.int().min(0).max(65535).default(4500),
      /** How browsers and SDKs reach this server, when a proxy stands before it. */
      public_url: z.url().nullable().default(null),
      /** Serve `/ledger/` to other than loopback addresses. */
      public_ledger: z.boolean().default(false),
    })
    .prefault({}),
  store: z
    .strictObject({
      /** null: embedded SQLite in the data folder. Otherwise `postgres://…`. */
      url: z.string().regex(/^postgres(ql)?:\/\//, "a store url begins with postgres://").nullable().default(null),
    })
    .prefault({}),
  limits: Limits.prefault({}),
  supervise: z.array(SupervisedProgram).default([]),
});
export type Config = z.infer<typeof Config>;
