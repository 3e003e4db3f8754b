import { z } from "zod";
import { ForgeCheck } from "../forge-check.ts";
import { Millis, ProjectId } from "../ids.ts";
import { PluginGrant, PluginLock, PluginSource } from "../plugins/artifact.ts";
import { Json } from "../plugins/fields.ts";
import { CommandName, PluginName } from "../plugins/names.ts";
import {
  Filing,
  FilingBacklog,
  Found,
  InvocationResult,
  PluginCall,
  PluginDetail,
  PluginInvocation,
  PluginRow,
  Verified,
} from "../plugins/standing.ts";
import { operation } from "./operation.ts";

const project = { project: ProjectId.default("default") };
/** Which one, where several sources have a plugin of this name: its origin, or the path or address in it. */
const from = { from: z.string().min(1).max(4_000).optional() };
const params = z.strictObject({ name: z.string().min(1).max(100) });
const reason = z.string().trim().min(1).max(500);
const Digest = z.string().regex(/^(?:sha256:)?[0-9a-f]{4,64}$/, "a digest, or its beginning");
/** Why it will not run on the server's machine; null where nothing of the machine stands against it. */
const notice = z.string().nullable();
const installed = z.strictObject({
  change: z.enum(["installed", "updated", "unchanged"]),
  detail: PluginDetail,
  notice,
});

export const Inspected = z.strictObject({ found: z.array(Found) });
/** `project`: in which each stands so; where none was named, one that the caller may see. */
export const PluginList = z.strictObject({ project: ProjectId, plugins: z.array(PluginRow) });
export const FilingPage = z.strictObject({ filings: z.array(Filing), backlog: FilingBacklog });
export const Removed = z.strictObject({
  name: PluginName,
  origin: z.string(),
  /** What it kept, which is gone with it. */
  state: z.array(z.strictObject({ project: ProjectId, name: z.string(), value: z.string() })),
});

export const PLUGINS = {
  list_plugins: operation({
    method: "GET",
    path: "/v1/plugins",
    query: z.strictObject({ project: ProjectId.optional() }),
    output: PluginList,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "what is installed, and whether it may run in a project",
  }),
  list_filings: operation({
    method: "GET",
    path: "/v1/filings",
    query: z.strictObject({
      project: ProjectId.optional(),
      limit: z.coerce.number<string | number>().int().min(1).max(500).default(100),
    }),
    output: FilingPage,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary:
      "issues that were filed at the host of repositories, and those that are about to be, the newest first; how much waits, and until when",
  }),
  check_forge: operation({
    method: "GET",
    path: "/v1/forge",
    output: z.strictObject({ forge: ForgeCheck.nullable() }),
    status: 200,
    who: "operator",
    within: "all",
    effect: "read",
    summary: "the host of repositories as it is now, asked while it is waited for; null where none is configured",
  }),
  inspect_plugins: operation({
    method: "POST",
    path: "/v1/plugin-sources",
    body: z.strictObject({ source: PluginSource }),
    output: Inspected,
    status: 200,
    who: "owner",
    within: "all",
    effect: "decide",
    summary:
      "what a folder or a commit holds: each plugin with what it asks for, or what is wrong with it; nothing is installed",
  }),
  add_plugin: operation({
    method: "POST",
    path: "/v1/plugins",
    body: z.strictObject({ source: PluginSource, name: PluginName.optional(), ...project }),
    output: installed,
    status: 201,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "installs a plugin; it is granted nothing",
  }),
  read_plugin: operation({
    method: "GET",
    path: "/v1/plugins/:name",
    params,
    query: z.strictObject({ ...project, ...from }),
    output: PluginDetail,
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "one plugin: what it asks for, was granted, used in 30 days and was refused",
  }),
  update_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/update",
    params,
    body: z.strictObject({ commit: z.string().max(64).optional(), ...project, ...from }),
    output: installed,
    status: 200,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "takes its source anew, beside what it had; another version is trusted with nothing",
  }),
  roll_back_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/rollback",
    params,
    body: z.strictObject({ digest: Digest.optional(), ...project, ...from }),
    output: PluginDetail,
    status: 200,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "runs again what it ran before, trusted as it was then",
  }),
  remove_plugin: operation({
    method: "DELETE",
    path: "/v1/plugins/:name",
    params,
    query: z.strictObject(from),
    output: Removed,
    status: 200,
    who: "owner",
    within: "all",
    effect: "act",
    summary: "takes it out with its trust and gives back what it kept; the ledger stays",
  }),
  switch_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/switch",
    params,
    body: z.strictObject({ on: z.boolean(), reason: reason.prefault("No reason was given."), ...project, ...from }),
    output: z.strictObject({ plugin: PluginRow }),
    status: 200,
    who: "operator",
    within: "all",
    effect: "decide",
    summary: "disables it, whatever it is trusted with, or enables it again",
  }),
  trust_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/trust",
    params,
    body: z.strictObject({
      ...project,
      ...from,
      scopes: z
        .array(
          z.strictObject({ scope: z.string().max(80), resources: z.array(z.string().min(1).max(300)).min(1).max(100) }),
        )
        .min(1)
        .max(100),
      reason: reason.optional(),
      /** null: until somebody takes it back. */
      expires_at: Millis.nullable().default(null),
    }),
    output: z.strictObject({ granted: z.array(PluginGrant) }),
    status: 200,
    who: "owner",
    within: "project",
    effect: "decide",
    summary: "grants one artifact exact scopes and resources in a project",
  }),
  revoke_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/revoke",
    params,
    /** `scopes` null: all. */
    body: z.strictObject({
      ...project,
      ...from,
      scopes: z.array(z.string().max(80)).min(1).max(100).nullable().default(null),
    }),
    output: z.strictObject({ revoked: z.array(z.string()) }),
    status: 200,
    who: "operator",
    within: "project",
    effect: "decide",
    summary: "takes trust back; what was permitted and has not begun is void",
  }),
  list_invocations: operation({
    method: "GET",
    path: "/v1/plugins/:name/invocations",
    params,
    query: z.strictObject({
      ...project,
      ...from,
      limit: z.coerce.number<string | number>().int().min(1).max(200).default(50),
    }),
    output: z.strictObject({ invocations: z.array(PluginInvocation) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "who invoked what of it, what it used, and what came of it, newest first",
  }),
  list_plugin_calls: operation({
    method: "GET",
    path: "/v1/plugins/:name/calls",
    params,
    query: z.strictObject({
      ...project,
      ...from,
      /** Those behind this one alone. */
      after: z.coerce.number<string | number>().int().min(0).default(0),
    }),
    output: z.strictObject({ calls: z.array(PluginCall), last: z.int().min(0) }),
    status: 200,
    who: "viewer",
    within: "project",
    effect: "read",
    summary: "its newest calls to this server with the verdict of each, oldest first; kept in memory alone",
  }),
  invoke_plugin: operation({
    method: "POST",
    path: "/v1/plugins/:name/commands/:command",
    params: z.strictObject({ name: z.string().min(1).max(100), command: CommandName }),
    body: z.strictObject({
      ...project,
      ...from,
      args: z.record(z.string().max(48), Json).default({}),
      /** A person saw the arguments and said yes. */
      confirmed: z.boolean().default(false),
      /** Where nobody said yes: a person is asked in the inbox, and it goes on or ends by what they say. */
      asks: z.boolean().default(false),
      via: z.enum(["cli", "console", "api"]).default("api"),
    }),
    output: InvocationResult,
    status: 200,
    who: "operator",
    within: "project",
    effect: "act",
    summary: "runs a command of a plugin; the answer is a structure, also where it was blocked",
  }),
  export_plugin_state: operation({
    method: "GET",
    path: "/v1/plugins/:name/state",
    params,
    query: z.strictObject(from),
    output: z.strictObject({ state: Removed.shape.state }),
    status: 200,
    who: "owner",
    within: "all",
    effect: "read",
    summary: "what it keeps, in every project",
  }),
  verify_plugins: operation({
    method: "GET",
    path: "/v1/plugin-bundles",
    output: z.strictObject({ bundles: z.array(Verified) }),
    status: 200,
    who: "owner",
    within: "all",
    effect: "read",
    summary: "whether each bundle is byte for byte what was installed",
  }),
  read_plugin_lock: operation({
    method: "GET",
    path: "/v1/plugin-lock",
    output: PluginLock,
    status: 200,
    who: "owner",
    within: "all",
    effect: "read",
    summary: "what is installed, as plugins.lock.json has it",
  }),
  sync_plugins: operation({
    method: "POST",
    path: "/v1/plugin-lock",
    body: z.strictObject({ lock: PluginLock, ...project }),
    output: z.strictObject({ installed: z.array(z.strictObject({ name: PluginName, change: z.string(), notice })) }),
    status: 200,
    who: "owner",
    within: "all",
    effect: "decide",
    summary: "installs exactly what a lockfile says, or nothing of it; it grants nothing",
  }),
} as const;
