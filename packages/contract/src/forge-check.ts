import { z } from "zod";
import { Millis } from "./ids.ts";
import { FilingBacklog } from "./plugins/standing.ts";

/** One thing that an identity may do at its host, and what is needed of it. */
export const ForgePermission = z.strictObject({
  name: z.string(),
  /** null: it has none. */
  has: z.string().nullable(),
  /** null: nothing of it is needed. */
  wanted: z.string().nullable(),
  verdict: z.enum(["right", "missing", "broader"]),
});

/** How one identity of ours stands at the host. */
export const ForgeIdentity = z.strictObject({
  /** `triage` files; `publisher` merges where that was opted in. */
  role: z.enum(["triage", "publisher"]),
  /** `known`: the host said who it is. `refused`: it answered, and not that. `unreachable`: no answer came. */
  standing: z.enum(["known", "refused", "unreachable"]),
  /** null: it is not known. */
  login: z.string().nullable(),
  /** null: the host does not say what it may, or did not say who it is. */
  permissions: z.array(ForgePermission).nullable(),
});

/** The host of repositories as it is now: whether it answers, knows us, and lets us do what is needed and no more. */
export const ForgeCheck = z.strictObject({
  kind: z.enum(["github", "gitea"]),
  /** By its own word it is a double of that kind, and not the real one. */
  double: z.boolean(),
  base_url: z.string(),
  version: z.string().nullable(),
  identities: z.array(ForgeIdentity),
  webhook: z.strictObject({
    /** Where the host should send what happens. */
    expected: z.string(),
    /** Where it does; null: it does not say. */
    configured: z.string().nullable(),
    /** The last delivery that was taken since the server started; null: none was. */
    last_at: Millis.nullable(),
  }),
  /** What the host said last of how much it may be asked; null: it says nothing of that. */
  limits: z.strictObject({ limit: z.int(), remaining: z.int(), resets_at: Millis }).nullable(),
  watched: z.array(z.string()),
  /** Where faults are triaged; null: nowhere. */
  triage: z
    .strictObject({
      repo: z.string(),
      /** null: the host did not say. Nothing is filed unless it is true. */
      is_private: z.boolean().nullable(),
      /** null: none is promoted. */
      public_repo: z.string().nullable(),
    })
    .nullable(),
  backlog: FilingBacklog,
  /** What is not as it should be, with what to do; empty: all is well. */
  problems: z.array(z.string()),
});
export type ForgeCheck = z.infer<typeof ForgeCheck>;
