import { z } from "zod";
import { Caller, FixEnvelopes } from "./fix-envelope.ts";
import { InvestigatorConfig } from "./investigator.ts";
import { OutboundUrl } from "./outbound-url.ts";
import { Limits, RetentionConfig } from "./config-bounds.ts";
import { SupervisedProgram } from "./config-programs.ts";
import { WrittenTriggers } from "./config-triggers.ts";
import { duration } from "./duration.ts";
import { ForgeConfig, UbiquityosConfig } from "./forge-config.ts";
import { NotifyConfig } from "./messages.ts";
import { ProjectId, Target } from "./ids.ts";
import { PluginsConfig } from "./config-plugins.ts";
import { SeedName } from "./seeds.ts";
import { Role } from "./people.ts";
import { HeartbeatConfig, ProbeConfig } from "./probe-config.ts";
import { WrittenWindow } from "./written-window.ts";

/**
 * `meta` is what operators read: docs/configuration.md and packages/contract/schemas/config.json are
 * made from it (`npm run docs`), and a test holds them equal to this file. `x-unit` is the unit.
 */

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
      every: duration({ least: "1s" }).prefault("10m").meta({
        description:
          "How often a checkpoint goes out when the ledger has grown. Ten minutes: what is younger could be rewritten unseen.",
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
  window: WrittenWindow.meta({ description: "When it is open." }),
  project: ProjectId.nullable().default(null).meta({ description: "Of this project; null: of all." }),
  target: Target.nullable().default(null).meta({ description: "This target alone; null: all of them." }),
  reason: z.string().trim().min(1).max(200).meta({ description: "Why, in a few words." }),
});

/** The file `prunella.yaml`. Unknown keys are errors. */
export const Config = z
  .strictObject({
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
        own_url: z.url().nullable().default(null).meta({
          description:
            "How this server alone is reached, where several stand behind one `public_url`: plugins that run elsewhere come back to the server that asked them. null: as the others.",
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
              "Names under which browsers reach this server, beside `localhost`, addresses, `server.host` and those of `public_url` and `own_url`. A request for any other name is refused.",
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
    notify: NotifyConfig.prefault({}).meta({
      description: "How people are told what needs them; see docs/messages.md.",
    }),
    forge: ForgeConfig.nullable().default(null).meta({
      description: "The host of the team's repositories; null: none.",
    }),
    ubiquityos: UbiquityosConfig.nullable().default(null).meta({
      description:
        "Being the kernel of plugins that were written for UbiquityOS; needs `forge`. See docs/ubiquityos.md.",
    }),
    envelopes: FixEnvelopes.prefault([]).meta({
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
    maintenance: z.array(MaintenanceConfig).max(200).prefault([]).meta({
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
        within: duration({ least: "1m" }).prefault("7d").meta({ description: "Within which they must come." }),
      })
      .transform(({ count, within }) => ({ count, within_ms: within }))
      .prefault({})
      .meta({ description: "When a fault asks for the repair of its cause: a corrective sprint is opened." }),
    heartbeats: z.array(HeartbeatConfig).max(20_000).default([]).meta({
      description: "What says by itself that it lives, and whose silence is a failure.",
    }),
    probes: z.array(ProbeConfig).max(5_000).default([]).meta({
      description: "What Prunella looks at by itself, now and then.",
    }),
    plugins: PluginsConfig.prefault({}).meta({
      description: "How plugins run, and what of this machine they may be granted.",
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
              message:
                "another program of the project has this name, and faults and decisions tell programs apart by it",
            });
      })
      .default([])
      .meta({ description: "Programs that `prunella up` starts and restarts." }),
    triggers: WrittenTriggers.default([]).meta({
      description:
        "What is done, or only noted, when something holds. All of them are put at a start; one that is gone from here is taken out.",
    }),
    seeds: z
      .array(
        z.strictObject({
          name: SeedName.meta({ description: "Which." }),
          project: ProjectId.default("default").meta({ description: "Whose events it looks at." }),
          target: Target.meta({ description: "What it looks at and acts on, such as `program:bus-bridge`." }),
        }),
      )
      .max(100)
      .superRefine((seeds, context) => {
        const names = seeds.map(({ project, name }) => `${project} ${name}`);
        for (const [at, name] of names.entries())
          if (names.indexOf(name) < at)
            context.addIssue({ code: "custom", path: [at, "name"], message: "the project has this seed already" });
      })
      .default([])
      .meta({ description: "Triggers that come with Prunella, with their envelopes off." }),
  })
  .superRefine(({ supervise, triggers, forge, ubiquityos }, context) => {
    if (ubiquityos !== null && forge === null)
      context.addIssue({
        code: "custom",
        path: ["ubiquityos"],
        message: "it needs `forge`, from where its plugins and their configuration come",
      });
    if (ubiquityos !== null && forge?.kind === "gitea")
      context.addIssue({
        code: "custom",
        path: ["ubiquityos"],
        message: "its plugins speak to GitHub alone: `forge.kind: github`",
      });
    const told = new Set(ubiquityos?.allow_workflow_events.repos.map((repo) => repo.toLowerCase()));
    for (const [at, repo] of (forge?.watched.repos ?? []).entries())
      if (told.has(repo.toLowerCase()))
        context.addIssue({
          code: "custom",
          path: ["forge", "watched", "repos", at],
          message: `${repo} stands in ubiquityos.allow_workflow_events.repos: one failure would be told twice`,
        });
    // A program's supervisor registers one of this name, and the two would take each other's place.
    const own = new Set(supervise.map(({ project, name }) => `${project} restart-${name}`));
    for (const [at, { id, project_id: project }] of triggers.entries())
      if (own.has(`${project} ${id}`))
        context.addIssue({
          code: "custom",
          path: ["triggers", at, "name"],
          message: `${id} is the trigger that \`supervise\` makes for this program; another name is expected`,
        });
  });
export type Config = z.infer<typeof Config>;
