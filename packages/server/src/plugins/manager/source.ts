import { resolve as resolvePath } from "node:path";
import { PrunellaError } from "@prunella/contract";
import {
  MANIFEST_FILE,
  problemLine,
  readManifest,
  SIGNATURE_FILE,
  type PluginManifest,
  type PluginSource,
  type ReadManifest,
} from "@prunella/contract/plugins";
import { MANIFEST_FILE as OUROBOROS_FILE, readPlugin } from "@prunella/ouroboros";
import { withCommit } from "../../platform/plugins/git.ts";
import { filesOf, readTree, type TreeEntry } from "../../platform/plugins/tree.ts";

/** A plugin of a source, and all that it is made of. */
export interface InFolder {
  readonly manifest: PluginManifest;
  readonly text: string;
  /** All but its signature. */
  readonly entries: readonly TreeEntry[];
  /** A signature over the digest of those; null: it has none. */
  readonly signature: string | null;
  /** Of the plugin below the source; empty: the source itself. */
  readonly folder: string;
}

/** A source as a folder of this machine, and how a plugin in a part of it is named. */
export function withSource<T>(
  source: PluginSource,
  use: (folder: string, at: (below: string) => PluginSource) => Promise<T>,
): Promise<T> {
  if (source.kind === "path") {
    const path = resolvePath(source.path);
    return use(path, (below) => ({ kind: "path", path: below === "" ? path : `${path}/${below}` }));
  }
  if (source.kind === "url")
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: `${source.url} is a worker: it has no folder to install from.`,
      hint: "It is installed when a configuration names it; see docs/ubiquityos.md.",
    });
  return withCommit(source, (checkout) =>
    use(source.folder === "" ? checkout : `${checkout}/${source.folder}`, (below) => ({
      ...source,
      folder: [source.folder, below].filter(Boolean).join("/"),
    })),
  );
}

/** What a manifest of a source says, whatever it says. */
export interface FoundManifest {
  readonly text: string;
  /** Of the manifest below the source. */
  readonly path: string;
  readonly read: ReadManifest;
  readonly entries: readonly TreeEntry[];
  readonly signature: string | null;
  readonly folder: string;
}

const MANIFEST = /^(?!node_modules\/)(?:(?:plugins\/)?[^/]+\/)?(?:prunella|ouroboros)\.plugin\.json$/;

/** Its own manifest, or those of folders directly below and below `plugins/`; ours where a folder has two. */
export function foundIn(folder: string): FoundManifest[] {
  const all = readTree(folder);
  const own = all.filter(({ kind, path }) => kind === "file" && MANIFEST.test(path)).map(({ path }) => path);
  const top = own.filter((path) => !path.includes("/"));
  const chosen = (top.length > 0 ? top : own).filter(
    (path) => !path.endsWith(OUROBOROS_FILE) || !own.includes(path.replace(OUROBOROS_FILE, MANIFEST_FILE)),
  );
  return chosen.map((path) => {
    const isOurs = path.endsWith(MANIFEST_FILE);
    const below = path.slice(0, -(isOurs ? MANIFEST_FILE : OUROBOROS_FILE).length).replace(/\/$/, "");
    const lying = isOurs ? partOf(all, below) : readTree(below === "" ? folder : `${folder}/${below}`, true);
    // A digest of others' is over all that lies there, also over what would be a signature of ours.
    const signed = isOurs ? lying.find((entry) => entry.kind === "file" && entry.path === SIGNATURE_FILE) : undefined;
    const entries = lying.filter((entry) => entry !== signed);
    const text = textOf(entries, isOurs ? MANIFEST_FILE : OUROBOROS_FILE);
    const read = isOurs ? readManifest(text, path) : readPlugin(text, path);
    if (read.kind === "manifest" && isOurs && read.manifest.kind !== "program") filesOf(entries);
    const signature = signed?.kind === "file" ? signed.bytes.toString("utf8") : null;
    return { text, path, read, entries, signature, folder: below };
  });
}

/** Those that are whole; the first that is not is told. */
export function pluginsIn(folder: string): InFolder[] {
  return foundIn(folder).map(({ read, ...found }) => {
    if (read.kind === "manifest") return { ...found, manifest: read.manifest };
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: read.problems.map(problemLine).join("\n"),
      hint: "docs/plugins.md says what a manifest holds.",
    });
  });
}

const partOf = (all: readonly TreeEntry[], below: string): readonly TreeEntry[] =>
  below === ""
    ? all
    : all.flatMap((entry) =>
        entry.path.startsWith(`${below}/`) ? [{ ...entry, path: entry.path.slice(below.length + 1) }] : [],
      );

function textOf(entries: readonly TreeEntry[], name: string): string {
  const found = entries.find(({ path }) => path === name);
  // Somebody took it away while it was read: then it is no document.
  return found?.kind === "file" ? found.bytes.toString("utf8") : "";
}
