import { Actor, HeldBy, Refusal } from "@prunella/contract";
import { PluginInvocation } from "@prunella/contract/plugins";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { InvocationRow } from "./row.ts";

export function toInvocation(row: InvocationRow & { readonly name: string }): PluginInvocation {
  const calls: unknown = JSON.parse(row.calls);
  return {
    id: row.invocation_id,
    project_id: row.project_id,
    plugin: row.name,
    digest: row.digest,
    command: row.command,
    via: row.via,
    by: Actor.parse(JSON.parse(row.by_actor)),
    state: row.state,
    admitted_at: row.admitted_at,
    ended_at: row.ended_at,
    calls: PluginInvocation.shape.calls.parse(calls),
    refusal: Refusal.nullable().parse(row.refusal),
    detail: row.detail,
    progress: row.progress,
    engine: HeldBy.nullable().parse(row.engine),
    audit_log_id: row.audit_log_id,
  };
}

export const listInvocations = (db: Engine["reader"], pluginId: string, projectId: string, limit: number) =>
  rows<InvocationRow & { readonly name: string }>(db)`
    select i.*, p.name from plugin_invocation i join plugin p on p.plugin_id = i.plugin_id
    where i.plugin_id = ${pluginId} and i.project_id = ${projectId} order by i.admitted_at desc, i.invocation_id desc limit ${limit}`;
