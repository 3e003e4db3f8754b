import type { Refusal } from "@prunella/contract";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { BrokerDenial } from "./call.ts";
import { isShadowed, readDisabled, type InvocationRow, type Known, type PluginTableRow } from "./row.ts";
import { grantCommand, missingOf, trustOf } from "./trust.ts";

/** A denial by a check of the gate's kind. */
export type Bar = BrokerDenial & { readonly refusal: Refusal };

/** Why something does not begin: a check of the gate's kind, or that it has begun before. */
export type Barred = Omit<Bar, "refusal"> & { readonly refusal: Refusal | null };

export const CAME_BEFORE: Barred = { refusal: null, detail: "It was asked for this before.", mend: null };

export const GONE: Bar = { refusal: "unknown_plugin", detail: "The plugin is not installed any more.", mend: null };

/** What stands against it now, in the order in which people mend it. */
export async function whyNot(
  tx: Tx,
  now: number,
  of: Pick<InvocationRow, "project_id" | "plugin_id" | "digest"> & { readonly isWhole?: boolean | undefined },
  needed: Known["requests"],
): Promise<Bar | null> {
  const [current] = await rows<PluginTableRow>(tx.db)`select * from plugin where plugin_id = ${of.plugin_id}`;
  if (!current) return GONE;
  if (isShadowed(current))
    return {
      refusal: "plugin_disabled",
      detail: `${current.namespace} is one of Prunella's own commands by now, so the plugin ${current.name} is disabled; it stays installed.`,
      mend: null,
    };
  if ((await readDisabled(tx.db, current)) !== null)
    return {
      refusal: "plugin_disabled",
      detail: `${current.name} is disabled.`,
      mend: `prunella plugin enable ${current.name}`,
    };
  if (current.digest !== of.digest)
    return {
      refusal: "artifact_changed",
      detail: `Another version of ${current.name} was installed meanwhile.`,
      mend: null,
    };
  if (of.isWhole === false)
    return {
      refusal: "artifact_changed",
      detail: `What lies in the store is not the ${current.name} that was installed.`,
      mend: `prunella plugin update ${current.name}`,
    };
  const trust = await trustOf(tx.db, of.project_id, of.plugin_id);
  const live = trust.filter(
    ({ digest, expires_at: until }) => digest === current.digest && (until === null || until > now),
  );
  for (const { scope, resources, required, risk } of needed) {
    const missing = missingOf(
      scope,
      resources,
      live.find((row) => row.scope === scope),
    );
    // One resource of several is enough to begin: each call is held to what was granted.
    if (missing.length < resources.length) continue;
    return {
      refusal: "not_granted",
      detail: `${current.name} needs ${scope}${resources.includes("*") ? "" : ` of ${resources.join(", ")}`}, which nobody granted${trust.length > live.length ? " to this version" : ""}.`,
      mend:
        required && risk !== "destructive" && needed.filter((one) => one.required).length > 1
          ? allRequired(current.name, of.project_id)
          : grantCommand(current.name, of.project_id, scope, resources[0] ?? "*"),
    };
  }
  return null;
}

const allRequired = (name: string, projectId: string): string =>
  [`prunella plugin trust ${name} --required`, ...(projectId === "default" ? [] : ["--project", projectId])].join(" ");
