import { z } from "zod";
import { duration } from "./duration.ts";
import { ProjectId, Target } from "./ids.ts";
import { Credential } from "./probe.ts";

/** What probes and heartbeats are called; a name is unique in its project among those of its sort. */
export const WatchName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, "a name is 1 to 64 of A-Z, a-z, 0-9, _ and -, such as shop-http");

export const ProbeKind = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, "a kind is one of those that `prunella probes kinds` lists, such as http");

/** Something that Prunella looks at by itself, now and then. */
export const ProbeConfig = z.strictObject({
  name: WatchName.meta({ description: "What faults, triggers and pages call the probe." }),
  project: ProjectId.default("default").meta({ description: "Project that its failures belong to." }),
  kind: ProbeKind.meta({
    description:
      "How it looks: `http`, `tcp`, `dns`, `command`, `process`, `disk`, or that of a plugin, such as `systemd`.",
  }),
  target: Target.nullable().default(null).meta({
    description:
      "What it watches, as triggers and remedies name it, such as `program:shop` or `unit:nginx.service`. null: `probe:<name>`.",
  }),
  every: duration({ least: "1s", most: "1d" }).prefault("1m").meta({
    description: "How often it looks. A little chance is added, so that many never look at one moment.",
  }),
  timeout: duration({ least: "100ms", most: "2m" }).prefault("10s").meta({
    description: "How long one look may take; then it has failed with `timeout`.",
  }),
  failures: z.int().min(1).max(100).default(2).meta({
    description: "So many looks in a row must fail before anybody hears of it. Two: one may be chance.",
    "x-unit": "looks",
  }),
  critical_bypass: z.boolean().default(false).meta({
    description: "The first look that finds it broken is told at once, however often that was told before.",
  }),
  settings: z.record(z.string(), z.unknown()).default({}).meta({
    description: "What the kind needs: docs/probes.md lists the settings of each.",
  }),
});
export type ProbeConfig = z.infer<typeof ProbeConfig>;

/** When a sign of life is due: after a time, or by a pattern of cron. */
const schedule = {
  every: duration({ least: "1s", most: "366d" }).nullable().prefault(null).meta({
    description: "The longest time between two signs of life. null: `cron` says when.",
  }),
  cron: z.string().min(1).max(100).nullable().default(null).meta({
    description: "When it runs, as cron writes it, such as `0 3 * * *`. null: `every` says when.",
  }),
  time_zone: z.string().min(1).max(64).default("UTC").meta({
    description: "Whose clock `cron` is read by, such as `Europe/Berlin`.",
  }),
  grace: duration({ least: "0s", most: "7d" }).prefault("1m").meta({
    description: "How much later than due a sign of life may come.",
  }),
  max_runtime: duration({ least: "1s", most: "7d" }).nullable().prefault(null).meta({
    description: "How long a run may take from `/start` to its end. null: until the next one is overdue.",
  }),
};

/** Something that says by itself that it lives; its silence is the failure. */
export const HeartbeatConfig = z
  .strictObject({
    name: WatchName.meta({ description: "The last part of its address, `/v1/heartbeat/<name>`." }),
    project: ProjectId.default("default").meta({ description: "Project that its failures belong to." }),
    target: Target.nullable().default(null).meta({
      description: "What lives, as triggers and remedies name it. null: `heartbeat:<name>`.",
    }),
    ...schedule,
    key: Credential.nullable().default(null).meta({
      description:
        "Where its key is read when the server starts: `env:NAME` or `file:PATH`, of at least 16 characters. null: `prunella heartbeats rotate <name>` makes one.",
    }),
  })
  .refine(({ every, cron }) => (every === null) !== (cron === null), {
    message: "a heartbeat has either every or cron, such as every: 1h",
    path: ["every"],
  });
export type HeartbeatConfig = z.infer<typeof HeartbeatConfig>;
