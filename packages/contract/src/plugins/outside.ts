import type { PluginManifest } from "./manifest.ts";
import { addressOf, requestsOf } from "./requests.ts";
import { covers } from "./resources.ts";

type Kind = PluginManifest["kind"];
export type OutsideKind = Extract<Kind, "http" | "github-workflow">;

/** Whose code runs on machines of others, so that no sandbox holds it and no digest is of it. */
export const isOutside = (kind: Kind): kind is OutsideKind => kind === "http" || kind === "github-workflow";

/** The call by which each command of it begins, which is what its broker is asked for; null: it runs here. */
export function startOf(
  manifest: Pick<PluginManifest, "kind" | "url" | "workflow">,
): { readonly scope: string; readonly resource: string } | null {
  const { kind, url, workflow } = manifest;
  if (kind === "http" && url !== undefined)
    return { scope: "net:write", resource: addressOf({ method: "POST", ...placeOf(url) }) };
  if (kind === "github-workflow" && workflow !== undefined)
    return { scope: "github:workflow:dispatch", resource: workflow.repository };
  return null;
}

/** Where it runs and what its digest stands for; null: it runs here, and its digest is that of its code. */
export function outsideOf(manifest: PluginManifest): { readonly at: string; readonly pinned: string[] } | null {
  const { kind, url, workflow } = manifest;
  if (kind === "http" && url !== undefined) return { at: url, pinned: ["its manifest", "its address"] };
  if (kind !== "github-workflow" || workflow === undefined) return null;
  const { repository, file, ref, commit } = workflow;
  return {
    at: `${repository}:${file}@${ref}`,
    pinned: ["its manifest", ...(commit === undefined ? [] : [`the workflow's commit ${commit.slice(0, 12)}`])],
  };
}

/** What such a plugin must ask for, and what it has no use for. */
export function misplacedOutside(
  manifest: PluginManifest,
): { readonly path: (string | number)[]; readonly expected: string }[] {
  const start = startOf(manifest);
  if (start === null) return [];
  const { scope, resource } = start;
  const asks = requestsOf(manifest).some((one) => one.scope === scope && covers(scope, one.resources, resource));
  const where =
    manifest.kind === "http"
      ? { path: ["network"], expected: `an entry that covers ${resource}: each command is a request to it` }
      : {
          path: ["permissions", "required"],
          expected: `${scope} of ${resource}: each command is a run of its workflow`,
        };
  return [
    ...(asks ? [] : [where]),
    ...(["commands", "listens"] as const).flatMap((list) =>
      manifest[list].flatMap((one, at) =>
        one.uses.includes(scope)
          ? []
          : [{ path: [list, at, "uses"], expected: `${scope} among them: it is started by that` }],
      ),
    ),
    ...manifest.hooks.map((_hook, at) => ({
      path: ["hooks", at],
      expected: `nothing: the kind ${manifest.kind} has no hooks`,
    })),
    ...(manifest.kind === "http" ? [] : unasked(manifest, scope)),
  ];
}

/** A workflow has no way to ask its host for something: what it could be granted would be of no use. */
function unasked(manifest: PluginManifest, start: string): { readonly path: (string | number)[]; expected: string }[] {
  const expected = "nothing: a workflow has no way to ask its host for something";
  const { required, optional } = manifest.permissions;
  const of = (list: string, scopes: readonly { readonly scope: string }[]) =>
    scopes.flatMap(({ scope }, at) => (scope === start ? [] : [{ path: ["permissions", list, at], expected }]));
  return [
    ...(["capabilities", "network", "filesystem", "process"] as const).flatMap((key) =>
      manifest[key].map((_one, at) => ({ path: [key, at], expected })),
    ),
    ...of("required", required),
    ...of("optional", optional),
  ];
}

export function placeOf(text: string): { readonly host: string; readonly port: number; readonly path: string } {
  const url = new URL(text);
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { host: url.hostname, port, path: url.pathname };
}
