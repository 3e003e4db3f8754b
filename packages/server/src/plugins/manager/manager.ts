import { resolve as resolvePath } from "node:path";
import { PrunellaError, type Actor } from "@prunella/contract";
import {
  LOCK_FILE,
  MANIFEST_FILE,
  problemLine,
  readManifest,
  requestsOf,
  type Artifact,
  type Found,
  type PluginDetail,
  type PluginLock,
  type PluginManifest,
  type PluginSource,
  type Verified,
} from "@prunella/contract/plugins";
import type { Kernel, NewArtifact } from "@prunella/kernel";
import { bundle } from "../../platform/plugins/bundle.ts";
import { withCommit } from "../../platform/plugins/git.ts";
import { pinBytes } from "../../platform/plugins/program.ts";
import { openBundleStore, type BundleStore } from "../../platform/plugins/store.ts";
import { readTree, sha256, treeDigest, type TreeFile } from "../../platform/plugins/tree.ts";
import type { Looked } from "../mcp/install.ts";

export interface ManagerDeps {
  readonly kernel: Pick<Kernel, "plugins">;
  readonly dataFolder: string;
  /** The file that `import "@prunella/plugin"` means; null: there is none here. */
  readonly ours: string | null;
  /** Asks the server of a plugin which tools it has; absent: nothing runs here. */
  readonly look?: (manifest: PluginManifest, files: readonly TreeFile[]) => Promise<Looked>;
}

export type PluginManager = ReturnType<typeof createPluginManager>;

/** A plugin made ready and not yet installed. */
interface Made extends NewArtifact {
  readonly bundle: Buffer;
  /** Of a program, which is kept as it is; undefined: all of it is in the bundle. */
  readonly files: readonly TreeFile[] | undefined;
}

/** From a source to a bundle in the store, and what is installed made equal to a lockfile. It grants nothing, ever. */
export function createPluginManager({ kernel, dataFolder, ours, look }: ManagerDeps) {
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
      const found = foundIn(folder);
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

  async function makeOf({ manifest, text, files }: InFolder, source: PluginSource): Promise<Made> {
    const manifestDigest = sha256(text);
    if (manifest.kind === "mcp-stdio") return makeProgram({ manifest, files, manifestDigest, source });
    // In the bundle, so that its digest stands for the manifest as well: what is asked for cannot change alone.
    const banner = `/* ${manifest.name} ${manifest.version}, manifest ${manifestDigest} */`;
    const made =
      manifest.entry === undefined
        ? { bytes: Buffer.from(`${banner}\nexport {};\n`), bundler: "none" }
        : await bundle({ files, entry: manifest.entry, banner, ours });
    const artifact: Artifact = {
      plugin: manifest.name,
      version: manifest.version,
      digest: sha256(made.bytes),
      treeDigest: treeDigest(files),
      manifestDigest,
      source,
    };
    const { bundler, bytes } = made;
    return { artifact, manifest, bundler, bytes: bytes.length, bundle: bytes, files: undefined };
  }

  /** Its files as they are, and what its server says it can do: its digest stands for both. */
  async function makeProgram(given: {
    readonly manifest: PluginManifest;
    readonly files: readonly TreeFile[];
    readonly manifestDigest: string;
    readonly source: PluginSource;
  }): Promise<Made> {
    const { files, manifestDigest, source } = given;
    if (look === undefined)
      throw new PrunellaError("PRUNELLA_PLUGIN_SOURCE", { detail: `${given.manifest.name} cannot be started here.` });
    const { manifest, protocol } = await look(given.manifest, files);
    const { name, version, commands } = manifest;
    const tree = treeDigest(files);
    const pin = pinBytes({
      plugin: name,
      version,
      manifest: manifestDigest,
      tree,
      protocol,
      commands: sha256(JSON.stringify(commands)),
    });
    return {
      artifact: { plugin: name, version, digest: sha256(pin), treeDigest: tree, manifestDigest, source },
      manifest,
      bundler: "none",
      bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
      bundle: pin,
      files,
    };
  }

  async function put(made: Made, projectId: string, by: Actor) {
    // The bundle first: what the database points to is always there.
    store.put(made.artifact.digest, made.bundle, made.files);
    const installed = await kernel.plugins.install(made, projectId, by);
    await writeLock();
    return installed;
  }

  return {
    store,
    /** What a source holds: each plugin with what it asks for, or what is wrong with it. */
    inspect: (source: PluginSource): Promise<Found[]> =>
      withSource(source, async (folder) => {
        const manifests = manifestsIn(folder);
        return manifests.map(({ text, path }): Found => {
          const read = readManifest(text, path);
          return read.kind === "manifest"
            ? {
                file: path,
                name: read.manifest.name,
                version: read.manifest.version,
                description: read.manifest.description,
                asks: requestsOf(read.manifest),
                problems: [],
              }
            : { file: path, name: null, version: null, description: null, asks: [], problems: [...read.problems] };
        });
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
    verify: async (): Promise<Verified[]> =>
      (await kernel.plugins.list("default")).map(({ name, origin, version, digest }) => ({
        name,
        origin,
        version,
        digest,
        state: store.check(digest),
      })),

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
        const installed: { readonly name: string; readonly change: string }[] = [];
        for (const made of all)
          installed.push({ name: made.artifact.plugin, change: (await put(made, projectId, by)).change });
        return installed;
      }),

    lock: () => kernel.plugins.lock(),
  };
}

interface InFolder {
  readonly manifest: PluginManifest;
  readonly text: string;
  readonly files: readonly TreeFile[];
  /** Of the plugin below the source; empty: the source itself. */
  readonly folder: string;
}

/** A source as a folder of this machine, and how a plugin in a part of it is named. */
function withSource<T>(
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

/** Its own manifest, or those of folders directly below and below `plugins/`. */
function manifestsIn(
  folder: string,
): { readonly text: string; readonly path: string; readonly files: readonly TreeFile[]; readonly folder: string }[] {
  const files = readTree(folder);
  const own = files.filter(
    ({ path }) => /^(?:(?:plugins\/)?[^/]+\/)?prunella\.plugin\.json$/.test(path) && !path.startsWith("node_modules/"),
  );
  const top = own.filter(({ path }) => path === MANIFEST_FILE);
  return (top.length > 0 ? top : own).map(({ path, bytes }) => {
    const below = path === MANIFEST_FILE ? "" : path.slice(0, -MANIFEST_FILE.length - 1);
    const inside =
      below === ""
        ? files
        : files.flatMap((file) =>
            file.path.startsWith(`${below}/`) ? [{ ...file, path: file.path.slice(below.length + 1) }] : [],
          );
    return { text: bytes.toString("utf8"), path, files: inside, folder: below };
  });
}

function foundIn(folder: string): InFolder[] {
  return manifestsIn(folder).map(({ text, path, files, folder: below }) => {
    const read = readManifest(text, path);
    if (read.kind === "manifest") return { manifest: read.manifest, text, files, folder: below };
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: read.problems.map(problemLine).join("\n"),
      hint: "docs/plugins.md says what a manifest holds.",
    });
  });
}
