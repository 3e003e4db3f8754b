import { z } from "zod";

const repo = z.string().regex(/^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/, "owner/name");
const number = z.int().min(1);
/** The same for the same thing: what has this name is filed once. */
const name = z.string().min(1).max(200);
/** Bounds of GitHub's, which are the narrower ones. */
const title = z.string().min(1).max(250);
const body = z.string().max(60_000);

/**
 * What a plugin may ask of the host of repositories, by the method that its scope is named for. Another method of a
 * known scope has no subject yet. Titles and bodies are Markdown, and are scrubbed before they leave.
 */
export const FORGE_PARAMS = {
  "repository.read": z.strictObject({ repo }),
  "contents.read": z.strictObject({
    repo,
    path: z.string().min(1).max(1_000),
    ref: z.string().max(250).nullable().default(null),
  }),
  "issue.read": z.strictObject({ repo, number }),
  "issue.write": z.discriminatedUnion("do", [
    z.strictObject({
      do: z.literal("file"),
      repo,
      name,
      fault: z.uuid().nullable().default(null),
      title,
      body,
      labels: z.array(z.string().min(1).max(50)).max(20).default([]),
    }),
    z.strictObject({
      /** Of what was filed by that name, and of nothing else. */
      do: z.literal("edit"),
      repo,
      name,
      title: title.optional(),
      body: body.optional(),
      state: z.enum(["open", "closed"]).optional(),
    }),
  ]),
  "comment.write": z.strictObject({ repo, issue: number, name, body }),
} as const satisfies Readonly<Record<string, z.ZodType<{ readonly repo: string }>>>;

export type ForgeMethodName = keyof typeof FORGE_PARAMS;

/** Every call of a forge says of which repository. */
export const AnyForgeParams = z.looseObject({ repo });

export const isForgeMethod = (name: string): name is ForgeMethodName => Object.hasOwn(FORGE_PARAMS, name);
