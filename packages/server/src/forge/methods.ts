import { BROKER_ERRORS, FORGE_PARAMS as P, type ForgeMethodName } from "@prunella/contract/plugins";
import type { Asked, Forge } from "@prunella/forge";
import type { Draft, Held, Kernel } from "@prunella/kernel";
import { scrubText, type Scrubber } from "@prunella/scrub";
import type { z } from "zod";
import type { Method, MethodContext } from "../plugins/broker/broker.ts";
import { RpcError } from "../plugins/broker/rpc.ts";
import { typed } from "../plugins/broker/typed.ts";
import { fileHeld, isForNow } from "./file-held.ts";
import { pullMethods } from "./pull-methods.ts";
import { tellHeld } from "./tell-held.ts";
import { nameOf, signalOf, told } from "./told.ts";

export interface ForgeMethodDeps {
  readonly forge: Forge;
  readonly filings: Kernel["filings"];
  readonly faults: Pick<Kernel["faults"], "resolveId" | "projectOf">;
  /** null: without rules of this installation's own. */
  readonly scrubber: Scrubber | null;
  /** Files what waits, now or when the host may be asked. */
  readonly wakeBacklog: () => void;
  readonly now: () => number;
}

/**
 * What plugins may ask of the host of repositories. The token stays here; what leaves is scrubbed, and filed once for
 * each name that a plugin gives it: whether it was is written down before anything is sent.
 */
export function createForgeMethods(deps: ForgeMethodDeps): Map<string, Method> {
  const { forge } = deps;
  const methods: [ForgeMethodName, Method][] = [
    typed("repository.read", P["repository.read"], async ({ repo }, context) => ({
      kind: forge.kind,
      default_branch: told(await forge.defaultBranch(nameOf(repo), signalOf(context))),
    })),
    typed("contents.read", P["contents.read"], async ({ repo, path, ref }, context) => ({
      file: told(await forge.file(nameOf(repo), path, ref, signalOf(context))),
    })),
    typed("issue.read", P["issue.read"], async ({ repo, number }, context) => ({
      issue: told(await forge.issue(nameOf(repo), number, signalOf(context))),
    })),
    typed("issue.write", P["issue.write"], (params, context) =>
      params.do === "file" ? file(deps, params, context) : edit(deps, params, context),
    ),
    typed("comment.write", P["comment.write"], (params, context) => comment(deps, params, context)),
    ...pullMethods(forge),
  ];
  // `github:` is a forge that is GitHub, and refused where another one stands.
  const kinds = forge.kind === "github" ? ["forge", "github"] : ["forge"];
  return new Map(methods.flatMap(([name, method]) => kinds.map((kind) => [`${kind}.${name}`, method] as const)));
}

type Params<Name extends ForgeMethodName> = z.infer<(typeof P)[Name]>;

type Filed = Extract<Params<"issue.write">, { do: "file" }>;
type Commented = Params<"comment.write">;
type Edited = Extract<Params<"issue.write">, { do: "edit" }>;

async function file(deps: ForgeMethodDeps, given: Filed, context: MethodContext) {
  const faultId = given.fault === null ? null : await ownFault(deps, context.session.projectId, given.fault);
  const draft = { title: safeText(deps, given.title), body: safeText(deps, given.body), labels: given.labels };
  return holding(deps, { ...given, faultId, draft }, context, async (held) => {
    const { number } = held.filing;
    if (number !== null) {
      const seen = await deps.forge.issue(nameOf(given.repo), number, signalOf(context));
      // It is there; how it is now, the host does not say now.
      if (!seen.ok && isForNow(seen.refusal)) return { issue: null, number, is_new: false, ...untilOf(deps, seen) };
      return { issue: told(seen), number, is_new: false };
    }
    const asked = await fileHeld(deps, held, draft, signalOf(context));
    if (asked.ok) return { issue: asked.value.issue, number: asked.value.issue.number, is_new: asked.value.isNew };
    if (!isForNow(asked.refusal)) return told(asked);
    // It stands written, and is filed when the host takes it.
    return { issue: null, number: null, is_new: false, ...untilOf(deps, asked) };
  }).finally(deps.wakeBacklog);
}

/** One comment for each name, written now or as soon as the host takes it, with what was to be said last. */
async function comment(deps: ForgeMethodDeps, { repo, issue, name, body }: Commented, context: MethodContext) {
  const { plugin, projectId } = context.session;
  const marker = `<!-- prunella:${plugin.id}:${slug(name)} -->`;
  const place = { projectId, place: repo.toLowerCase(), issue, marker };
  const held = await deps.filings.comments.hold(place, safeText(deps, body));
  if (held?.kind !== "held") return { id: null, isNew: false, waits_until: null };
  const asked = await tellHeld(deps, place, held, signalOf(context)).finally(deps.wakeBacklog);
  if (asked.ok) return asked.value;
  return isForNow(asked.refusal) ? { id: null, isNew: false, ...untilOf(deps, asked) } : told(asked);
}

const untilOf = ({ now }: ForgeMethodDeps, { refusal: { retryAfterMs } }: Extract<Asked<unknown>, { ok: false }>) => ({
  waits_until: retryAfterMs === null ? null : now() + retryAfterMs,
});

async function edit(deps: ForgeMethodDeps, given: Edited, context: MethodContext) {
  return holding(deps, { ...given, faultId: null }, context, async ({ filing, marker }) => {
    if (filing.number === null) throw new RpcError(BROKER_ERRORS.failed, `nothing was filed as ${given.name}`);
    const { title, body, state } = given;
    const change = {
      ...(title === undefined ? {} : { title: safeText(deps, title) }),
      // By it we know what is ours: no change of the text may lose it.
      ...(body === undefined ? {} : { body: `${marker}\n${safeText(deps, body)}` }),
      ...(state === undefined ? {} : { state }),
    };
    return { issue: told(await deps.forge.editIssue(nameOf(given.repo), filing.number, change, signalOf(context))) };
  });
}

/** One worker at a time for one name; what happens to it meanwhile, it is let go in the end. */
async function holding<T>(
  { filings }: ForgeMethodDeps,
  { repo, name, faultId, draft }: { repo: string; name: string; faultId: string | null; draft?: Draft },
  { session }: MethodContext,
  work: (held: Extract<Held, { kind: "held" }>) => Promise<T>,
): Promise<T> {
  const held = await filings.hold({ projectId: session.projectId, place: repo.toLowerCase(), name, faultId, draft });
  if (held.kind === "busy")
    throw new RpcError(BROKER_ERRORS.failed, `${name} is filed by somebody else right now`, {
      reason: "busy",
      mend: null,
    });
  try {
    return await work(held);
  } finally {
    await filings.release({ filingId: held.filing.filing_id, holder: held.holder });
  }
}

/** @throws RpcError for one of another project, or of none */
async function ownFault({ faults }: ForgeMethodDeps, projectId: string, fault: string): Promise<string> {
  const id = await faults.resolveId(fault);
  if ((await faults.projectOf(id)) === projectId) return id;
  throw new RpcError(BROKER_ERRORS.denied, "that fault is of another project", { reason: "not_granted", mend: null });
}

/** Scrubbed, and without any marker: those are ours to write. */
const safeText = ({ scrubber }: ForgeMethodDeps, text: string): string =>
  (scrubber ?? { scrubText }).scrubText(text).text.value.replaceAll(/<!--(\s*prunella:)/gi, "<! --$1");

const slug = (name: string) => name.replaceAll(/[^A-Za-z0-9._:-]/g, "-");
