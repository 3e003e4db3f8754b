import type { Actor } from "@prunella/contract";
import { PrunellaError } from "@prunella/contract";
import {
  isOwnScope,
  PluginLock,
  SCOPES,
  type PluginDetail,
  type PluginGrant,
  type PluginRow,
} from "@prunella/contract/plugins";
import type { Core } from "../core.ts";
import type { Gate } from "../gate/gate.ts";
import type { Redeemer } from "../gate/permit.ts";
import { rows } from "../store/rows.ts";
import { createAsking, type AskingDeps } from "./asking.ts";
import { pluginSteps } from "./audit.ts";
import { createAuthorize } from "./authorize.ts";
import {
  assertFits,
  cleanManifest,
  cleanSignature,
  putArtifact,
  removePlugin,
  rollBack,
  type NewArtifact,
} from "./installing.ts";
import { createDeliveries, type DeliveriesDeps } from "./deliveries.ts";
import { createInvocations } from "./invocations.ts";
import { listInvocations, toInvocation } from "./listing.ts";
import { createManifests, findByNamespace, findPlugin, type ArtifactRow, type PluginTableRow } from "./row.ts";
import type { Running } from "./running.ts";
import { listPlugins, quotaOf, showDetail, showPlugin } from "./show.ts";
import { createPluginState, exportState, type ExportedState } from "./state.ts";
import { switchPlugin } from "./switching.ts";
import { grantTrust, revokeTrust, type NewTrust } from "./trust.ts";

export interface PluginsDeps extends Core {
  readonly escalate: AskingDeps["escalate"];
  readonly askers: AskingDeps["askers"];
  readonly wake: AskingDeps["wake"];
  readonly gate: Gate;
  readonly redeemer: Redeemer;
  readonly scrubText: Parameters<typeof cleanManifest>[1];
  readonly report: DeliveriesDeps["report"];
  readonly scrubJson: DeliveriesDeps["scrubJson"];
}

export type Plugins = ReturnType<typeof createPlugins>;

/** Programs above the core: what is installed, what each may, what it did, and what it keeps. */
export function createPlugins(deps: PluginsDeps) {
  const { db, writer, clock } = deps;
  const manifests = createManifests();
  const running = new Map<string, Running>();
  const asking = createAsking(deps);
  const invocations = createInvocations({ ...deps, asking, manifests, running });
  const state = createPluginState(deps);
  const show = () => ({ db, manifests, now: clock.now() });
  const changed = (plugin: PluginTableRow): void => {
    for (const [topic, id] of [
      ["plugins", plugin.plugin_id],
      ["ledger", "head"],
    ] as const)
      deps.publish(topic, id);
  };

  return {
    authorize: createAuthorize({ ...deps, asking, manifests, running }),
    invocations,
    state,
    deliveries: createDeliveries(deps),
    find: (name: string, from?: string) => findPlugin(db, name, from),
    findByNamespace: (namespace: string, from?: string) => findByNamespace(db, namespace, from),
    /** What an artifact says of itself; null where there is none. */
    manifest: (pluginId: string, digest: string) => manifests(db, pluginId, digest),
    quota: async (pluginId: string, digest: string): Promise<number> => {
      const known = await manifests(db, pluginId, digest);
      return known ? quotaOf(known) : 0;
    },
    list: (projectId: string): Promise<PluginRow[]> => listPlugins(show(), projectId),
    read: async (projectId: string, name: string, from?: string): Promise<PluginDetail> =>
      showDetail(show(), projectId, await findPlugin(db, name, from)),
    /** What the ledger says of runs, from an index on, with what is kept of them beside it. */
    steps: (from: number, limit: number) => pluginSteps(db, from, limit),
    history: async (projectId: string, name: string, limit: number, from?: string) => {
      const plugin = await findPlugin(db, name, from);
      return (await listInvocations(db, plugin.plugin_id, projectId, limit)).map(toInvocation);
    },

    /** Puts it in, or a new version of it. Nothing is granted by it: what it asks for stands in the answer. */
    async install(given: NewArtifact, projectId: string, by: Actor) {
      assertFits(given.manifest);
      const manifest = cleanManifest(given.manifest, deps.scrubText);
      const signature = cleanSignature(given.signature, deps.scrubText);
      const { plugin, change } = await writer.run((tx) =>
        putArtifact(tx, deps, { ...given, manifest, signature, now: clock.now(), by }),
      );
      changed(plugin);
      return { change, detail: await showDetail(show(), projectId, plugin) };
    },

    async grant(
      given: {
        readonly projectId: string;
        readonly name: string;
        readonly from?: string | undefined;
        readonly wanted: readonly NewTrust[];
        readonly reason: string | null;
        readonly expiresAt: number | null;
      },
      by: Actor,
    ): Promise<PluginGrant[]> {
      const plugin = await findPlugin(db, given.name, given.from);
      const known = await manifests(db, plugin.plugin_id, plugin.digest);
      if (!known)
        throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `${plugin.name} is not installed any more.` });
      const reason = given.reason === null ? null : deps.scrubText(given.reason).text.value;
      const grants = await writer.run((tx) =>
        grantTrust(tx, { ...given, now: clock.now(), plugin, known, reason, by }),
      );
      changed(plugin);
      return grants;
    },

    async revoke(
      projectId: string,
      name: string,
      scopes: readonly string[] | null,
      by: Actor,
      from?: string,
    ): Promise<string[]> {
      const plugin = await findPlugin(db, name, from);
      for (const scope of scopes ?? [])
        if (!Object.hasOwn(SCOPES, scope) && !isOwnScope(scope))
          throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: `There is no scope ${scope}.` });
      const taken = await writer.run((tx) => revokeTrust(tx, { now: clock.now(), projectId, plugin, scopes, by }));
      changed(plugin);
      return taken;
    },

    async switch(
      name: string,
      on: boolean,
      reason: string,
      projectId: string,
      by: Actor,
      from?: string,
    ): Promise<PluginRow> {
      const plugin = await findPlugin(db, name, from);
      await writer.run((tx) =>
        switchPlugin(tx, { now: clock.now(), plugin, on, reason: deps.scrubText(reason).text.value, by }),
      );
      changed(plugin);
      return showPlugin(show(), projectId, plugin);
    },

    async rollBack(
      name: string,
      digest: string | null,
      projectId: string,
      by: Actor,
      from?: string,
    ): Promise<PluginDetail> {
      const before = await findPlugin(db, name, from);
      const plugin = await writer.run((tx) => rollBack(tx, { now: clock.now(), plugin: before, digest, by }));
      changed(plugin);
      return showDetail(show(), projectId, plugin);
    },

    /** Gives back what it kept, which goes with it. */
    async remove(
      name: string,
      by: Actor,
      from?: string,
    ): Promise<{ readonly plugin: PluginTableRow; readonly state: readonly ExportedState[] }> {
      const plugin = await findPlugin(db, name, from);
      const kept = await writer.run(async (tx) => {
        const exported = await exportState(tx.db, plugin.plugin_id);
        await removePlugin(tx, { now: clock.now(), plugin, by });
        return exported;
      });
      changed(plugin);
      return { plugin, state: kept };
    },

    /** What is installed, as whoever shares the installation commits it. */
    async lock(): Promise<PluginLock> {
      const found = await rows<ArtifactRow & Pick<PluginTableRow, "name">>(db)`
        select a.*, p.name from plugin p join plugin_artifact a on a.plugin_id = p.plugin_id and a.digest = p.digest order by p.name, p.origin`;
      const once = found.filter(({ name }, at) => found[at - 1]?.name !== name);
      return PluginLock.parse({
        lockVersion: 1,
        plugins: once
          .map((row) => ({
            name: row.name,
            version: row.version,
            source: JSON.parse(row.source),
            manifestDigest: row.manifest_digest,
            treeDigest: row.tree_digest,
            digest: row.digest,
            bundler: row.bundler,
          }))
          .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      });
    },

    /** Digests that somebody may still run: bundles of others may go. */
    digests: async (): Promise<string[]> =>
      (await rows<{ digest: string }>(db)`select distinct digest from plugin_artifact order by digest`).map(
        (row) => row.digest,
      ),
  };
}
