import { PrunellaError } from "@prunella/contract";
import { SCOPES, type PluginDetail } from "@prunella/contract/plugins";
import { nearest } from "@prunella/contract/nearest";
import { connect } from "../../client.ts";
import { commandLine } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { durationOf } from "../../duration.ts";
import { print, printJson } from "../../print.ts";
import { plain } from "../../terminal/text.ts";
import { exact } from "../../terminal/time.ts";
import { ofPlugin, type OfPlugin } from "./show.ts";
import { agrees, isTerminal, printAsked } from "./words.ts";

interface TrustOptions extends OfPlugin {
  readonly scope?: readonly string[];
  readonly resource?: readonly string[];
  readonly required?: true;
  readonly for?: string;
  readonly reason?: string;
}

type Call = ReturnType<typeof connect>;

export async function trustPlugin(common: Common, name: string, options: TrustOptions): Promise<void> {
  const { scope: named, resource, required } = options;
  if (resource !== undefined && named?.length !== 1)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: "--resource goes with one --scope, of which it is a part." });
  const lasts = options.for === undefined ? null : durationOf("--for", options.for);
  const call = connect(common);
  const detail = await call("read_plugin", { name, ...ofPlugin(options) });
  if (named === undefined && required === undefined) return offerTrust(common, call, detail, options, lasts);
  const wanted =
    named === undefined
      ? requiredOf(detail)
      : named.map((scope) => ({ scope, resources: resource ?? resourcesOf(detail, scope) }));
  await grant(common, call, detail, wanted, options, lasts);
}

interface Wanted {
  readonly scope: string;
  readonly resources: readonly string[];
}

function resourcesOf({ plugin, asked }: PluginDetail, scope: string): readonly string[] {
  const found = asked.find((one) => one.scope === scope);
  if (found) return found.resources;
  const meant = nearest(
    scope,
    asked.map((one) => one.scope),
  );
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${plugin.name} does not ask for ${plain(scope)}.`,
    hint:
      meant === null
        ? `It asks for ${asked.map((one) => one.scope).join(", ") || "nothing"}.`
        : `Did you mean ${meant}?`,
  });
}

/** Never what is destructive: that is granted by its own name alone. */
export const requiredOf = ({ asked }: PluginDetail): Wanted[] =>
  asked.filter(({ required, risk, missing }) => required && risk !== "destructive" && missing.length > 0);

/** Shows all of it and asks once; no is what nothing means. */
export async function offerTrust(
  common: Common,
  call: Call,
  detail: PluginDetail,
  options: OfPlugin & { readonly reason?: string },
  lasts: number | null,
): Promise<void> {
  const wanted = requiredOf(detail);
  const { name } = detail.plugin;
  if (wanted.length === 0) return common.json ? printJson({ granted: [] }) : print(`${name} has all that it requires.`);
  const line = commandLine(common, `plugin trust ${name} --required`);
  if (common.json || !isTerminal()) {
    if (common.json) return printJson(detail);
    printAsked(detail.asked.filter(({ missing }) => missing.length > 0));
    return print(`Nothing was granted. Allow what it requires: ${line}`);
  }
  printAsked(detail.asked.filter(({ missing }) => missing.length > 0));
  if (!(await agrees(`Grant ${name} what it requires (${wanted.map(({ scope }) => scope).join(", ")})?`)))
    return print(`Nothing was granted. Later: ${line}`);
  await grant(common, call, detail, wanted, options, lasts);
}

async function grant(
  common: Common,
  call: Call,
  { plugin }: PluginDetail,
  wanted: readonly Wanted[],
  options: OfPlugin & { readonly reason?: string },
  lasts: number | null,
): Promise<void> {
  if (wanted.length === 0)
    return common.json ? printJson({ granted: [] }) : print(`${plugin.name} has all that it requires.`);
  const answer = await call("trust_plugin", {
    name: plugin.id,
    ...(options.project === undefined ? {} : { project: options.project }),
    scopes: wanted.map(({ scope, resources }) => ({ scope, resources: [...resources] })),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    expires_at: lasts === null ? null : Date.now() + lasts,
  });
  if (common.json) return printJson(answer);
  for (const one of answer.granted)
    print(
      `${plugin.name} may ${allowsOf(one.scope)}${one.resources.includes("*") ? "" : ` (${plain(one.resources.join(", "))})`} in ${one.project_id}${one.expires_at === null ? "" : ` until ${exact(one.expires_at)} UTC`}.`,
    );
  print(`Undo: ${commandLine(common, `plugin revoke ${plugin.name}`)}`);
}

/** After "may". A program's own permission allows nothing here but that it is started. */
const allowsOf = (scope: string): string =>
  SCOPES[scope]?.allows ?? `be started for what it calls ${plain(scope.replace("program:", ""))}`;

export async function revokePlugin(
  common: Common,
  name: string,
  options: OfPlugin & { readonly scope?: readonly string[] },
): Promise<void> {
  const answer = await connect(common)("revoke_plugin", {
    name,
    ...ofPlugin(options),
    scopes: options.scope === undefined ? null : [...options.scope],
  });
  if (common.json) return printJson(answer);
  print(
    answer.revoked.length === 0
      ? `${plain(name)} had nothing of that.`
      : `${plain(name)} may no longer use ${answer.revoked.join(", ")}; its next call of it is refused.`,
  );
}

export async function switchPlugin(
  common: Common,
  name: string,
  on: boolean,
  options: OfPlugin & { readonly reason?: string },
): Promise<void> {
  const { reason } = options;
  const { plugin } = await connect(common)("switch_plugin", {
    name,
    on,
    ...ofPlugin(options),
    ...(reason === undefined ? {} : { reason }),
  });
  if (common.json) return printJson(plugin);
  const undo = commandLine(common, `plugin ${on ? "disable" : "enable"} ${plugin.name}`);
  print(
    `${plugin.name} is ${on ? `enabled, and may do what it is trusted with` : "disabled: whatever it is trusted with, its next call is refused"}. Undo: ${undo}`,
  );
}
