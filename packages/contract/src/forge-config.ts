import { z } from "zod";
import { Duration } from "./duration.ts";
import { ProjectId } from "./ids.ts";
import { SecretPlace } from "./messages.ts";
import { OutboundUrl } from "./outbound-url.ts";

const RepositoryName = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "owner/name");

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
    webhook_secret: SecretPlace.meta({
      description:
        "Where the secret is with which the host signs what it sends to `/forge/github`, or `/forge/gitea` where that is its kind.",
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
