import { createHash } from "node:crypto";
import { PrunellaError, type Actor } from "@prunella/contract";
import { beyond, EVERYTHING, SCOPES, type PluginGrant } from "@prunella/contract/plugins";
import { voidPermitsOf } from "../attempts/end.ts";
import { readGrant, revokeGrant, setGrant } from "../gate/grants.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { hexOf, isShadowed, readDisabled, type Known, type PluginTableRow, type TrustRow } from "./row.ts";

type Db = Engine["reader"];

/** The action of every effect that a plugin asks for. */
export const PLUGIN_CALL = "plugin_call";
export const targetOfPlugin = ({ name }: Pick<PluginTableRow, "name">): string => `plugin:${name}`;
/** What the gate knows it by. */
export const grantIdOf = (pluginId: string): string => `plugin-${pluginId}`;

/** So many effects of one plugin an hour, whatever its invocations may each. */
const EFFECTS_AN_HOUR = 1_000;

export interface NewTrust {
  readonly scope: string;
  readonly resources: readonly string[];
}

/** What a person trusts this artifact with, beside what they did before. Nothing beyond what it asks for. */
export async function grantTrust(
  tx: Tx,
  given: {
    readonly now: number;
    readonly projectId: string;
    readonly plugin: PluginTableRow;
    readonly known: Known;
    readonly wanted: readonly NewTrust[];
    readonly reason: string | null;
    readonly expiresAt: number | null;
    readonly by: Actor;
  },
): Promise<PluginGrant[]> {
  const { now, projectId, plugin, known, wanted, reason, expiresAt, by } = given;
  await lockHead(tx);
  if (expiresAt !== null && expiresAt <= now)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The grant would be over before it begins." });
  const grants: PluginGrant[] = [];
  for (const { scope, resources } of wanted) {
    const asked = known.requests.find((one) => one.scope === scope);
    if (!asked)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: `${plugin.name} does not ask for ${scope}.`,
        hint: `It asks for ${known.requests.map((one) => one.scope).join(", ") || "nothing"}.`,
      });
    const more = beyond(scope, asked.resources, resources);
    if (more.length > 0)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: `${plugin.name} does not ask for ${scope} of ${more.join(", ")}.`,
        hint: `It asks for it of ${asked.resources.join(", ")}.`,
      });
    const grant: PluginGrant = {
      project_id: projectId,
      plugin: plugin.name,
      digest: plugin.digest,
      scope,
      resources: [...new Set(resources)].toSorted(),
      reason,
      granted_by: canonicalJson(by),
      granted_at: now,
      expires_at: expiresAt,
    };
    grants.push(grant);
    const { project_id, digest, ...rest } = grant;
    const values = {
      resources: JSON.stringify(rest.resources),
      reason,
      granted_by: rest.granted_by,
      granted_at: now,
      expires_at: expiresAt,
    };
    await tx.db
      .insertInto("plugin_trust")
      .values({ project_id, plugin_id: plugin.plugin_id, digest, scope, ...values })
      .onConflict((conflict) => conflict.columns(["project_id", "plugin_id", "digest", "scope"]).doUpdateSet(values))
      .execute();
    await noteTrust(tx, now, { projectId, plugin, scope, grant, expiresAt }, by);
  }
  await settleGrant(tx, now, projectId, plugin, by);
  return grants;
}

/** Takes back what a person trusts it with, of every artifact of it; what was permitted and has not begun is void. */
export async function revokeTrust(
  tx: Tx,
  given: {
    readonly now: number;
    readonly projectId: string;
    readonly plugin: PluginTableRow;
    readonly scopes: readonly string[] | null;
    readonly by: Actor;
  },
): Promise<string[]> {
  const { now, projectId, plugin, scopes, by } = given;
  await lockHead(tx);
  const standing = await trustOf(tx.db, projectId, plugin.plugin_id);
  const taken = standing.filter(({ scope }) => scopes === null || scopes.includes(scope));
  for (const { digest, scope } of taken) {
    await tx.db
      .deleteFrom("plugin_trust")
      .where("project_id", "=", projectId)
      .where("plugin_id", "=", plugin.plugin_id)
      .where("digest", "=", digest)
      .where("scope", "=", scope)
      .execute();
    await noteTrust(tx, now, { projectId, plugin: { ...plugin, digest }, scope, grant: null, expiresAt: null }, by);
  }
  await settleGrant(tx, now, projectId, plugin, by);
  return [...new Set(taken.map(({ scope }) => scope))].toSorted();
}

export const trustOf = (db: Db, projectId: string, pluginId: string): Promise<TrustRow[]> =>
  rows<TrustRow>(
    db,
  )`select * from plugin_trust where project_id = ${projectId} and plugin_id = ${pluginId} order by digest, scope`;

/** In which projects somebody trusts any artifact of it. */
export const projectsOf = async (db: Db, pluginId: string): Promise<string[]> =>
  (
    await rows<{ project_id: string }>(
      db,
    )`select distinct project_id from plugin_trust where plugin_id = ${pluginId} order by project_id`
  ).map((row) => row.project_id);

/** In the unit that changes anything of it: the gate's own grant says what follows, and off beats on. */
export async function settleGrants(tx: Tx, now: number, plugin: PluginTableRow, by: Actor): Promise<void> {
  const known = await rows<{ project_id: string }>(
    tx.db,
  )`select project_id from grant_policy where grant_id = ${grantIdOf(plugin.plugin_id)}`;
  const all = new Set([...known.map((row) => row.project_id), ...(await projectsOf(tx.db, plugin.plugin_id))]);
  for (const projectId of [...all].toSorted()) await settleGrant(tx, now, projectId, plugin, by);
}

async function settleGrant(tx: Tx, now: number, projectId: string, plugin: PluginTableRow, by: Actor): Promise<void> {
  const grantId = grantIdOf(plugin.plugin_id);
  const isOff = isShadowed(plugin) || (await readDisabled(tx.db, plugin)) !== null;
  const live = isOff
    ? []
    : (await trustOf(tx.db, projectId, plugin.plugin_id)).filter(
        ({ digest, scope, expires_at: end }) =>
          digest === plugin.digest && SCOPES[scope]?.isEffect === true && (end === null || end > now),
      );
  const ends = live.map((row) => row.expires_at);
  if (live.length > 0)
    return setGrant(
      tx,
      now,
      {
        id: grantId,
        project_id: projectId,
        actions: [PLUGIN_CALL],
        targets: [targetOfPlugin(plugin)],
        budgets: [{ scope: "target", max: EFFECTS_AN_HOUR, window_ms: 3_600_000 }],
        ceilings: [],
        expires_at: ends.includes(null) ? null : Math.max(...ends.map((end) => end ?? 0)),
      },
      null,
      by,
    );
  const standing = await readGrant(tx.db, projectId, grantId);
  if (standing === null || standing.revoked_at !== null) return;
  await revokeGrant(tx, now, projectId, grantId, by);
  await voidPermitsOf(tx, now, projectId, targetOfPlugin(plugin));
}

async function noteTrust(
  tx: Tx,
  now: number,
  of: {
    readonly projectId: string;
    readonly plugin: Pick<PluginTableRow, "plugin_id" | "digest">;
    readonly scope: string;
    readonly grant: PluginGrant | null;
    readonly expiresAt: number | null;
  },
  by: Actor,
): Promise<void> {
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "plugin_trust_changed",
    project: of.projectId,
    plugin: of.plugin.plugin_id,
    artifact_sha256: hexOf(of.plugin.digest),
    scope: of.scope,
    grant_sha256:
      of.grant === null
        ? null
        : createHash("sha256")
            .update(canonicalJson({ ...of.grant }))
            .digest("hex"),
    expires_at: of.expiresAt,
    by,
  });
}

export const resourcesOf = (row: Pick<TrustRow, "resources">): string[] => {
  const list: unknown = JSON.parse(row.resources);
  return Array.isArray(list) ? list.filter((one) => typeof one === "string") : [];
};

/** What of a request nobody granted. */
export const missingOf = (scope: string, asked: readonly string[], row: TrustRow | undefined): string[] =>
  row === undefined ? [...asked] : beyond(scope, resourcesOf(row), asked);

export const grantCommand = (plugin: string, projectId: string, scope: string, resource: string): string =>
  [
    `prunella plugin trust ${plugin} --scope ${scope}`,
    ...(resource === EVERYTHING ? [] : ["--resource", quoted(resource)]),
    ...(projectId === "default" ? [] : ["--project", projectId]),
  ].join(" ");

const quoted = (text: string): string =>
  /^[A-Za-z0-9._/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
