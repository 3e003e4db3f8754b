import { PrunellaError, type Actor } from "@prunella/contract";
import {
  LOCK_FILE,
  isOutside,
  MANIFEST_FILE,
  requestsOf,
  signatureOf,
  type Artifact,
  type Found,
  type FoundSignature,
  type PluginDetail,
  type PluginLock,
  type PluginManifest,
  type PluginSource,
  type Verified,
} from "@prunella/contract/plugins";
import type { Kernel, NewArtifact } from "@prunella/kernel";
import { bundle } from "../../platform/plugins/bundle.ts";
import { probeBubblewrap } from "../../platform/sandbox/bubblewrap.ts";
import type { Diagnosis } from "../../platform/sandbox/diagnose.ts";
import { pinBytes } from "../../platform/plugins/pinned.ts";
import { openBundleStore, type BundleStore } from "../../platform/plugins/store.ts";
import { filesOf, programDigest, sha256, treeDigest, type TreeFile } from "../../platform/plugins/tree.ts";
import type { Looked } from "../mcp/install.ts";
import { foundIn, pluginsIn, withSource, type InFolder } from "./source.ts";

export interface ManagerDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly dataFolder: string;
  /** The file that `import "@prunella/plugin"` means; null: there is none here. */
  readonly ours: string | null;
  /** What signatures are looked at with; left out: the root that comes with this version. */
  readonly root?: { readonly json: unknown; readonly date: string };
  /** Why programs cannot be held on this machine; null: they can. */
  readonly shortfall?: (signal: AbortSignal) => Promise<Diagnosis | null>;
  /** Asks the server of a plugin which tools it has; absent: nothing runs here. */
  readonly look?: (manifest: PluginManifest, files: readonly TreeFile[]) => Promise<Looked>;
  /** The commit that a ref of a repository names; absent or null: no host of repositories is configured. */
  readonly commitOf?: ((repository: string, ref: string) => Promise<string>) | null;
}

const PROBE_MS = 10_000;

export type PluginManager = ReturnType<typeof createPluginManager>;

/** A plugin made ready and not yet installed. */
interface Made extends NewArtifact {
  /** Where it goes. */
  put(store: BundleStore): void;
}

/** A workflow with the commit that its ref names now, which is what may run: another is another version. */
async function pinned(manifest: PluginManifest, commitOf: ManagerDeps["commitOf"]): Promise<PluginManifest> {
  const { workflow, name } = manifest;
  if (workflow === undefined) return manifest;
  const { repository, ref } = workflow;
  if (commitOf == null)
    throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", {
      detail: `${name} runs as a workflow of ${repository}, and no GitHub is configured.`,
      hint: "Put forge into the configuration; see docs/forge.md.",
    });
  const commit = await commitOf(repository, ref);
  if (workflow.commit !== undefined && workflow.commit !== commit)
    throw new PrunellaError("PRUNELLA_PLUGIN_CHANGED", {
      detail: `${ref} of ${repository} is ${commit}, and the manifest of ${name} wants ${workflow.commit}.`,
      hint: "See what changed there, then write the new commit into the manifest where that is right.",
    });
  return { ...manifest, workflow: { ...workflow, commit } };
}

/** From a source to a bundle in the store, and what is installed made equal to a lockfile. It grants nothing, ever. */
export function createPluginManager({
  kernel,
  dataFolder,
  ours,
  root,
  shortfall = probeBubblewrap,
  look,
  commitOf = null,
}: ManagerDeps) {
  const store: BundleStore = openBundleStore(dataFolder, LOCK_FILE);
  /** One after the other: two installs at once would each write the lockfile without the other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const writeLock = async (): Promise<void> =>
    store.writeLock(`${JSON.stringify(await kernel.plugins.lock(), null, 2)}\n`);

  async function make(source: PluginSource, name: string | undefined): Promise<Made> {
    return withSource(source, async (folder, at) => {
      const found = pluginsIn(folder);
      const wanted = name === undefined ? found : found.filter(({ manifest }) => manifest.name === name);
      const [first, second] = wanted;
      if (!first)
        throw new PrunellaError("PRUNELLA_NOT_FOUND", {
          detail: name === undefined ? `There is no ${MANIFEST_FILE} there.` : `There is no plugin ${name} there.`,
          hint:
            found.length === 0
              ? "Make one: prunella plugin init hello"
              : `There are ${found.map(({ manifest }) => manifest.name).join(", ")}.`,
        });
      if (second)
        throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
          detail: `There are several plugins: ${wanted.map(({ manifest }) => manifest.name).join(", ")}.`,
          hint: "Name one.",
        });
      return makeOf(first, at(first.folder));
    });
  }

  /** null: it has none. What looks at them is loaded with the first. */
  async function signatureIn({ signature }: Pick<InFolder, "signature">, tree: string): Promise<FoundSignature | null> {
    if (signature === null) return null;
    const { checkSignature } = await import("../../platform/plugins/signature.ts");
    return checkSignature(signature, tree, root);
  }

  async function makeOf(given: InFolder, source: PluginSource): Promise<Made> {
    const found = { ...given, manifest: await pinned(given.manifest, commitOf) };
    const { manifest, text, entries } = found;
    const manifestDigest = sha256(text);
    const named = { plugin: manifest.name, version: manifest.version, manifestDigest, source };
    if (manifest.kind === "program") {
      const digest = programDigest(entries);
      return {
        artifact: { ...named, digest, treeDigest: digest },
        manifest,
        signature: await signatureIn(found, digest),
        bundler: "none",
        bytes: entries.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.bytes.length : 0), 0),
        put: (into) => into.putTree(digest, entries),
      };
    }
    const files = filesOf(entries);
    if (manifest.kind === "mcp-stdio") return makeServer(found, files, named);
    // In the bundle, so that its digest stands for the manifest as well: what is asked for cannot change alone.
    const at = manifest.workflow?.commit;
    const banner = `/* ${manifest.name} ${manifest.version}, manifest ${manifestDigest}${at === undefined ? "" : `, commit ${at}`} */`;
    const made =
      manifest.entry === undefined
        ? { bytes: Buffer.from(`${banner}\nexport {};\n`), bundler: "none" }
        : await bundle({ files, entry: manifest.entry, banner, ours });
    const digest = sha256(made.bytes);
    const tree = treeDigest(files);
    return {
      artifact: { ...named, digest, treeDigest: tree },
      manifest,
      signature: await signatureIn(found, tree),
      bundler: made.bundler,
      bytes: made.bytes.length,
      // Of what runs elsewhere nothing is kept here: its digest is that of what was read.
      put: (into) => (isOutside(manifest.kind) ? undefined : into.put(digest, made.bytes)),
    };
  }

  /** Its files as they are, and what its server says it can do: its digest stands for both. */
  async function makeServer(
    found: InFolder,
    files: readonly TreeFile[],
    named: Omit<Artifact, "digest" | "treeDigest">,
  ): Promise<Made> {
    if (look === undefined)
      throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", { detail: `${named.plugin} cannot be started here.` });
    const { manifest, protocol } = await look(found.manifest, files);
    const { plugin, version, manifestDigest } = named;
    const tree = treeDigest(files);
    const commands = sha256(JSON.stringify(manifest.commands));
    const pin = pinBytes({ plugin, version, manifest: manifestDigest, tree, protocol, commands });
    const digest = sha256(pin);
    return {
      artifact: { ...named, digest, treeDigest: tree },
      manifest,
      signature: await signatureIn(found, tree),
      bundler: "none",
      bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      put: (into) => into.putPinned(digest, pin, files),
    };
  }

  async function put(made: Made, projectId: string, by: Actor) {
    // The bundle first: what the database points to is always there.
    made.put(store);
    const installed = await kernel.plugins.install(made, projectId, by);
    await writeLock();
    const why = made.manifest.kind === "program" ? await shortfallHere() : null;
    return { ...installed, notice: why === null ? null : noticeOf(made.manifest.name, why) };
  }

  /** A program is installed wherever it is asked for, and told at once where it would not run. */
  const shortfallHere = (): Promise<Diagnosis | null> => shortfall(AbortSignal.timeout(PROBE_MS));
  const noticeOf = (name: string, { reason, mend }: Diagnosis): string =>
    `${name} will not run on this machine: ${reason}. ${mend}`;

  return {
    store,
    /** What a source holds: each plugin with what it asks for, or what is wrong with it. */
    inspect: (source: PluginSource): Promise<Found[]> =>
      withSource(source, async (folder) => {
        const all: Found[] = [];
        for (const { path: file, read, entries, signature } of foundIn(folder)) {
          if (read.kind !== "manifest") {
            const none = { name: null, version: null, description: null, treeDigest: null, signature: null, asks: [] };
            all.push({ file, ...none, problems: [...read.problems] });
            continue;
          }
          const { name, version, description, kind } = read.manifest;
          const tree = kind === "program" ? programDigest(entries) : treeDigest(filesOf(entries));
          all.push({
            file,
            name,
            version,
            description,
            treeDigest: tree,
            signature: signatureOf(source, await signatureIn({ signature }, tree)),
            asks: requestsOf(read.manifest),
            problems: [],
          });
        }
        return all;
      }),

    add: (source: PluginSource, name: string | undefined, projectId: string, by: Actor) =>
      inTurn(async () => put(await make(source, name), projectId, by)),

    /** Takes its source anew; a git source at another commit when one is given. */
    update: (
      name: string,
      given: { readonly commit?: string | undefined; readonly from?: string | undefined },
      projectId: string,
      by: Actor,
    ) =>
      inTurn(async () => {
        const { plugin } = await kernel.plugins.read(projectId, name, given.from);
        const { source } = plugin;
        if (given.commit !== undefined && source.kind === "path")
          throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
            detail: `${plugin.name} comes from a folder, which has no commits.`,
          });
        const next = source.kind === "git" && given.commit !== undefined ? { ...source, commit: given.commit } : source;
        return put(await make(next, plugin.name), projectId, by);
      }),

    rollBack: (
      name: string,
      digest: string | null,
      projectId: string,
      by: Actor,
      from?: string,
    ): Promise<PluginDetail> =>
      inTurn(async () => {
        const detail = await kernel.plugins.rollBack(name, digest, projectId, by, from);
        await writeLock();
        return detail;
      }),

    remove: (name: string, by: Actor, from?: string) =>
      inTurn(async () => {
        const removed = await kernel.plugins.remove(name, by, from);
        store.keepOnly(await kernel.plugins.digests());
        await writeLock();
        return removed;
      }),

    /** Whether each bundle is still what was installed. */
    async verify(): Promise<Verified[]> {
      const all = await kernel.plugins.list("default");
      const why = all.some(({ kind }) => kind === "program") ? await shortfallHere() : null;
      return all.map(({ name, origin, version, digest, kind, outside, signature }) => ({
        name,
        origin,
        version,
        digest,
        state: outside === null ? store.check(digest) : "outside",
        signature,
        notice: kind === "program" && why !== null ? noticeOf(name, why) : null,
      }));
    },

    /** Installs exactly what a lockfile says. All of it is made before any of it is installed; drift refuses it whole. */
    sync: (lock: PluginLock, projectId: string, by: Actor) =>
      inTurn(async () => {
        const all: Made[] = [];
        for (const wanted of lock.plugins) {
          const made = await make(wanted.source, wanted.name);
          const { digest, manifestDigest, treeDigest: tree } = made.artifact;
          const drift = [
            ["manifest", manifestDigest, wanted.manifestDigest],
            ["files", tree, wanted.treeDigest],
            ["bundle", digest, wanted.digest],
          ].filter(([, now, then]) => now !== then);
          if (drift.length > 0)
            throw new PrunellaError("PRUNELLA_PLUGIN_CHANGED", {
              detail: `${wanted.name}: ${drift.map(([what]) => what).join(", ")} of its source differ from the lockfile${made.bundler === wanted.bundler ? "" : `, which was made with ${wanted.bundler} and not ${made.bundler}`}.`,
              hint: "Nothing was installed. See what changed at its source, then write the lockfile anew where that is right.",
            });
          all.push(made);
        }
        const installed: { readonly name: string; readonly change: string; readonly notice: string | null }[] = [];
        for (const made of all) {
          const { change, notice } = await put(made, projectId, by);
          installed.push({ name: made.artifact.plugin, change, notice });
        }
        return installed;
      }),

    lock: () => kernel.plugins.lock(),
  };
}
