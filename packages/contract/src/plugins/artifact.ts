import { z } from "zod";
import { Millis, ProjectId } from "../ids.ts";
import { OutboundUrl } from "../outbound-url.ts";
import { PluginName } from "./names.ts";

/** `sha256:` and 64 hex digits. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hex digits");

/** Where a plugin comes from: a folder of the server's machine, one commit of a git repository, or a worker. */
export const PluginSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("path"), path: z.string().min(1).max(4_000) }),
  z.strictObject({
    kind: z.literal("git"),
    url: z
      .string()
      .max(2_000)
      .regex(
        /^(?:https?:\/\/|ssh:\/\/|file:\/\/)[!-~]+$/,
        "an address that begins with https://, http://, ssh:// or file://",
      ),
    commit: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/, "a whole commit id: 40 or 64 hex digits"),
    /** Folder of the plugin in the repository; empty: its root. */
    folder: z
      .string()
      .max(500)
      .regex(/^(?!\/|.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9._@/-]*$/, "a folder below the root")
      .prefault(""),
  }),
  /** A worker that answers on its own: what runs is its host's, and only what it says of itself has a digest. */
  z.strictObject({ kind: z.literal("url"), url: OutboundUrl }),
]);
export type PluginSource = z.infer<typeof PluginSource>;

/** What of a source stays the same from version to version: trust is given to a name of one origin. */
export function originOf(source: PluginSource): string {
  if (source.kind === "path") return `path ${source.path}`;
  if (source.kind === "url") return `url ${source.url}`;
  return `git ${normalRemote(source.url)} ${source.folder}`.trimEnd();
}

/** The ssh and https forms of one remote are equal. */
function normalRemote(url: string): string {
  const [, rest = ""] = /^[a-z]+:\/\/(.*)$/.exec(url) ?? [];
  const [host = "", ...path] = rest.replace(/^[^/@]*@/, "").split("/");
  return [host.toLowerCase(), ...path]
    .join("/")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}

/** Beside the manifest: a Sigstore bundle over the digest of all other files. */
export const SIGNATURE_FILE = "prunella.plugin.sigstore.json";

/** What came of looking at a signature, as it is kept. */
export const FoundSignature = z.strictObject({
  /** Who made it, as their certificate names them; null: it does not count. */
  by: z.string().nullable(),
  /** Who vouched for that name. */
  issuer: z.string().nullable(),
  /** Of which day the root is that it was looked at with. */
  root: z.string(),
  /** Why it does not count. */
  problem: z.string().nullable(),
});
export type FoundSignature = z.infer<typeof FoundSignature>;

/**
 * `signed`: somebody who is named signed exactly these files. `pinned`: it comes from a commit, whose id names what it
 * holds. None says that it is safe: of that nobody here knows anything.
 */
export const Signature = z.strictObject({
  state: z.enum(["signed", "pinned", "unsigned"]),
  ...FoundSignature.shape,
  root: z.string().nullable(),
});
export type Signature = z.infer<typeof Signature>;

export const signatureOf = (source: PluginSource, found: FoundSignature | null): Signature => ({
  ...(found ?? { by: null, issuer: null, root: null, problem: null }),
  state: found?.by != null ? "signed" : source.kind === "git" ? "pinned" : "unsigned",
});

/** One version as it lies in the bundle store. `digest` is that of the bundle, which is what runs. */
export const Artifact = z.strictObject({
  plugin: PluginName,
  version: z.string(),
  digest: Digest,
  treeDigest: Digest,
  manifestDigest: Digest,
  source: PluginSource,
});
export type Artifact = z.infer<typeof Artifact>;

/** `plugins.lock.json`: sorted by name, written whole, committed by whoever shares an installation. */
export const LOCK_FILE = "plugins.lock.json";
export const PluginLock = z.strictObject({
  lockVersion: z.literal(1),
  plugins: z
    .array(
      z.strictObject({
        name: PluginName,
        version: z.string().max(100),
        source: PluginSource,
        manifestDigest: Digest,
        treeDigest: Digest,
        digest: Digest,
        bundler: z.string().max(100),
      }),
    )
    .max(1_000)
    .refine(
      (list) => list.every((one, at) => at === 0 || (list[at - 1]?.name ?? "") < one.name),
      "sorted by name, each once",
    ),
});
export type PluginLock = z.infer<typeof PluginLock>;

/** What somebody trusts a plugin with: one scope, exact resources, one digest, one project. */
export const PluginGrant = z.strictObject({
  project_id: ProjectId,
  plugin: PluginName,
  digest: Digest,
  scope: z.string(),
  resources: z.array(z.string()).min(1),
  reason: z.string().nullable(),
  granted_by: z.string(),
  granted_at: Millis,
  /** null: until somebody takes it back. */
  expires_at: Millis.nullable(),
});
export type PluginGrant = z.infer<typeof PluginGrant>;
