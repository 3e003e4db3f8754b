import { z } from "zod";
import type { PluginManifest } from "./manifest.ts";
import { Risk, SCOPES } from "./scopes.ts";

/** One thing that a plugin asks for, and that can be granted. */
export const PluginRequest = z.strictObject({
  scope: z.string(),
  /** `*`: all of the scope. */
  resources: z.array(z.string()).min(1),
  risk: Risk,
  /** Without it nothing of the plugin runs. */
  required: z.boolean(),
  reasons: z.array(z.string()).min(1),
});
export type PluginRequest = z.infer<typeof PluginRequest>;

type Asking = Pick<PluginManifest, "permissions" | "capabilities" | "network" | "filesystem" | "process" | "listens">;

/** All that a manifest asks for, one line a scope, sorted: two manifests that ask for the same have equal lists. */
export function requestsOf(manifest: Asking): PluginRequest[] {
  const { permissions, capabilities, network, filesystem, process, listens } = manifest;
  const asked: readonly {
    readonly scope: string;
    readonly resources: readonly string[];
    readonly required: boolean;
    readonly reason: string;
    readonly risk?: Risk | undefined;
  }[] = [
    ...permissions.required.map((one) => ({ ...one, required: true })),
    ...permissions.optional.map((one) => ({ ...one, required: false })),
    ...capabilities.map(({ name, access, reason }) => ({
      scope: `capability:${name}:${access}`,
      resources: ["*"],
      required: true,
      reason,
    })),
    ...network.flatMap(({ host, port, methods, path, reason }) =>
      methods.map((method) => ({
        scope: method === "GET" || method === "HEAD" ? "net:read" : "net:write",
        resources: [addressOf({ method, host, port, path })],
        required: true,
        reason,
      })),
    ),
    ...filesystem.map(({ root, access, reason }) => ({
      scope: `fs:${access}`,
      resources: [root],
      required: true,
      reason,
    })),
    ...process.map(({ template, reason }) => ({
      scope: "process:run",
      resources: [template.join(" ")],
      required: true,
      reason,
    })),
    ...listens.map(({ event, reason }) => ({ scope: "events:receive", resources: [event], required: true, reason })),
  ];
  const scopes = [...new Set(asked.map(({ scope }) => scope))].toSorted();
  return scopes.map((scope) => {
    const of = asked.filter((one) => one.scope === scope);
    return {
      scope,
      resources: [...new Set(of.flatMap(({ resources }) => resources))].toSorted(),
      risk: SCOPES[scope]?.risk ?? worst(of.map((one) => one.risk)),
      required: of.some(({ required }) => required),
      reasons: [...new Set(of.map(({ reason }) => reason))],
    };
  });
}

/** What nobody knows the risk of may destroy. */
const worst = (risks: readonly (Risk | undefined)[]): Risk =>
  Risk.options.findLast((one) => risks.includes(one)) ?? "destructive";

/** The resource that a call to an address speaks of. */
export const addressOf = (to: { method: string; host: string; port: number; path: string }): string =>
  `${to.method} ${to.host}${to.port === 443 ? "" : `:${to.port}`}${to.path}`;
