import { z } from "zod";

const repo = z.string().regex(/^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/, "owner/name");
const number = z.int().min(1);
/** The same for the same thing: what has this name is filed once. */
const name = z.string().min(1).max(200);
const sha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, "a commit, whole");
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
  /** One with its files and reviews; without a number those that are open. */
  "pull_request.read": z.strictObject({ repo, number: number.nullable().default(null) }),
  /** Of exactly this head, into this branch: where either is another by now, nothing is merged. */
  "pull_request.merge": z.strictObject({
    repo,
    number,
    head: sha,
    base: z.string().min(1).max(250),
    method: z.enum(["merge", "squash", "rebase"]),
  }),
  /** What ran on a commit. */
  "check.read": z.strictObject({ repo, sha }),
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

/** A longer argument is cut where people see it. */
export const SHOWN_WHOLE = 120;

/**
 * Whether what a person confirmed said what this call is about. A yes to a command covers what is destructive in it;
 * a merge only where the pull request and its head stood in the arguments that they saw.
 */
export function isSeen(method: string, params: unknown, input: unknown): boolean {
  if (!method.endsWith(".pull_request.merge")) return true;
  const { repo, number: of, head } = FORGE_PARAMS["pull_request.merge"].parse(params);
  const said = Object.values(z.record(z.string(), z.unknown()).catch({}).parse(input));
  const isIt = (one: unknown) =>
    typeof one === "string" &&
    one.length <= SHOWN_WHOLE &&
    (one.endsWith(`/${repo}/pull/${of}`) || one.endsWith(`/${repo}/pulls/${of}`));
  return said.includes(head) && said.some(isIt);
}
