import { z } from "zod";
import { Duration, duration } from "./duration.ts";
import { ProjectId } from "./ids.ts";
import { SecretPlace } from "./messages.ts";
import { OutboundUrl } from "./outbound-url.ts";

const RepositoryName = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "owner/name");

/** Faults as issues of a private repository, and the way of some of them into a public one. */
export const TriageConfig = z
  .strictObject({
    repo: RepositoryName.meta({
      description: "Private repository where each fault becomes one issue. Nothing is filed while it is not private.",
    }),
    public_repo: RepositoryName.nullable()
      .default(null)
      .meta({ description: "Where a fault is filed that is promoted; null: none ever is." }),
    projects: z.array(ProjectId).min(1).max(100).default(["anonymous"]).meta({
      description: "Projects whose faults are triaged; `anonymous` holds what `POST /v1/crash` takes in.",
    }),
    labels: z
      .array(z.string().min(1).max(50))
      .max(20)
      .default([])
      .meta({ description: "Labels of the private issues." }),
    promote_label: z.string().min(1).max(50).default("promote").meta({
      description: "Whoever may label in the private repository promotes by this label.",
    }),
    propose: z
      .strictObject({
        events: z
          .int()
          .min(1)
          .default(10)
          .meta({ description: "So many events, whoever sent them.", "x-unit": "events" }),
        senders: z
          .int()
          .min(1)
          .max(1_000)
          .default(3)
          .meta({ description: "Of so many different projects, or users.", "x-unit": "senders" }),
        reproduced: z.boolean().default(false).meta({ description: "And a person said that it was seen again." }),
      })
      .prefault({})
      .meta({
        description: "When a person is asked whether it is promoted; unanswered it stays private. Promotes nothing.",
      }),
    promote: z
      .strictObject({
        events: z.int().min(1).meta({
          description: "So many events of senders that are known; what anybody could have made up does not count.",
          "x-unit": "events",
        }),
        reproduced: z.boolean().default(false).meta({ description: "And a person said that it was seen again." }),
      })
      .nullable()
      .default(null)
      .meta({ description: "When it is promoted without a question; null: never." }),
    internal_names: z.array(z.string().min(2).max(100)).max(1_000).default([]).meta({
      description: "Names that stand in nothing public, also not inside names of functions.",
    }),
    public_scopes: z
      .array(z.string().regex(/^@[a-z0-9~][a-z0-9._~-]{0,100}$/, "a scope of packages, such as @sentry"))
      .max(1_000)
      .default([])
      .meta({ description: "Scopes of packages that everybody may see; all others are taken for internal." }),
    most_per_hour: z.int().min(1).max(500).default(60).meta({
      description: "Private issues of a project in an hour; those with the most events go first.",
      "x-unit": "issues an hour",
    }),
    watch: duration({ least: "1m" }).prefault("3d").meta({
      description: "How long a release that should have mended it is watched before it counts as fixed.",
    }),
  })
  .refine(({ repo, public_repo: to }) => repo.toLowerCase() !== to?.toLowerCase(), {
    path: ["public_repo"],
    error: "another repository than the private one",
  })
  .refine(({ labels, promote_label: own }) => labels.every((one) => one.toLowerCase() !== own.toLowerCase()), {
    path: ["labels"],
    error: "not the label by which people promote",
  });
export type TriageConfig = z.infer<typeof TriageConfig>;

/** A second identity, which publishes; the first one files. */
const PublisherConfig = z
  .strictObject({
    app_id: z
      .string()
      .regex(/^\d{1,20}$/, "the App's number")
      .nullable()
      .default(null)
      .meta({ description: "Number of the App that publishes, which is another one." }),
    private_key: SecretPlace.nullable().default(null).meta({ description: "Where its private key (PEM) is." }),
    token: SecretPlace.nullable().default(null).meta({
      description: "Where a token is instead: a fine-grained one, of Gitea that of another user.",
    }),
    repos: z.array(RepositoryName).max(1_000).default([]).meta({
      description: "Repositories that were opted in: it does nothing in any other.",
    }),
  })
  .refine(
    ({ app_id, private_key, token }) =>
      token === null ? app_id !== null && private_key !== null : app_id === null && private_key === null,
    { error: "either app_id with private_key, or token" },
  );

/** The host of a team's repositories, and who we are there. */
export const ForgeConfig = z
  .strictObject({
    kind: z.enum(["github", "gitea"]).default("github").meta({
      description: "What speaks there: `github`, or `gitea`, which is Forgejo as well.",
    }),
    base_url: OutboundUrl.meta({
      description:
        "Where its REST API is: that of GitHub, or `/api/v3` of a host of one's own; of Gitea the address of its pages.",
    }),
    pages_url: OutboundUrl.nullable()
      .default(null)
      .meta({ description: "Where its pages are; null: on the host of its API." }),
    app_id: z
      .string()
      .regex(/^\d{1,20}$/, "the App's number")
      .nullable()
      .default(null)
      .meta({ description: "Number of the App that acts; its tokens reach one repository at a time." }),
    private_key: SecretPlace.nullable().default(null).meta({ description: "Where the App's private key (PEM) is." }),
    token: SecretPlace.nullable().default(null).meta({
      description: "Where a person's fine-grained token is, instead of an App; of Gitea that of the user that acts.",
    }),
    triage: TriageConfig.nullable().default(null).meta({
      description: "Private triage and promotion; null: faults are filed by plugins alone. See docs/forge.md.",
    }),
    webhook_secret: SecretPlace.meta({
      description:
        "Where the secret is with which the host signs what it sends to `/forge/github`, or `/forge/gitea` where that is its kind.",
    }),
    publisher: PublisherConfig.nullable().default(null).meta({
      description:
        "Who merges, in repositories that were opted in, so that whoever files may not write into any; null: the same identity does all that it may.",
    }),
    watched: z
      .strictObject({
        project: ProjectId.default("default").meta({ description: "Project that keeps what failed." }),
        repos: z.array(RepositoryName).max(1_000).default([]).meta({
          description:
            "Repositories whose failed workflows and checks become faults, and events for plugins; empty: none.",
        }),
      })
      .prefault({}),
  })
  .refine(
    ({ app_id, private_key, token }) =>
      token === null ? app_id !== null && private_key !== null : app_id === null && private_key === null,
    {
      error: "either app_id with private_key, or token",
    },
  )
  .refine(({ app_id, publisher }) => app_id === null || app_id !== publisher?.app_id, {
    path: ["publisher", "app_id"],
    error: "another App than the one that files",
  })
  .refine(({ kind, publisher }) => kind === "github" || publisher === null || publisher.token !== null, {
    path: ["publisher", "token"],
    error: "gitea knows no Apps: the token of the user that publishes",
  })
  .refine(({ kind, token }) => kind === "github" || token !== null, {
    path: ["token"],
    error: "gitea knows no Apps: the token of the user that acts",
  });
export type ForgeConfig = z.infer<typeof ForgeConfig>;

/** Plugins that were written for UbiquityOS, run by this server as their kernel. */
export const UbiquityosConfig = z.strictObject({
  project: ProjectId.default("default").meta({ description: "Project that keeps what failed." }),
  environment: z
    .string()
    .regex(/^[a-z]{1,40}$/, "a-z")
    .default("production")
    .meta({
      description:
        "Which configuration of a repository holds: `production` is `.ubiquity-os.config.yml`, `development` is `….dev.yml`.",
    }),
  kernel_repo: RepositoryName.meta({ description: "The name by which plugins know their kernel." }),
  signing_key: SecretPlace.meta({
    description:
      "Where the RSA private key (PKCS#8, PEM) is with which dispatches are signed; plugins hold its public half.",
  }),
  answer_within: Duration.prefault("10m").meta({
    description: "How long a dispatched run may take; one that says nothing by then has failed.",
  }),
  aliases: z.record(z.string().min(1).max(300), z.string().min(1).max(64)).default({}).meta({
    description:
      "Plugins of configurations that are plugins of this server: by the id that configurations have, the name here. Never by likeness.",
  }),
  allow_local_workers: z.boolean().default(false).meta({
    description: "Whether a configuration may name workers on this machine, by address or without TLS.",
  }),
  comment_on_error: z.boolean().default(false).meta({
    description: "Whether the failure of a plugin is said on the issue that it was asked on.",
  }),
  allow_workflow_events: z
    .strictObject({
      plugins: z.array(z.string().min(1).max(300)).max(1_000).default([]),
      repos: z.array(RepositoryName).max(1_000).default([]),
    })
    .prefault({})
    .meta({
      description:
        "Plugins and repositories for which events of workflows, checks and deployments come through; empty: none.",
    }),
});
export type UbiquityosConfig = z.infer<typeof UbiquityosConfig>;
