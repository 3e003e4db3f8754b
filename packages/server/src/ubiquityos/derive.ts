import { createHash } from "node:crypto";
import {
  addressOf,
  placeOf,
  PluginManifest,
  RESERVED_NAMESPACES,
  type Artifact,
  type PluginSource,
} from "@prunella/contract/plugins";
import type { PluginIdentifier, UbiquityManifest } from "@prunella/ubiquityos";

/** What of a plugin of UbiquityOS is pinned: what it says of itself, and of a workflow the commit that would run. */
export interface Pinned {
  readonly plugin: PluginIdentifier;
  readonly manifest: UbiquityManifest;
  /** Null of a worker: what runs there is its host's. */
  readonly commit: string | null;
  /** Where the repositories are: `https://github.com`. */
  readonly pages: string;
}

/** What a token may be for, once somebody granted the scope: the forge's own name of the permission. */
export const TOKEN_PERMISSIONS: Readonly<Record<string, readonly [name: string, access: "read" | "write"]>> = {
  "github:contents:read": ["contents", "read"],
  "github:contents:write": ["contents", "write"],
  "github:issue:read": ["issues", "read"],
  "github:issue:write": ["issues", "write"],
  "github:pull_request:read": ["pull_requests", "read"],
  "github:pull_request:write": ["pull_requests", "write"],
};

const TOKEN = "github:token:receive";

/** Which call a dispatch to it is, for the broker: a request to its worker, or a start of its workflow. */
export function callOf(plugin: PluginIdentifier): { readonly scope: string; readonly resource: string } {
  if (plugin.type === "workflow")
    return { scope: "github:workflow:dispatch", resource: `${plugin.owner}/${plugin.repo}` };
  return { scope: "net:write", resource: addressOf({ method: "POST", ...placeOf(plugin.url) }) };
}

/**
 * A plugin of UbiquityOS as one of ours: it is listed, asks, is trusted, disabled and audited like any other. Its
 * digest changes with its manifest and its commit, so that trust never passes on to code that nobody saw.
 */
export function derive({ plugin, manifest, commit, pages }: Pinned): { artifact: Artifact; manifest: PluginManifest } {
  const name = nameOf(plugin);
  const { scope, resource } = callOf(plugin);
  const uses = [scope, TOKEN, ...Object.keys(TOKEN_PERMISSIONS)];
  const reason = "Its protocol hands it the event with a token of the repository.";
  const listens = new Set(manifest["ubiquity:listeners"]);
  if (Object.keys(manifest.commands).length > 0)
    listens.add("issue_comment.created").add("pull_request_review_comment.created");
  const derived = PluginManifest.parse({
    manifestVersion: 1,
    dialect: "ubiquityos",
    name,
    version: "0.0.0",
    description: oneLine(manifest.description === "" ? manifest.name : manifest.description),
    license: "not stated",
    ...kindOf(plugin, commit),
    engines: { prunella: ">=0.1.0" },
    namespace: RESERVED_NAMESPACES.includes(name) ? `${name}-plugin` : name,
    listens: [...listens].toSorted().map((event) => ({ event, uses, reason: "It says that it listens to this." })),
    permissions: {
      required: [
        { scope: TOKEN, resources: ["$event.repo"], reason },
        ...(plugin.type === "workflow"
          ? [{ scope, resources: [resource], reason: "It runs as a workflow of its repository." }]
          : []),
      ],
      optional: Object.keys(TOKEN_PERMISSIONS).map((one) => ({
        scope: one,
        resources: ["$event.repo"],
        reason: "Its token holds this once it is granted.",
      })),
    },
    network:
      plugin.type === "http" ? [{ ...placeOf(plugin.url), methods: ["POST"], reason: "Its worker is there." }] : [],
  });
  const source: PluginSource =
    plugin.type === "http"
      ? { kind: "url", url: plugin.url }
      : { kind: "git", url: `${pages}/${plugin.owner}/${plugin.repo}`, commit: commit ?? "", folder: "" };
  const manifestDigest = digest(JSON.stringify(manifest));
  const treeDigest = digest(`${JSON.stringify(derived)}\n${commit ?? ""}\n${manifestDigest}`);
  return {
    manifest: derived,
    artifact: { plugin: name, version: derived.version, digest: treeDigest, treeDigest, manifestDigest, source },
  };
}

/** `acme/x:run.yml` is `acme-x-run`, `https://hello.example.com` is `hello-example-com`; long ones end in a digest. */
export function nameOf(plugin: PluginIdentifier): string {
  const text =
    plugin.type === "http"
      ? new URL(plugin.url).host + new URL(plugin.url).pathname
      : `${plugin.owner}-${plugin.repo}${plugin.workflowId === "compute.yml" ? "" : `-${plugin.workflowId.replace(/\.ya?ml$/, "")}`}`;
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  if (/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/.test(slug)) return slug;
  const short = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${slug.slice(0, 50)}-${short}`.replace(/^-/, "p-");
}

function kindOf(plugin: PluginIdentifier, commit: string | null) {
  if (plugin.type === "http") return { kind: "http", url: plugin.url };
  const { owner, repo, workflowId, ref } = plugin;
  return {
    kind: "github-workflow",
    workflow: {
      repository: `${owner}/${repo}`,
      file: workflowId,
      ref: ref ?? "HEAD",
      ...(commit === null ? {} : { commit }),
    },
  };
}

const oneLine = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u206f\s]+/gu, " ")
    .trim()
    .slice(0, 2_000) || "No description.";
const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
