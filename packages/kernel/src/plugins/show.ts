import { Actor } from "@prunella/contract";
import {
  FoundSignature,
  outsideOf,
  PluginGrant,
  PluginSource,
  signatureOf,
  type PluginAsked,
  type PluginDetail,
  type PluginRow,
} from "@prunella/contract/plugins";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { listInvocations, toInvocation } from "./listing.ts";
import {
  isShadowed,
  readDisabled,
  type ArtifactRow,
  type Known,
  type Manifests,
  type PluginTableRow,
  type TrustRow,
} from "./row.ts";
import { missingOf, resourcesOf, trustOf } from "./trust.ts";

type Db = Engine["reader"];
interface ShowDeps {
  readonly db: Db;
  readonly manifests: Manifests;
  readonly now: number;
}

const MONTH_MS = 30 * 86_400_000;
const SHOWN_INVOCATIONS = 20;
const MB = 1_048_576;
/** Of a plugin that keeps something and says no number. */
const USUAL_QUOTA_MB = 10;

export async function listPlugins(deps: ShowDeps, projectId: string): Promise<PluginRow[]> {
  const all = await rows<PluginTableRow>(deps.db)`select * from plugin order by name, origin limit 1000`;
  return Promise.all(all.map((plugin) => showPlugin(deps, projectId, plugin)));
}

export async function showPlugin(deps: ShowDeps, projectId: string, plugin: PluginTableRow): Promise<PluginRow> {
  const { db, manifests } = deps;
  const known = await manifests(db, plugin.plugin_id, plugin.digest);
  if (!known) throw new Error("a plugin points to an artifact that there is not");
  const [artifact] = await rows<Pick<ArtifactRow, "source" | "signature">>(
    db,
  )`select source, signature from plugin_artifact where plugin_id = ${plugin.plugin_id} and digest = ${plugin.digest}`;
  const disabled = await readDisabled(db, plugin);
  const { manifest } = known;
  const source = PluginSource.parse(JSON.parse(artifact?.source ?? "null"));
  const isReady = (await askedOf(deps, projectId, plugin, known)).every(
    ({ required, missing, resources }) => !required || missing.length < resources.length,
  );
  return {
    id: plugin.plugin_id,
    name: plugin.name,
    namespace: plugin.namespace,
    version: manifest.version,
    description: manifest.description,
    kind: manifest.kind,
    origin: plugin.origin,
    source,
    digest: plugin.digest,
    signature: signatureOf(source, FoundSignature.nullable().parse(JSON.parse(artifact?.signature ?? "null"))),
    outside: outsideOf(manifest),
    standing: isShadowed(plugin) ? "shadowed" : disabled !== null ? "disabled" : isReady ? "ready" : "waiting",
    disabled:
      disabled === null
        ? null
        : { since: disabled.since, reason: disabled.reason, by: Actor.parse(JSON.parse(disabled.by_actor)) },
    commands: manifest.commands.map(({ name, summary, risk, input, requiresConfirmation, phrase }) => ({
      name,
      summary,
      risk,
      input,
      confirms: requiresConfirmation || risk === "destructive",
      phrase: phrase ?? null,
    })),
    installed_at: plugin.installed_at,
    updated_at: plugin.updated_at,
  };
}

export async function showDetail(deps: ShowDeps, projectId: string, plugin: PluginTableRow): Promise<PluginDetail> {
  const { db, manifests } = deps;
  const known = await manifests(db, plugin.plugin_id, plugin.digest);
  if (!known) throw new Error("a plugin points to an artifact that there is not");
  const artifacts = await rows<ArtifactRow>(
    db,
  )`select * from plugin_artifact where plugin_id = ${plugin.plugin_id} order by added_at desc, digest limit 50`;
  const [state] = await rows<{ bytes: number; keys: number }>(db)`
    select cast(coalesce(sum(bytes), 0) as bigint) as bytes, count(*) as keys from plugin_state
    where project_id = ${projectId} and plugin_id = ${plugin.plugin_id}`;
  return {
    plugin: await showPlugin(deps, projectId, plugin),
    asked: await askedOf(deps, projectId, plugin, known),
    artifacts: artifacts.map(({ digest, version, source, added_at }) => ({
      digest,
      version,
      source: PluginSource.parse(JSON.parse(source)),
      added_at,
      is_current: digest === plugin.digest,
    })),
    state: { bytes: Number(state?.bytes ?? 0), quota: quotaOf(known), keys: Number(state?.keys ?? 0) },
    invocations: (await listInvocations(db, plugin.plugin_id, projectId, SHOWN_INVOCATIONS)).map(toInvocation),
  };
}

/** In bytes; 0 where it asks for no state that it can write. */
export function quotaOf({ manifest }: Known): number {
  const state = manifest.capabilities.find(({ name, access }) => name === "state" && access === "write");
  return state ? (state.quotaMb ?? USUAL_QUOTA_MB) * MB : 0;
}

async function askedOf(
  { db, now }: ShowDeps,
  projectId: string,
  plugin: PluginTableRow,
  known: Known,
): Promise<PluginAsked[]> {
  const trust = (await trustOf(db, projectId, plugin.plugin_id)).filter(
    ({ digest, expires_at: end }) => digest === plugin.digest && (end === null || end > now),
  );
  const used = await rows<Pick<Tables["plugin_use"], "scope" | "allowed" | "refused" | "last_at">>(db)`
    select scope, cast(sum(allowed) as bigint) as allowed, cast(sum(refused) as bigint) as refused, max(last_at) as last_at from plugin_use
    where project_id = ${projectId} and plugin_id = ${plugin.plugin_id} and hour > ${now - MONTH_MS} group by scope`;
  return known.requests.map((request) => {
    const row = trust.find(({ scope }) => scope === request.scope);
    const use = used.find(({ scope }) => scope === request.scope);
    return {
      ...request,
      granted: row ? toGrant(row, plugin) : null,
      missing: missingOf(request.scope, request.resources, row),
      used: Number(use?.allowed ?? 0),
      refused: Number(use?.refused ?? 0),
      last_used_at: use ? Number(use.last_at) : null,
    };
  });
}

const toGrant = (row: TrustRow, plugin: PluginTableRow): PluginGrant =>
  PluginGrant.parse({
    project_id: row.project_id,
    plugin: plugin.name,
    digest: row.digest,
    scope: row.scope,
    resources: resourcesOf(row),
    reason: row.reason,
    granted_by: row.granted_by,
    granted_at: row.granted_at,
    expires_at: row.expires_at,
  });
