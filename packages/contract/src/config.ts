import { z } from "zod";
import { Caller, FixEnvelopes } from "./fix-envelope.ts";
import { InvestigatorConfig } from "./investigator.ts";
import { OutboundUrl } from "./outbound-url.ts";
import { ActionWindow } from "./action-window.ts";
import { Backoff, Window } from "./healing.ts";
import { NotifyConfig } from "./messages.ts";
import { ProgramName, ProjectId, Target } from "./ids.ts";
import { Role } from "./people.ts";
import { HeartbeatConfig, ProbeConfig } from "./probe-config.ts";

/**
 * `meta` is what operators read: docs/configuration.md and packages/contract/schemas/config.json are
 * made from it (`npm run docs`), and a test holds them equal to this file. `x-unit` is the unit.
 */

/** How a supervised program is restarted; each default has its reason beside it. */
export const RestartPolicy = z.strictObject({
  budget: Window.default({ max: 5, window_ms: 600_000 }).meta({
    description:
      "How many restarts may start within one window. Five in ten minutes: more than a deploy blip, less than a night of flapping.",
  }),
  ceiling: z.int().min(1).default(1).meta({
    description: "How many restarts may be active at once. Two of one program at once make no sense.",
    "x-unit": "attempts",
  }),
  backoff: Backoff.default({ base_ms: 500, max_ms: 30_000 }).meta({
    description: "Wait before a restart of a streak: none before the first, then doubling from base_ms up to max_ms.",
  }),
  debounce: z
    .strictObject({
      count: z
        .int()
        .min(1)
        .meta({ description: "Failures that must come in before the trigger acts.", "x-unit": "failures" }),
      window_ms: z.int().min(1).meta({ description: "Within which they must come in.", "x-unit": "milliseconds" }),
    })
    .default({ count: 1, window_ms: 60_000 })
    .meta({ description: "How often the program must fail before a restart is asked for. One: every crash." }),
  verify_ms: z.int().min(1).default(10_000).meta({
    description: "The quiet watch: a restart has held when the program ran this long without another failure.",
    "x-unit": "milliseconds",
  }),
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
  stop_grace_ms: z.int().min(0).max(2_147_483_647).default(STOP_GRACE_MS).meta({
    description:
      "How long it may take to end after `stop_signal` before it is killed. Ten seconds, as container runtimes give.",
    "x-unit": "milliseconds",
  }),
  restart: RestartPolicy.prefault({}).meta({ description: "When and how often it is restarted." }),
});
export type SupervisedProgram = z.infer<typeof SupervisedProgram>;

export const Limits = z.strictObject({
  compressed_bytes: z.int().min(1024).default(20_971_520).meta({
    description: "One request as it comes over the wire (Sentry's own limit: 20 MiB).",
    "x-unit": "bytes",
  }),
  decompressed_bytes: z.int().min(1024).default(20_971_520).meta({
    description: "One request decompressed (Sentry allows 100 MiB; ours is lower because it is held in memory).",
    "x-unit": "bytes",
  }),
  in_flight_bytes: z.int().min(1024).default(67_108_864).meta({
    description: "All requests being decoded at once.",
    "x-unit": "bytes",
  }),
  queue_events: z.int().min(1).default(5_000).meta({
    description: "Events waiting for their commit; above it doors answer 429 before any write.",
    "x-unit": "events",
  }),
  new_faults_per_minute: z.int().min(1).default(1_000).meta({
    description: "Faults never seen before, by project; above it something makes them up and doors answer 429.",
    "x-unit": "faults a minute",
  }),
  stored_bytes_per_minute: z.int().min(1024).default(134_217_728).meta({
    description: "Bytes of kept event bodies, by project; above it doors answer 429.",
    "x-unit": "bytes a minute",
  }),
  free_disk_bytes: z.int().min(0).default(268_435_456).meta({
    description: "What must stay free on the data folder's disk; below it doors answer 429.",
    "x-unit": "bytes",
  }),
});
export type Limits = z.infer<typeof Limits>;

const DAY_MS = 86_400_000;

const retentionShape = {
  counts_by_second_ms: z
    .int()
    .min(DAY_MS)
    .max(365 * DAY_MS)
    .meta({
      description:
        "How long counts of events tell the second; then the hour. Two days: debounce windows and the newest questions look at seconds.",
      "x-unit": "milliseconds",
    }),
  counts_by_hour_ms: z
    .int()
    .min(8 * DAY_MS)
    .max(3_650 * DAY_MS)
    .meta({
      description:
        "How long they tell the hour; then the day, for as long as the fault is kept. Never under the week that a fault's trend shows.",
      "x-unit": "milliseconds",
    }),
  bodies_ms: z.int().min(DAY_MS).meta({
    description:
      "How long bodies of events are kept. The first, the last, and those of the newest and the rarest release stay as long as their fault.",
    "x-unit": "milliseconds",
  }),
  faults_ms: z.int().min(DAY_MS).meta({
    description:
      "How long after its last event a resolved or muted fault goes, with its counts, bodies and fingerprints. Open and regressed ones stay.",
    "x-unit": "milliseconds",
  }),
  source_maps_ms: z.int().min(DAY_MS).meta({
    description: "How long a source map is kept after it was last read for an event, or came in.",
    "x-unit": "milliseconds",
  }),
  project_bytes: z.int().min(1_048_576).meta({
    description:
      "What faults, bodies, counts and source maps of one project may take, about. Above it the least telling goes first.",
    "x-unit": "bytes",
  }),
};

/** What ages, and what a project may take. Attempts, permits, escalations and the ledger never age. */
export const RetentionPolicy = z.strictObject({
  counts_by_second_ms: retentionShape.counts_by_second_ms.default(2 * DAY_MS),
  counts_by_hour_ms: retentionShape.counts_by_hour_ms.default(30 * DAY_MS),
  bodies_ms: retentionShape.bodies_ms.default(90 * DAY_MS),
  faults_ms: retentionShape.faults_ms.default(180 * DAY_MS),
  source_maps_ms: retentionShape.source_maps_ms.default(180 * DAY_MS),
  project_bytes: retentionShape.project_bytes.default(2_147_483_648),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;

/** What people set for one project otherwise than the configuration says. */
export const RetentionChange = z.strictObject(retentionShape).partial();

export const RetentionConfig = RetentionPolicy.extend({
  projects: z
    .array(
      z
        .strictObject({ project: ProjectId.meta({ description: "Whose." }), ...retentionShape })
        .partial()
        .required({ project: true }),
    )
    .max(1_000)
    .default([])
    .meta({ description: "What is otherwise for one project; the keys that stand here win." }),
});
export type RetentionConfig = z.infer<typeof RetentionConfig>;

/** A scrub rule of one's own; what a pattern may hold is checked when the server starts. */
export const ScrubRule = z.strictObject({
  name: z.string().meta({ description: "Kebab-case and unlike any built-in rule; redactions are counted under it." }),
  type: z.string().meta({ description: "What the placeholder says: capitals, digits and _, such as `ACME_TOKEN`." }),
  keywords: z
    .array(z.string())
    .min(1)
    .max(64)
    .meta({ description: "One of them, in any case, stands in everything that the rule finds." }),
  pattern: z.string().meta({
    description:
      "Regular expression without unbounded quantifiers. What it matches goes, or only its first group when it has one.",
  }),
  examples: z.array(z.string()).max(100).default([]).meta({
    description: "Texts that the rule must change; the server does not start when it leaves one alone.",
  }),
  negatives: z.array(z.string()).max(100).default([]).meta({
    description: "Texts that the rule must leave alone; the server does not start when it changes one.",
  }),
});

/** What one installation takes out beside what the built-in rules take. */
export const ScrubConfig = z.strictObject({
  rules: z.array(ScrubRule).max(100).default([]).meta({
    description: "Rules of your own, beside the built-in ones. Try them with `prunella scrub test`.",
  }),
  drop_keys: z.array(z.string()).max(1_000).default([]).meta({
    description: "Keys whose values always go, in any spelling: `customer_id` is also `customerId`.",
  }),
  never_keep: z.array(z.string()).max(1_000).default([]).meta({
    description:
      "Fields of events that are never kept, such as `server_name`, `context.request.data` or `tags.customer`.",
  }),
});
export type ScrubConfig = z.infer<typeof ScrubConfig>;

const Vkey = z
  .string()
  .max(500)
  .regex(/^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]{40,64}={0,2}$/, "a verifier key is name+hex8+base64");

/** Where checkpoints go, so that a rewritten ledger is found: the data folder alone can vouch for any past. */
export const LedgerConfig = z.strictObject({
  checkpoints: z
    .strictObject({
      every_ms: z.int().min(1_000).default(600_000).meta({
        description:
          "How often a checkpoint goes out when the ledger has grown. Ten minutes: what is younger could be rewritten unseen.",
        "x-unit": "milliseconds",
      }),
      file: z.string().min(1).nullable().default(null).meta({
        description:
          "A file that gets a line for each, relative to the configuration file; best on a disk that this machine can only append to.",
      }),
      webhook: OutboundUrl.nullable().default(null).meta({
        description: "Address that each is posted to as JSON. https, or http to this machine.",
      }),
    })
    .prefault({})
    .meta({
      description: "Checkpoints for keeping elsewhere; see docs/ledger.md. Off unless a file or webhook stands here.",
    }),
  witnesses: z
    .array(
      z.strictObject({
        url: OutboundUrl.meta({ description: "Its submission prefix; `/add-checkpoint` is added." }),
        vkey: Vkey.meta({ description: "Its verifier key, of type 4." }),
      }),
    )
    .max(16)
    .default([])
    .meta({ description: "C2SP witnesses that are asked to cosign each checkpoint." }),
});
export type LedgerConfig = z.infer<typeof LedgerConfig>;

/** Signing in by another provider, over OpenID Connect. */
export const OidcConfig = z.strictObject({
  issuer: OutboundUrl.meta({ description: "Its address, as it names itself. https, or http to this machine." }),
  client_id: z.string().min(1).max(500).meta({ description: "What it calls this server." }),
  client_secret: z.string().min(1).max(1_000).nullable().default(null).meta({
    description: "`${NAME}` takes it from the environment of the server, so that it stands in no file.",
  }),
  client_secret_file: z.string().min(1).nullable().default(null).meta({
    description: "Or the file that holds it, relative to the configuration file.",
  }),
  title: z.string().min(1).max(40).default("single sign-on").meta({ description: "Name on the button." }),
  mail_domains: z
    .array(z.string().regex(/^[a-z0-9.-]{1,253}$/, "a domain in lower case, such as example.org"))
    .max(100)
    .default([])
    .meta({ description: "Whoever has a verified mail address in one of them may come in." }),
  claim: z
    .strictObject({
      name: z.string().min(1).max(200).meta({ description: "Claim of the ID token." }),
      value: z.string().min(1).max(200).meta({ description: "What it says, or holds in a list." }),
    })
    .nullable()
    .default(null)
    .meta({ description: "Whoever has it may come in, such as `groups` with `ops`." }),
  role: Role.default("viewer").meta({ description: "Role of somebody who comes in for the first time." }),
  project: ProjectId.nullable().default(null).meta({ description: "Where they have it; null: in all projects." }),
});
export type OidcConfig = z.infer<typeof OidcConfig>;

/** A window of the configuration, over a project's targets or over all. */
const MaintenanceConfig = z.strictObject({
  window: ActionWindow.meta({ description: "When it is open." }),
  project: ProjectId.nullable().default(null).meta({ description: "Of this project; null: of all." }),
  target: Target.nullable().default(null).meta({ description: "This target alone; null: all of them." }),
  reason: z.string().trim().min(1).max(200).meta({ description: "Why, in a few words." }),
});

/** The file `prunella.yaml`. Unknown keys are errors. */
export const Config = z.strictObject({
  server: z
    .strictObject({
      host: z
        .string()
        .default("127.0.0.1")
        .meta({ description: "Address to serve on. Loopback: nobody else reaches it unless you say so." }),
      port: z.int().min(0).max(65535).default(4500).meta({ description: "Port to serve on; 0 picks a free one." }),
      public_url: z.url().nullable().default(null).meta({
        description: "How browsers and SDKs reach this server when a proxy stands before it. null: by host and port.",
      }),
      link_sign_in: z.boolean().default(true).meta({
        description:
          "Whether `prunella sign-in` makes links that sign a browser in as the one operator. Off: browsers get in as people alone; the data folder's token still makes and invites them.",
      }),
      public_ledger: z.boolean().default(false).meta({
        description: "Serve `/ledger/` to everybody, web pages included. Off: to who may call the operator API.",
      }),
      hosts: z
        .array(z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, "a host name, such as prunella.example"))
        .max(32)
        .default([])
        .meta({
          description:
            "Names under which browsers reach this server, beside `localhost`, addresses, `server.host` and that of `public_url`. A request for any other name is refused.",
        }),
      log_level: z.enum(["info", "warn", "silent"]).default("info").meta({
        description:
          "The least that a line of the log must matter. Lines are readable in a terminal and JSON elsewhere, on stderr.",
      }),
    })
    .prefault({})
    .meta({ description: "Where and how the server is reached." }),
  store: z
    .strictObject({
      url: z
        .string()
        .regex(/^postgres(ql)?:\/\//, "a store url begins with postgres://")
        .nullable()
        .default(null)
        .meta({ description: "`postgres://…`, or null for the embedded database in the data folder." }),
    })
    .prefault({})
    .meta({ description: "Where everything durable is kept." }),
  limits: Limits.prefault({}).meta({ description: "Bounds of the doors." }),
  retention: RetentionConfig.prefault({}).meta({
    description: "What ages, and what a project may take. A shorter time is in force within a week.",
  }),
  crash_reports: z
    .strictObject({
      enabled: z.boolean().default(true).meta({
        description: "Take in anonymous reports at `POST /v1/crash`. Off: they are answered alike and dropped.",
      }),
      per_address_per_minute: z.int().min(1).default(30).meta({
        description: "Reports of one address; a fleet behind one address sends few crashes a minute.",
        "x-unit": "reports a minute",
      }),
      per_project_per_minute: z.int().min(1).default(120).meta({
        description: "Reports that name one project hash.",
        "x-unit": "reports a minute",
      }),
    })
    .prefault({})
    .meta({ description: "The anonymous front door." }),
  ledger: LedgerConfig.prefault({}).meta({ description: "What of the ledger is kept elsewhere." }),
  witness: z
    .strictObject({
      origins: z.array(Vkey).max(1_000).default([]).meta({
        description:
          "Verifier keys of ledgers that this server cosigns at `/witness/add-checkpoint`. None: no such address.",
      }),
    })
    .prefault({})
    .meta({ description: "Being the witness of others." }),
  oidc: OidcConfig.nullable().default(null).meta({
    description:
      "Another provider that people may sign in by. Without `mail_domains` and `claim` nobody new comes in: people whom an owner gave a mail address, when the provider has verified it, do.",
  }),
  scrub: ScrubConfig.prefault({}).meta({
    description: "What is taken out beside what the built-in rules take. It can only be more.",
  }),
  notify: NotifyConfig.prefault({}).meta({ description: "How people are told what needs them; see docs/messages.md." }),
  envelopes: FixEnvelopes.default([]).meta({
    description:
      "What may be fixed, by probe. Every one is off until `prunella envelopes on <probe>`, or `PRUNELLA_AUTOFIX_<PROBE>_ENABLED` in `autofix.env` of the data folder or in the environment.",
  }),
  callers: z.array(Caller).max(100).default([]).meta({
    description: "Programs outside that may ask for fixes. None by default.",
  }),
  investigator: InvestigatorConfig.prefault({}).meta({
    description: "Who looks into what a probe found, and what that may cost.",
  }),
  metrics: z
    .strictObject({
      token_file: z.string().min(1).nullable().default(null).meta({
        description:
          "A file whose text, of at least 16 characters, opens `/metrics` as a bearer token; relative to the configuration file. null: who may call the operator API. It is read at each scrape, and Prometheus takes the same file as `credentials_file`.",
      }),
    })
    .prefault({})
    .meta({ description: "What Prometheus reads." }),
  maintenance: z.array(MaintenanceConfig).max(200).default([]).meta({
    description:
      "Windows in which somebody works: policy does nothing about these targets and asks nobody. Beside them stand those of `prunella maintenance add`.",
  }),
  sprints: z
    .strictObject({
      count: z
        .int()
        .min(1)
        .default(3)
        .meta({ description: "Escalations and ineffective fixes of one fault.", "x-unit": "of them" }),
      within_ms: z
        .int()
        .min(60_000)
        .default(7 * 86_400_000)
        .meta({ description: "Within which they must come.", "x-unit": "milliseconds" }),
    })
    .prefault({})
    .meta({ description: "When a fault asks for the repair of its cause: a corrective sprint is opened." }),
  heartbeats: z.array(HeartbeatConfig).max(20_000).default([]).meta({
    description: "What says by itself that it lives, and whose silence is a failure.",
  }),
  probes: z.array(ProbeConfig).max(5_000).default([]).meta({
    description: "What Prunella looks at by itself, now and then.",
  }),
  supervise: z
    .array(SupervisedProgram)
    .superRefine((programs, context) => {
      const names = programs.map(({ project, name }) => `${project} ${name}`);
      for (const [at, name] of names.entries())
        if (names.indexOf(name) < at)
          context.addIssue({
            code: "custom",
            path: [at, "name"],
            message: "another program of the project has this name, and faults and decisions tell programs apart by it",
          });
    })
    .default([])
    .meta({ description: "Programs that `prunella up` starts and restarts." }),
});
export type Config = z.infer<typeof Config>;
