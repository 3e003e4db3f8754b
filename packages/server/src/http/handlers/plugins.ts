import { PrunellaError } from "@prunella/contract";
import type { PLUGINS } from "@prunella/contract/operations";
import { misfits, withDefaults } from "@prunella/contract/plugins";
import { backlogOf } from "../../forge/shown.ts";
import type { Handlers } from "../handler.ts";

export const plugins: Handlers<typeof PLUGINS> = {
  list_plugins: async ({ project: named }, { kernel, sees }) => {
    const project = named ?? (sees === null ? "default" : (sees[0] ?? "default"));
    return { project, plugins: await kernel.plugins.list(project) };
  },
  list_filings: async ({ project, limit }, { kernel, sees, repositories: view, now }) => {
    const projects = project === undefined ? sees : [project];
    return {
      filings: await kernel.filings.list({ projects, limit }),
      backlog: await backlogOf(kernel.filings, { projects, view, now: now() }),
    };
  },
  check_forge: async (_input, { repositories }) => ({ forge: (await repositories?.check()) ?? null }),
  inspect_plugins: async ({ source }, { plugins: manager }) => ({ found: await manager.inspect(source) }),
  add_plugin: ({ source, name, project }, { plugins: manager, by }) => manager.add(source, name, project, by),
  read_plugin: ({ name, project, from }, { kernel }) => kernel.plugins.read(project, name, from),
  update_plugin: ({ name, commit, from, project }, { plugins: manager, by }) =>
    manager.update(name, { commit, from }, project, by),
  roll_back_plugin: ({ name, digest, project, from }, { plugins: manager, by }) =>
    manager.rollBack(name, digest?.replace("sha256:", "") ?? null, project, by, from),
  remove_plugin: async ({ name, from }, { plugins: manager, by }) => {
    const { plugin, state } = await manager.remove(name, by, from);
    return { name: plugin.name, origin: plugin.origin, state: [...state] };
  },
  switch_plugin: async ({ name, on, reason, project, from }, { kernel, by }) => ({
    plugin: await kernel.plugins.switch(name, on, reason, project, by, from),
  }),
  trust_plugin: async ({ name, project, from, scopes, reason, expires_at }, { kernel, by }) => ({
    granted: await kernel.plugins.grant(
      { projectId: project, name, from, wanted: scopes, reason: reason ?? null, expiresAt: expires_at },
      by,
    ),
  }),
  revoke_plugin: async ({ name, project, from, scopes }, { kernel, by }) => ({
    revoked: await kernel.plugins.revoke(project, name, scopes, by, from),
  }),
  list_invocations: async ({ name, project, from, limit }, { kernel }) => ({
    invocations: await kernel.plugins.history(project, name, limit, from),
  }),
  async list_plugin_calls({ name, project, from, after }, { kernel, pluginCalls }) {
    const { plugin_id: id } = await kernel.plugins.find(name, from);
    return pluginCalls.after(id, project, after);
  },
  async invoke_plugin({ name, command, project, from, args, confirmed, asks, via }, { kernel, invokePlugin, by }) {
    const plugin = await kernel.plugins.find(name, from);
    const known = await kernel.plugins.manifest(plugin.plugin_id, plugin.digest);
    const own = known?.manifest.commands.find((one) => one.name === command);
    const wrong = own ? misfits(own.input, args) : [];
    if (wrong.length > 0)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
        detail: wrong.map(({ path, expected }) => `${path === "" ? "args" : path}: expected ${expected}`).join("; "),
        hint: `See what it takes: prunella ${plugin.namespace} ${command} --help`,
      });
    return invokePlugin({
      projectId: project,
      plugin,
      command,
      args: own ? withDefaults(own.input, args) : args,
      by,
      via,
      isConfirmed: confirmed,
      asks,
      bindings: {},
    });
  },
  export_plugin_state: async ({ name, from }, { kernel }) => {
    const plugin = await kernel.plugins.find(name, from);
    return { state: await kernel.plugins.state.export(plugin.plugin_id) };
  },
  verify_plugins: async (_input, { plugins: manager }) => ({ bundles: await manager.verify() }),
  read_plugin_lock: (_input, { plugins: manager }) => manager.lock(),
  sync_plugins: async ({ lock, project }, { plugins: manager, by }) => ({
    installed: await manager.sync(lock, project, by),
  }),
};
