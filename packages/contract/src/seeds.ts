import { z } from "zod";
import type { WrittenTrigger } from "./config-triggers.ts";

type Written = z.input<typeof WrittenTrigger>;

/** Triggers that are there by name. Each ships with its envelope off: whoever wants it to act switches it on. */
export const SEEDS = {
  /** A service whose start fails on a missing import. A restart that cannot cure it uses its budget up, and a person is asked. */
  "seed-bus-bridge-import-failed": (target: string): Written => ({
    name: "seed-bus-bridge-import-failed",
    when: {
      target,
      any: [
        { class: "ModuleNotFoundError" },
        { class: "ImportError" },
        // Node: of CommonJS and of files as modules; what follows are names of files.
        { class: "Error", message_begins: "Cannot find module <value>" },
        { class: "Error", message_begins: "Cannot find package <value>" },
      ],
    },
    remedies: [{ do: "restart" }],
    budgets: [{ max: 2, window: "1h" }],
    verify: "1m",
    envelope: { actions: ["restart"], targets: [target], excludes: ["installing what is missing"] },
  }),

  /** Detected alone: its repair is a stub until twenty detections were confirmed and a person allows it. */
  "seed-inbox-staleness": (target: string): Written => ({
    name: "seed-inbox-staleness",
    when: { target, for: "10m" },
    envelope: { excludes: ["repairing: a stub until 20 detections were confirmed and a person allows it"] },
  }),

  /** An agent whose heartbeat was silent for 1,800 s is woken, twice an episode at most; then one question. */
  "seed-agent-dormancy": (target: string): Written => ({
    name: "seed-agent-dormancy",
    when: { target, source: "heartbeat", for: "30m" },
    remedies: [{ do: "wake" }],
    debounce: { count: 1, window: "30m" },
    budgets: [{ scope: "target", max: 2, window: "1d" }],
    ceilings: [{ max: 2 }],
    verify: "30m",
    envelope: { actions: ["wake"], targets: [target], excludes: ["ending or restarting the agent"] },
  }),
} as const satisfies Record<SeedName, (target: string) => Written>;

export const SeedName = z.enum(["seed-bus-bridge-import-failed", "seed-inbox-staleness", "seed-agent-dormancy"]);
export type SeedName = z.infer<typeof SeedName>;
