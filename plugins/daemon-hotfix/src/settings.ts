import { z } from "zod";

const Repository = z.string().regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "owner/name");

/** As a configuration says it; what it does not say stays as careful as can be. */
export const Settings = z.strictObject({
  /** false stops everything. */
  enabled: z.boolean().default(true),
  /** `pr` hands a brief to the repair workshop, where there is one. */
  modes: z.array(z.enum(["issue", "pr"])).default(["issue"]),
  riskPolicy: z
    .strictObject({
      // Whoever merges is a person: there is no setting that makes it otherwise.
      autoMerge: z.literal(false, "false: a person merges").default(false),
      /** Briefs of one UTC day. */
      maxAutofixPerDay: z.int().min(0).max(1_000).default(3),
    })
    .prefault({}),
  issueLabels: z.array(z.string().min(1).max(50)).max(20).default([]),
  /** Called once when an issue is filed, and once when a failure comes back. */
  notify: z
    .array(z.string().regex(/^@[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[\w.-]{1,100})?$/, "@name or @organization/team"))
    .max(10)
    .default([]),
  /** Where it may file; empty: nowhere. */
  allowlistRepos: z.array(Repository).max(1_000).default([]),
  /** Whether failed workflows and checks are filed too. */
  allowWorkflowEvents: z.boolean().default(false),
  /** Of which environment failures count. */
  environment: z.enum(["dev", "prod", "any"]).default("any"),
});
export type Settings = z.infer<typeof Settings>;

/** @throws Error that names each place and what was expected there */
export function readSettings(given: unknown): Settings {
  const read = Settings.safeParse(given ?? {});
  if (read.success) return read.data;
  const said = read.error.issues.map((issue) => {
    const path = ["with", ...issue.path].join(".");
    return issue.code === "unrecognized_keys"
      ? `${path}: no key ${issue.keys.join(", ")}; there are ${Object.keys(Settings.shape).join(", ")}`
      : `${path}: expected ${issue.message}`;
  });
  throw new Error(`daemon-hotfix cannot be set so: ${said.join("; ")}`);
}
