import { z } from "zod";
import { duration, writeDuration } from "./duration.ts";
import { Backoff, Window } from "./healing.ts";
import { ProgramName, ProjectId } from "./ids.ts";

/** How a person writes the policy of restarts; each default has its reason beside it. */
const RestartInFile = z
  .strictObject({
    budget: z
      .strictObject({
        max: z.int().min(0).meta({
          description: "At most so many attempts may start within the window; 0 allows none.",
          "x-unit": "attempts",
        }),
        window: duration({ least: "1ms" }).meta({ description: "Length of the window, which slides." }),
      })
      .prefault({ max: 5, window: "10m" })
      .meta({
        description:
          "How many restarts may start within one window. Five in ten minutes: more than a deploy blip, less than a night of flapping.",
      }),
    ceiling: z.int().min(1).default(1).meta({
      description: "How many restarts may be active at once. Two of one program at once make no sense.",
      "x-unit": "attempts",
    }),
    backoff: z
      .strictObject({
        base: duration().meta({
          description: "Wait before the second attempt of a streak; it doubles with each further one.",
        }),
        max: duration().meta({ description: "Longest wait." }),
      })
      .prefault({ base: "500ms", max: "30s" })
      .meta({
        description: "Wait before a restart of a streak: none before the first, then doubling from base up to max.",
      }),
    debounce: z
      .strictObject({
        count: z
          .int()
          .min(1)
          .meta({ description: "Failures that must come in before the trigger acts.", "x-unit": "failures" }),
        window: duration({ least: "1ms" }).meta({ description: "Within which they must come in." }),
      })
      .prefault({ count: 1, window: "1m" })
      .meta({ description: "How often the program must fail before a restart is asked for. One: every crash." }),
    verify: duration({ least: "1ms" }).prefault("10s").meta({
      description: "The quiet watch: a restart has held when the program ran this long without another failure.",
    }),
  })
  .transform(({ budget, ceiling, backoff, debounce, verify }) => ({
    budget: { max: budget.max, window_ms: budget.window },
    ceiling,
    backoff: { base_ms: backoff.base, max_ms: backoff.max },
    debounce: { count: debounce.count, window_ms: debounce.window },
    verify_ms: verify,
  }));

const STANDARD = RestartInFile.parse({});

/** How a supervised program is restarted. */
export const RestartPolicy = z.strictObject({
  budget: Window.default(STANDARD.budget),
  ceiling: z.int().min(1).default(STANDARD.ceiling),
  backoff: Backoff.default(STANDARD.backoff),
  debounce: z.strictObject({ count: z.int().min(1), window_ms: z.int().min(1) }).default(STANDARD.debounce),
  verify_ms: z.int().min(1).default(STANDARD.verify_ms),
});
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** Signals that programs know as a wish to end; WINCH is the graceful stop of Apache. */
const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const;

/** What a program is given to end, unless its owner says otherwise. */
export const STOP_GRACE_MS = 10_000;

/** A program that `prunella up` starts and watches. Listing it here is the opt-in for restarting it. */
export const SupervisedProgram = z.strictObject({
  name: ProgramName.meta({
    description: "What faults, triggers and decisions call the program: 1 to 64 of A-Z, a-z, 0-9, _ and -.",
  }),
  command: z.array(z.string().min(1)).min(1).meta({ description: "Program and arguments; no shell." }),
  cwd: z.string().default(".").meta({ description: "Working folder, relative to the configuration file." }),
  project: ProjectId.default("default").meta({ description: "Project that its crashes belong to." }),
  env: z.record(z.string(), z.string()).default({}).meta({
    description: "Variables of its own. `PRUNELLA_DSN` is set unless it stands here.",
  }),
  env_inherit: z.enum(["listed", "all"]).default("listed").meta({
    description:
      "What it gets of the server's environment. `listed`: `PATH`, `HOME`, `LANG`, `LC_ALL`, `LC_CTYPE`, `TZ`, `USER`, `LOGNAME`, `TMPDIR`. `all`: everything but Prunella's own variables.",
  }),
  stop_signal: z.enum(STOP_SIGNALS).default("SIGTERM").meta({
    description: "What asks it to end, and all that it started with it.",
  }),
  // The longest that a timer can wait.
  stop_grace: duration({ most: "24d" }).prefault(writeDuration(STOP_GRACE_MS)).meta({
    description:
      "How long it may take to end after `stop_signal` before it is killed. Ten seconds, as container runtimes give.",
  }),
  restart: RestartInFile.prefault({}).meta({ description: "When and how often it is restarted." }),
});
export type SupervisedProgram = z.infer<typeof SupervisedProgram>;
