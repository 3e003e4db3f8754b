import { PrunellaError } from "@prunella/contract";
import { PluginManifest, RESERVED_NAMESPACES, requestsOf, type PluginRequest } from "@prunella/contract/plugins";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

type Db = Engine["reader"];
export type PluginTableRow = Tables["plugin"];
export type ArtifactRow = Tables["plugin_artifact"];
export type TrustRow = Tables["plugin_trust"];
export type InvocationRow = Tables["plugin_invocation"];

/** What a manifest says, read once for each artifact: neither ever changes. */
export interface Known {
  readonly manifest: PluginManifest;
  readonly requests: readonly PluginRequest[];
}

const MAX_KNOWN = 200;

export function createManifests() {
  const known = new Map<string, Known>();
  return async (db: Db, pluginId: string, digest: string): Promise<Known | null> => {
    const name = `${pluginId} ${digest}`;
    const before = known.get(name);
    if (before) return before;
    const [row] = await rows<{ manifest: string }>(
      db,
    )`select manifest from plugin_artifact where plugin_id = ${pluginId} and digest = ${digest}`;
    if (!row) return null;
    const manifest = PluginManifest.parse(JSON.parse(row.manifest));
    if (known.size >= MAX_KNOWN) known.clear();
    const read = { manifest, requests: requestsOf(manifest) };
    known.set(name, read);
    return read;
  };
}
export type Manifests = ReturnType<typeof createManifests>;

/**
 * The one plugin of this name, or of this id. Where several sources have one, `from` says which: its origin, or the
 * path or address in it.
 */
export async function findPlugin(db: Db, name: string, from?: string): Promise<PluginTableRow> {
  const all = await rows<PluginTableRow>(
    db,
  )`select * from plugin where name = ${name} or plugin_id = ${name} order by origin`;
  return theOne(all, name, from);
}

/** Whose commands stand under a namespace. */
export async function findByNamespace(db: Db, namespace: string, from?: string): Promise<PluginTableRow> {
  const all = await rows<PluginTableRow>(db)`select * from plugin where namespace = ${namespace} order by origin`;
  return theOne(all, namespace, from);
}

function theOne(all: readonly PluginTableRow[], name: string, from: string | undefined): PluginTableRow {
  const fits =
    from === undefined ? all : all.filter(({ origin }) => origin === from || origin.split(" ").includes(from));
  const [first, second] = fits;
  if (!first)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: all.length === 0 ? `There is no plugin ${name}.` : `No plugin ${name} comes from there.`,
      hint:
        all.length === 0
          ? "List them: prunella plugin list"
          : `It comes from ${all.map(({ origin }) => origin).join(", or ")}.`,
    });
  if (second)
    throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
      detail: `${name} comes from ${fits.map(({ origin }) => origin).join(", and from ")}.`,
      hint: `Say which one is meant: --from "${first.origin}"`,
    });
  return first;
}

export const readDisabled = async (db: Db, { name, origin }: Pick<PluginTableRow, "name" | "origin">) =>
  (
    await rows<Tables["plugin_disabled"]>(db)`select * from plugin_disabled where name = ${name} and origin = ${origin}`
  )[0] ?? null;

/** A command of ours has its namespace since it was installed. */
export const isShadowed = ({ namespace }: Pick<PluginTableRow, "namespace">): boolean =>
  RESERVED_NAMESPACES.includes(namespace);

export const hexOf = (digest: string): string => digest.replace("sha256:", "");
