import type { WATCHING } from "@prunella/contract/operations";
import type { Handlers } from "../handler.ts";

const among = (project: string | undefined, sees: readonly string[] | null): readonly string[] | null =>
  project === undefined ? sees : [project];

export const watching: Handlers<typeof WATCHING> = {
  list_probes: async ({ project }, { kernel, sees }) => ({ probes: await kernel.probes.list(among(project, sees)) }),
  show_probe: async ({ project, name }, { kernel }) => ({ probe: await kernel.probes.show(project, name) }),
  check_probe: async ({ project, name }, { kernel }) => ({ probe: await kernel.probes.check(project, name) }),
  list_heartbeats: async ({ project }, { kernel, sees }) => ({
    heartbeats: await kernel.heartbeats.list(among(project, sees)),
  }),
  show_heartbeat: async ({ project, name }, { kernel }) => ({
    heartbeat: await kernel.heartbeats.show(project, name),
  }),
  async add_heartbeat({ project, name, every_ms, grace_ms, max_runtime_ms, ...given }, { kernel, url, by }) {
    const heartbeat = { name, project, every: every_ms, grace: grace_ms, max_runtime: max_runtime_ms, ...given };
    return withUrl(await kernel.heartbeats.add(heartbeat, by), url());
  },
  rotate_heartbeat: async ({ project, name }, { kernel, url, by }) =>
    withUrl(await kernel.heartbeats.rotate(project, name, by), url()),
  async remove_heartbeat({ project, name }, { kernel, by }) {
    await kernel.heartbeats.remove(project, name, by);
  },
};

const withUrl = <T extends { readonly heartbeat: { readonly name: string } }>(given: T, url: string) => ({
  ...given,
  url: `${url.replace(/\/$/, "")}/v1/heartbeat/${given.heartbeat.name}`,
});
