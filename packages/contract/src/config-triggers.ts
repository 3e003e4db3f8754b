import { z } from "zod";
import { WrittenCondition } from "./condition.ts";
import { duration } from "./duration.ts";
import { Level, Source } from "./event.ts";
import { Args, Scope, type Trigger } from "./healing.ts";
import { ProjectId, Slug, Target, TriggerId } from "./ids.ts";
import { WrittenWindow } from "./written-window.ts";

const windowed = {
  max: z
    .int()
    .min(0)
    .meta({ description: "At most so many attempts within the window; 0 allows none.", "x-unit": "attempts" }),
  window: duration({ least: "1s" }).meta({ description: "Length of the window, which slides." }),
};
const scope = Scope.default("trigger").meta({ description: "Over what is counted." });

const Rung = z.strictObject({
  do: Slug.meta({ description: "An action, such as `restart`." }),
  args: Args.default({}).meta({ description: "What the action takes." }),
  timeout: duration({ least: "1s", most: "1h" }).prefault("1m").meta({
    description: "Whoever carries it out has so long; then the next remedy is asked for.",
  }),
});

const WrittenEnvelope = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .meta({ description: "The switch. Off: nothing is done, and each time is recorded." }),
  actions: z.array(Slug).max(8).default([]).meta({ description: "Actions that may be done, by their names." }),
  targets: z
    .array(Target)
    .max(1_000)
    .default([])
    .meta({ description: "What they may be done to: exact targets, no patterns." }),
  excludes: z
    .array(z.string().max(300))
    .max(32)
    .default([])
    .meta({ description: "What stays out, in words, for people." }),
  expected_symptoms: z.array(Source).max(8).default([]).meta({
    description: "Sources whose events the remedy itself causes while it runs; they trigger nothing then.",
  }),
  allow_public: z.boolean().default(false).meta({ description: "Whether events that anyone could have sent may ask." }),
});

/** A trigger as a person writes it; each default has its reason beside it. */
export const WrittenTrigger = z
  .strictObject({
    name: TriggerId.meta({ description: "What the ledger, budgets and questions call it." }),
    project: ProjectId.default("default").meta({ description: "Whose events it looks at." }),
    when: WrittenCondition.meta({ description: "What must hold; all that stands in it together." }),
    target: Target.nullable()
      .default(null)
      .meta({ description: "What its remedies act on; null: what the event names." }),
    remedies: z.array(Rung).max(8).default([]).meta({
      description:
        "Tried one after the other, each when the one before did not help; then a person. None: it only watches.",
    }),
    debounce: z
      .strictObject({
        count: z.int().min(1).max(10_000).meta({ description: "Failures that must come in.", "x-unit": "failures" }),
        window: duration({ least: "1s" }).meta({ description: "Within which they must come in." }),
      })
      .prefault({ count: 1, window: "1m" })
      .meta({ description: "How often it must fail before the first remedy is asked for. One: every failure." }),
    budgets: z
      .array(z.strictObject({ scope, ...windowed }))
      .max(16)
      .prefault([
        { max: 3, window: "1h" },
        { max: 7, window: "1d" },
      ])
      .meta({
        description: "Each of them must have room. Three an hour and seven a day: more is a job for the cause.",
      }),
    ceilings: z
      .array(z.strictObject({ scope, max: z.int().min(1).meta({ description: "At once.", "x-unit": "attempts" }) }))
      .max(4)
      .refine((list) => new Set(list.map((one) => one.scope)).size === list.length, "one ceiling for each scope")
      .prefault([{ max: 1 }])
      .meta({ description: "How many attempts may be active at once." }),
    backoff: z
      .strictObject({
        base: duration().meta({ description: "Wait before the second attempt of a streak; it doubles." }),
        max: duration().meta({ description: "Longest wait." }),
      })
      .prefault({ base: "1s", max: "5m" })
      .meta({ description: "Wait between attempts that have not held." }),
    verify: duration({ least: "1s" }).prefault("1m").meta({
      description: "The quiet watch: a remedy has held when this long passed without another failure.",
    }),
    mode: z
      .enum(["act", "dry_run"])
      .default("act")
      .meta({ description: "`dry_run`: every check, and nothing is done." }),
    storm: z
      .strictObject({
        over: z.enum(["trigger", "project"]).default("trigger").meta({
          description:
            "`trigger`: of the targets of its envelope; `project`: of all targets that the project has the same action for.",
        }),
        min_healthy: z.int().min(1).meta({
          description:
            "With fewer of them well nothing is done: most of it is down at once, and one by one is the wrong answer.",
          "x-unit": "targets",
        }),
        cooldown: duration({ least: "1s" }).prefault("10m").meta({
          description: "For so long; then only what is still bad is acted on.",
        }),
      })
      .optional()
      .meta({ description: "When so much is down at once that nothing is done for a while. Without it: never." }),
    windows: z
      .strictObject({
        maintenance: z.array(WrittenWindow).max(16).prefault([]).meta({
          description: "Somebody works on the target then: nothing is done and nobody is asked.",
        }),
        quiet: z.array(WrittenWindow).max(16).prefault([]).meta({
          description: "Nothing is done then; a person is asked where the target stays down.",
        }),
      })
      .prefault({})
      .meta({ description: "Times at which it does nothing by itself. What was held is judged again afterwards." }),
    sprint_at: Level.nullable().default(null).meta({
      description:
        "A failure of at least this level opens a corrective sprint at once, one for each fault; null: only what comes back often does.",
    }),
    log_evaluations: z.enum(["held", "all"]).default("held").meta({
      description:
        "`all`: each evaluation is kept, also one that did not hold, the first 1,000 of an hour for 7 days. Counts are kept of all triggers.",
    }),
    envelope: WrittenEnvelope.prefault({}).meta({
      description: "What its remedies may touch. Off unless it says otherwise.",
    }),
  })
  .transform(
    ({
      name,
      project,
      when,
      target,
      remedies,
      debounce,
      budgets,
      ceilings,
      backoff,
      verify,
      envelope,
      mode,
      storm,
      windows,
      sprint_at,
      log_evaluations,
    }): Trigger => ({
      id: name,
      project_id: project,
      condition: when,
      target,
      remedies: remedies.map((rung) => ({ action: rung.do, args: rung.args, timeout_ms: rung.timeout })),
      debounce: { count: debounce.count, window_ms: debounce.window },
      budgets: budgets.map((one) => ({ scope: one.scope, max: one.max, window_ms: one.window })),
      ceilings,
      backoff: { base_ms: backoff.base, max_ms: backoff.max },
      verify_ms: verify,
      envelope,
      mode,
      storm: storm ? { over: storm.over, min_healthy: storm.min_healthy, cooldown_ms: storm.cooldown } : null,
      windows,
      sprint_at,
      log_evaluations,
      version: 1,
    }),
  );

/** All of a file; two of one name in a project would take each other's place. */
export const WrittenTriggers = z
  .array(WrittenTrigger)
  .max(10_000)
  .superRefine((triggers, context) => {
    const seen = new Set<string>();
    for (const [at, { id, project_id: project }] of triggers.entries()) {
      const name = `${project} ${id}`;
      if (seen.has(name))
        context.addIssue({
          code: "custom",
          path: [at, "name"],
          message: "another trigger of the project has this name",
        });
      seen.add(name);
    }
  });
