import { z } from "zod";
import { duration } from "./duration.ts";
import { ProjectId, Slug, SubjectId } from "./ids.ts";
import { EnvelopeTarget, ProbeName } from "./envelope-target.ts";
import { Credential } from "./probe.ts";
import { OutboundUrl } from "./outbound-url.ts";

const Command = z.array(z.string().min(1).max(4_000)).min(1).max(64);

/** What each remedy needs to be told, and nothing that it does not use. */
const NEEDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  wake: [["command"], ["signal"], ["url"]],
  clear: [["command", "dry_run"]],
  command: [["command"]],
  http_call: [["url"]],
};
const TOLD = ["command", "dry_run", "signal", "url"] as const;

export const FixAction = z
  .strictObject({
    do: Slug.meta({ description: "The remedy, such as `restart`, `wake`, `clear`, `command`, `http_call`." }),
    as: Slug.nullable().default(null).meta({ description: "Another name that an autofix may call it by." }),
    targets: z.array(EnvelopeTarget).min(1).max(1_000).meta({
      description: "What it may touch: exact targets, or `<kind>:<part>/*` for what lies directly below.",
    }),
    command: Command.nullable().default(null).meta({ description: "Program and arguments; no shell." }),
    dry_run: Command.nullable().default(null).meta({
      description: "Of `clear`: run before it, and it must end with 0.",
    }),
    check: Command.nullable().default(null).meta({
      description: "Ends with 0 when the target is well. Without it nobody can say, and that counts as a failure.",
    }),
    signal: z
      .strictObject({
        pid_file: z.string().min(1).max(1_000).meta({ description: "File that holds the process id." }),
        name: z.enum(["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"]).meta({ description: "Signal that wakes it." }),
      })
      .nullable()
      .default(null)
      .meta({ description: "Of `wake`: which process gets which signal." }),
    url: OutboundUrl.nullable().default(null).meta({ description: "Of `wake` and `http_call`: what is called." }),
    method: z.enum(["GET", "POST", "PUT", "DELETE"]).default("POST").meta({ description: "How it is called." }),
    body: z.string().max(10_000).nullable().default(null).meta({ description: "What is sent, as JSON." }),
    timeout: duration({ least: "100ms", most: "1h" }).prefault("30s").meta({
      description: "How long it may take, until the target is well again.",
    }),
  })
  .superRefine((action, context) => {
    const told = TOLD.filter((key) => action[key] !== null);
    const ways = NEEDS[action.do] ?? [[]];
    if (ways.some((way) => way.length === told.length && way.every((key) => told.some((one) => one === key)))) return;
    const needed = ways.map((way) => (way.length === 0 ? "none of these" : way.join(" and "))).join(", or ");
    context.addIssue({
      code: "custom",
      path: ["do"],
      message: `${action.do} takes ${needed}; ${told.length === 0 ? "nothing of it" : told.join(" and ")} stands here`,
    });
  });
export type FixAction = z.infer<typeof FixAction>;

/**
 * How far an envelope is trusted with what policy and callers ask for; a person's own request is not held by it.
 * `observe`: it says what it would have done. `propose`: it tells a person, who does it by hand. `approve`: it is
 * done when a person says so. `auto`: it is done.
 */
export const EnvelopeStage = z.enum(["observe", "propose", "approve", "auto"]);
export type EnvelopeStage = z.infer<typeof EnvelopeStage>;

/** What may be done about what a probe sees. Its switch stands elsewhere, and is off until somebody turns it. */
export const FixEnvelope = z
  .strictObject({
    probe: ProbeName.meta({ description: "Its name. The switch is `PRUNELLA_AUTOFIX_<NAME>_ENABLED`." }),
    project: ProjectId.default("default").meta({ description: "Whose." }),
    base_url: OutboundUrl.nullable().default(null).meta({
      description: "Where the provider's API answers; null: where it is known to.",
    }),
    token: Credential.nullable().default(null).meta({
      description:
        "Where the host reads the provider's token, such as `env:FLY_API_TOKEN`; null: where the provider's own tools do. Read at each use.",
    }),
    begins_at: EnvelopeStage.default("propose").meta({
      description:
        "How far it is trusted at first: `observe`, `propose`, `approve` or `auto`. From its first move on a person says (`prunella envelopes promote --help`), and a fix that did not help takes it back by one.",
    }),
    actions: z.array(FixAction).max(100).prefault([]).meta({
      description: "What it may do. None: it observes, and its switch permits nothing.",
    }),
  })
  .meta({ description: "Allowed fixes of one probe." });
export type FixEnvelope = z.infer<typeof FixEnvelope>;

/** The pattern that holds an exact target; null when none does. */
const patternOf = (target: string): string | null =>
  /^(.*\/)[A-Za-z0-9_-]{1,64}$/.exec(target)?.[1]?.concat("*") ?? null;

/** One envelope a name and project; one definition for each remedy and target, or nobody could say which is meant. */
export const FixEnvelopes = z
  .array(FixEnvelope)
  .max(1_000)
  .superRefine((envelopes, context) => {
    const names = envelopes.map(({ project, probe }) => `${project} ${probe}`);
    const meant = new Set<string>();
    const patterns = new Set<string>();
    const switched = new Map<string, string>();
    for (const [at, { project, probe, actions }] of envelopes.entries()) {
      if (names.indexOf(names[at] ?? "") < at)
        context.addIssue({ code: "custom", path: [at, "probe"], message: "another envelope has this name" });
      // In the name of a variable a hyphen is an underscore.
      const variable = probe.replaceAll("-", "_");
      const other = switched.get(variable) ?? probe;
      switched.set(variable, other);
      if (other !== probe)
        context.addIssue({ code: "custom", path: [at, "probe"], message: `its switch is that of ${other}` });
      for (const [nth, action] of actions.entries())
        for (const target of action.targets) {
          const named = (text: string) => `${project} ${action.do} ${text}`;
          const one = named(target);
          const pattern = patternOf(target);
          if (meant.has(one))
            context.addIssue({
              code: "custom",
              path: [at, "actions", nth, "targets"],
              message: `${action.do} of ${target} stands twice`,
            });
          else if (patterns.has(one) || (pattern !== null && meant.has(named(pattern))))
            context.addIssue({
              code: "custom",
              path: [at, "actions", nth, "targets"],
              message: `${action.do} of ${target} stands twice: by its name, and by a pattern that holds it`,
            });
          meant.add(one);
          if (pattern !== null) patterns.add(named(pattern));
        }
    }
  });

/** A program outside that may ask for fixes, with a key of its own. */
export const Caller = z
  .strictObject({
    name: SubjectId.meta({ description: "Who the ledger knows it as." }),
    project: ProjectId.default("default").meta({ description: "Whose." }),
    key: z
      .string()
      .min(1)
      .max(1_000)
      .nullable()
      .default(null)
      .meta({ description: "`${NAME}` takes it from the environment of the server, so that it stands in no file." }),
    key_file: z.string().min(1).nullable().default(null).meta({
      description: "Or the file that holds it, relative to the configuration file.",
    }),
    tools: z
      .array(z.enum(["autofix"]))
      .default([])
      .meta({ description: "What it may call. None: nothing." }),
    actions: z.array(Slug).default([]).meta({ description: "Which remedies it may ask for, by their own names." }),
    targets: z.array(EnvelopeTarget).max(1_000).default([]).meta({ description: "Of which targets." }),
  })
  .refine(({ key, key_file }) => (key === null) !== (key_file === null), {
    error: "one of key and key_file stands here",
    path: ["key"],
  });
export type Caller = z.infer<typeof Caller>;
