import { PrunellaError, type Actor } from "@prunella/contract";
import {
  FoundSignature,
  originOf,
  PluginManifest,
  RESERVED_NAMESPACES,
  requestsOf,
  satisfies,
  type Artifact,
  type PluginSource,
} from "@prunella/contract/plugins";
import { VERSION } from "@prunella/contract";
import { scrubEach, type AuditDeps } from "../audit/audit.ts";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { hexOf, type PluginTableRow } from "./row.ts";
import { settleGrants } from "./trust.ts";

export interface NewArtifact {
  readonly artifact: Artifact;
  readonly manifest: PluginManifest;
  /** null: it has none. */
  readonly signature: FoundSignature | null;
  readonly bundler: string;
  readonly bytes: number;
}

/**
 * What is kept of a manifest: an author's sentences scrubbed, and everything that decides as it is. Where the
 * scrubber would change what decides, it is refused: what is kept could not be compared with what was read.
 */
export function cleanManifest(manifest: PluginManifest, scrubText: AuditDeps["scrubText"]): PluginManifest {
  const clean = PluginManifest.safeParse(scrubEach(manifest, scrubText));
  if (!clean.success || decides(clean.data) !== decides(manifest))
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: `The manifest of ${manifest.name} holds something in a name, an address or a command that the scrubber takes out.`,
      hint: "Name where a secret is kept, not the secret.",
    });
  return clean.data;
}

/** Whose a signature is was written by whoever asked for the certificate. */
export const cleanSignature = (
  found: FoundSignature | null,
  scrubText: AuditDeps["scrubText"],
): FoundSignature | null => (found === null ? null : FoundSignature.parse(scrubEach(found, scrubText)));

/** All but the sentences for people. */
const decides = (manifest: PluginManifest): string => {
  const { description: _d, license: _l, commands, listens, ...rest } = manifest;
  const requests = requestsOf(manifest).map(({ reasons: _r, ...one }) => one);
  const bare = {
    requests,
    commands: commands.map(({ summary: _s, phrase: _p, input, output: _o, ...one }) => ({
      ...one,
      takes: Object.keys(input.properties ?? {}),
    })),
    listens: listens.map(({ reason: _r, ...one }) => one),
    name: rest.name,
    version: rest.version,
    kind: rest.kind,
    entry: rest.entry ?? null,
    url: rest.url ?? null,
    workflow: rest.workflow ?? null,
    command: rest.command ?? null,
    program: rest.program ?? null,
    engines: rest.engines,
    namespace: rest.namespace,
    hooks: rest.hooks,
    limits: rest.limits,
  };
  return JSON.stringify(bare);
};

/** @throws what stands against this plugin here, whatever it was granted */
export function assertFits({ name, engines, namespace }: PluginManifest): void {
  if (!satisfies(VERSION, engines.prunella))
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: `${name} needs Prunella ${engines.prunella}; this is ${VERSION}.`,
      hint: "Take a version of it that fits.",
    });
  if (RESERVED_NAMESPACES.includes(namespace))
    throw new PrunellaError("PRUNELLA_PLUGIN_INVALID", {
      detail: `${name} wants the namespace ${namespace}, which is one of Prunella's own commands.`,
    });
}

/** Puts an artifact beside those that it has, and lets it be the one that runs. Nothing is granted by it. */
export async function putArtifact(
  tx: Tx,
  deps: { readonly newId: NewId },
  given: NewArtifact & { readonly now: number; readonly by: Actor },
): Promise<{ readonly plugin: PluginTableRow; readonly change: "installed" | "updated" | "unchanged" }> {
  const { artifact, manifest, now, by } = given;
  await lockHead(tx);
  const origin = originOf(artifact.source);
  const [before] = await rows<PluginTableRow>(
    tx.db,
  )`select * from plugin where name = ${artifact.plugin} and origin = ${origin}`;
  const [taken] = await rows<PluginTableRow>(
    tx.db,
  )`select * from plugin where namespace = ${manifest.namespace} and name <> ${artifact.plugin} limit 1`;
  if (taken)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `The namespace ${manifest.namespace} is that of ${taken.name}.`,
      hint: `Remove that one first: prunella plugin remove ${taken.name}`,
    });
  const plugin: PluginTableRow = {
    plugin_id: before?.plugin_id ?? deps.newId(),
    name: artifact.plugin,
    origin,
    namespace: manifest.namespace,
    digest: artifact.digest,
    installed_at: before?.installed_at ?? now,
    updated_at: now,
    by_actor: canonicalJson(by),
  };
  const signature = given.signature === null ? null : JSON.stringify(given.signature);
  await tx.db
    .insertInto("plugin_artifact")
    .values({
      plugin_id: plugin.plugin_id,
      digest: artifact.digest,
      version: artifact.version,
      manifest_digest: artifact.manifestDigest,
      tree_digest: artifact.treeDigest,
      manifest: JSON.stringify(manifest),
      source: JSON.stringify(artifact.source),
      signature,
      bundler: given.bundler,
      bytes: given.bytes,
      added_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["plugin_id", "digest"])
        .doUpdateSet({ source: JSON.stringify(artifact.source), tree_digest: artifact.treeDigest, signature }),
    )
    .execute();
  if (before?.digest === artifact.digest) return { plugin: before, change: "unchanged" };
  const change = before ? "updated" : "installed";
  await pointTo(tx, plugin, before !== undefined);
  await noteChange(tx, now, plugin, {
    change,
    manifestDigest: artifact.manifestDigest,
    source: artifact.source.kind,
    by,
  });
  await settleGrants(tx, now, plugin, by);
  return { plugin, change };
}

async function pointTo(tx: Tx, plugin: PluginTableRow, exists: boolean): Promise<void> {
  if (!exists) return void (await tx.db.insertInto("plugin").values(plugin).execute());
  const { namespace, digest, updated_at, by_actor } = plugin;
  await tx.db
    .updateTable("plugin")
    .set({ namespace, digest, updated_at, by_actor })
    .where("plugin_id", "=", plugin.plugin_id)
    .execute();
}

/** It runs again what it ran before: a re-point, and what that artifact was trusted with stands again. */
export async function rollBack(
  tx: Tx,
  given: { readonly now: number; readonly plugin: PluginTableRow; readonly digest: string | null; readonly by: Actor },
): Promise<PluginTableRow> {
  const { now, plugin, digest, by } = given;
  await lockHead(tx);
  const all = await artifactsOf(tx, plugin.plugin_id);
  const others = all.filter((one) => one.digest !== plugin.digest);
  const wanted =
    digest === null
      ? others.at(-1)
      : others.find((one) => one.digest === digest || hexOf(one.digest).startsWith(digest));
  if (!wanted)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail:
        digest === null ? `${plugin.name} has no earlier version.` : `${plugin.name} has no other version ${digest}.`,
      hint:
        others.length === 0
          ? `See what it has: prunella plugin info ${plugin.name}`
          : `It has ${others.map((one) => `${one.version} (${hexOf(one.digest).slice(0, 12)})`).join(", ")}.`,
    });
  const manifest = PluginManifest.parse(JSON.parse(wanted.manifest));
  const next = {
    ...plugin,
    digest: wanted.digest,
    namespace: manifest.namespace,
    updated_at: now,
    by_actor: canonicalJson(by),
  };
  await pointTo(tx, next, true);
  await noteChange(tx, now, next, {
    change: "rolled_back",
    manifestDigest: wanted.manifest_digest,
    source: kindOfOrigin(plugin),
    by,
  });
  await settleGrants(tx, now, next, by);
  return next;
}

/** Takes it out with all that it was trusted with. What it did stays in the ledger, that it is disabled stays said. */
export async function removePlugin(
  tx: Tx,
  given: { readonly now: number; readonly plugin: PluginTableRow; readonly by: Actor },
): Promise<void> {
  const { now, plugin, by } = given;
  await lockHead(tx);
  const { plugin_id: id } = plugin;
  const [artifact] = (await artifactsOf(tx, id)).filter((one) => one.digest === plugin.digest);
  await noteChange(tx, now, plugin, {
    change: "removed",
    manifestDigest: artifact?.manifest_digest ?? plugin.digest,
    source: kindOfOrigin(plugin),
    by,
  });
  await tx.db.deleteFrom("plugin_trust").where("plugin_id", "=", id).execute();
  await settleGrants(tx, now, plugin, by);
  await tx.db.deleteFrom("plugin_state").where("plugin_id", "=", id).execute();
  await tx.db.deleteFrom("plugin_artifact").where("plugin_id", "=", id).execute();
  await tx.db.deleteFrom("plugin").where("plugin_id", "=", id).execute();
}

/** Oldest first. */
const artifactsOf = (tx: Tx, pluginId: string) =>
  tx.db
    .selectFrom("plugin_artifact")
    .selectAll()
    .where("plugin_id", "=", pluginId)
    .orderBy("added_at")
    .orderBy("digest")
    .execute();

function kindOfOrigin({ origin }: PluginTableRow): PluginSource["kind"] {
  if (origin.startsWith("url ")) return "url";
  return origin.startsWith("git ") ? "git" : "path";
}

async function noteChange(
  tx: Tx,
  now: number,
  plugin: PluginTableRow,
  said: {
    readonly change: "installed" | "updated" | "rolled_back" | "removed";
    readonly manifestDigest: string;
    readonly source: PluginSource["kind"];
    readonly by: Actor;
  },
): Promise<void> {
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "plugin_changed",
    plugin: plugin.plugin_id,
    change: said.change,
    artifact_sha256: hexOf(plugin.digest),
    manifest_sha256: hexOf(said.manifestDigest),
    source: said.source,
    by: said.by,
  });
}
