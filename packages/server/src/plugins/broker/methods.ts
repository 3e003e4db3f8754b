import { createHash } from "node:crypto";
import { resolve } from "node:path";
import {
  BROKER_ERRORS,
  BROKER_PARAMS as P,
  type BrokerMethodName,
  type BrokerParams,
} from "@prunella/contract/plugins";
import type { Kernel } from "@prunella/kernel";
import type { Scrubbed } from "@prunella/scrub";
import { send } from "../../platform/outbound.ts";
import { listBelow, readBelow, RootedFileError, writeBelow } from "../../platform/rooted-files.ts";
import { LaunchError } from "../../platform/sandbox/engine.ts";
import { fillTemplate, runTemplate } from "../../platform/sandbox/template.ts";
import { createBound } from "./at-most.ts";
import { unknownSubject, type Method, type MethodContext, type Root } from "./broker.ts";
import { RpcError } from "./rpc.ts";
import { typed } from "./typed.ts";

/** An answer of the network, before base64. */
const MAX_ANSWER_BYTES = 2_000_000;
const FETCH_MS = 20_000;
const MAX_KEYS = 1_000;
const KB = 1_024;
/** Each takes memory and processor time of the host, outside the plugin's own limits. */
const MOST_PROGRAMS = { ofOne: 4, ofAll: 16, what: "programs" };

/** The host's to say, or about the line and not the message. */
const NOT_SENT =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|keep-alive|te|trailer|expect|proxy-.*|sec-.*)$/i;

export interface MethodDeps {
  readonly kernel: Pick<Kernel, "plugins" | "faults" | "supervised" | "ledger">;
  readonly scrubJson: (value: unknown) => { readonly value: Scrubbed<unknown> };
  /** By name, where the configuration puts them; looked at anew with each call. */
  readonly roots: () => Readonly<Record<string, string>>;
  /** What those are relative to. */
  readonly base: string;
}

/** What the broker carries out itself. Forges add theirs. */
export function createMethods(deps: MethodDeps): Map<string, Method> {
  const { kernel } = deps;
  const within = createBound(MOST_PROGRAMS);
  const of = (name: BrokerMethodName, method: Method): [string, Method] => [name, method];
  return new Map<string, Method>([
    ...stateMethods(deps),
    ...fileMethods(deps),
    typed("net.fetch", P["net.fetch"], fetchFor),
    typed("process.exec", P["process.exec"], (params, context) =>
      within(context.session.plugin.id, () => execute(deps, params, context)),
    ),
    typed("runtime.execute", P["runtime.execute"], async (params, context) => {
      const declared = context.session.manifest.process.some(
        ({ template }) => template.join(" ") === params.template.join(" "),
      );
      if (!declared)
        throw new RpcError(BROKER_ERRORS.denied, "the manifest declares no such template", {
          reason: "not_declared",
          mend: null,
        });
      return within(context.session.plugin.id, () => execute(deps, params, context));
    }),
    typed("mcp.attach", P["mcp.attach"], async (params, context) => {
      const { attach } = context.session;
      if (attach === undefined) throw unknownSubject("capability:mcp:attach");
      return attach(params.tool, params.arguments ?? {}, await grantedRoots(deps, context));
    }),
    of("runtime.read", async (_params, { session }) => ({
      programs: (await kernel.supervised.list())
        .filter((row) => row.project_id === session.projectId)
        .map(({ name, state }) => ({ name, state })),
    })),
    of("provenance.read", async (_params, { session: { plugin, digest, manifest, invocation } }) => ({
      plugin: plugin.name,
      version: manifest.version,
      digest,
      invocation,
    })),
    of("progress.read", async (_params, { session }) => ({
      invocations: (await kernel.plugins.history(session.projectId, session.plugin.id, 20)).map(
        ({ id, command, state, progress }) => ({ id, command, state, progress }),
      ),
    })),
    typed("progress.write", P["progress.write"], async ({ text, done, total }, { session }) => {
      await kernel.plugins.invocations.progress(session.invocation, progressLine({ text, done, total }));
      return {};
    }),
    typed("ledger.read", P["ledger.read"], (params, { session }) => ownEntries(kernel, session.projectId, params)),
    typed("ledger.append", P["ledger.append"], async ({ sha256 }, { session }) => ({
      index: await noted(kernel, session.invocation, { what: "digest", sha256 }),
    })),
    typed("provenance.write", P["provenance.write"], async ({ of: about, from }, { session }) => {
      const sha256 = createHash("sha256")
        .update(JSON.stringify({ of: about, from }))
        .digest("hex");
      return { sha256, index: await noted(kernel, session.invocation, { what: "provenance", sha256 }) };
    }),
    typed("faults.list", P["faults.list"], async ({ limit }, { session }) => {
      const { faults } = await kernel.faults.list(
        { project: session.projectId, status: "active", limit },
        [session.projectId],
        null,
      );
      return {
        faults: faults.map(({ id, title, status, count, last_seen }) => ({ id, title, status, count, last_seen })),
      };
    }),
    typed("faults.note", P["faults.note"], async ({ fault, note }, { session }) => {
      const id = await kernel.faults.resolveId(fault);
      if ((await kernel.faults.projectOf(id)) !== session.projectId)
        throw new RpcError(BROKER_ERRORS.denied, "that fault is of another project", {
          reason: "not_granted",
          mend: null,
        });
      await kernel.faults.triage(
        id,
        { action: "note", text: note },
        { kind: "grant", id: `plugin-${session.plugin.id}` },
      );
      return {};
    }),
  ]);
}

async function noted(
  { plugins }: Pick<Kernel, "plugins">,
  invocation: string,
  given: { readonly what: "digest" | "provenance"; readonly sha256: string },
): Promise<number> {
  const index = await plugins.invocations.note(invocation, given);
  if (index === null) throw new RpcError(BROKER_ERRORS.expired, "the invocation has ended");
  return index;
}

/** Pages of the ledger that one call looks through for entries of its project. */
const MAX_PAGES = 10;
const PAGE = 200;

/** The newest of a project, oldest first. `before`: where the next call goes on; null: there is nothing older. */
async function ownEntries(
  { ledger }: Pick<Kernel, "ledger">,
  projectId: string,
  { limit, before }: BrokerParams<"ledger.read">,
): Promise<{ entries: { index: number; entry: unknown }[]; before: number | null }> {
  let entries: { index: number; entry: unknown }[] = [];
  let next = before;
  for (let page = 0; page < MAX_PAGES && entries.length < limit; page += 1) {
    const found = await ledger.find({ limit: PAGE, before: next });
    const own = found.map(({ index, entry }): { index: number; entry: unknown } => ({
      index,
      entry: JSON.parse(entry),
    }));
    entries = [...own.filter(({ entry }) => isOf(entry, projectId)), ...entries];
    next = found[0]?.index;
    if (found.length < PAGE) next = undefined;
    if (next === undefined) break;
  }
  const kept = entries.slice(-limit);
  return { entries: kept, before: (kept.length < entries.length ? kept[0]?.index : next) ?? null };
}

const isOf = (entry: unknown, projectId: string): boolean =>
  typeof entry === "object" && entry !== null && "project" in entry && entry.project === projectId;

export const progressLine = ({
  text,
  done,
  total,
}: {
  text?: string | undefined;
  done?: number | undefined;
  total?: number | undefined;
}): string =>
  [done === undefined ? null : total === undefined ? String(done) : `${done} of ${total}`, text]
    .filter((part) => part != null)
    .join(": ");

function stateMethods({ kernel, scrubJson }: MethodDeps): [string, Method][] {
  const { state, quota } = kernel.plugins;
  const ofSession = async ({ session }: MethodContext) => ({
    projectId: session.projectId,
    pluginId: session.plugin.id,
    quota: await quota(session.plugin.id, session.digest),
  });
  return [
    typed("state.get", P["state.get"], async ({ key }, context) => {
      const text = await state.get(await ofSession(context), key);
      const value: unknown = text === null ? null : JSON.parse(text);
      return { value };
    }),
    typed("state.list", P["state.list"], async ({ prefix }, context) => ({
      keys: await state.list(await ofSession(context), prefix, MAX_KEYS),
    })),
    typed("state.put", P["state.put"], async ({ key, value }, context) => {
      // Nothing unscrubbed is written, by whomever.
      await state.put(await ofSession(context), key, JSON.stringify(scrubJson(value).value.value));
      return {};
    }),
    typed("state.delete", P["state.delete"], async ({ key }, context) => ({
      deleted: await state.delete(await ofSession(context), key),
    })),
  ];
}

function fileMethods({ roots, base }: MethodDeps): [string, Method][] {
  return [
    typed("fs.read", P["fs.read"], async ({ root, path }) => ({
      body: (await files(() => readBelow(rootAt(roots(), base, root), path))).toString("base64"),
    })),
    typed("fs.list", P["fs.list"], async ({ root, path }) => ({
      entries: await files(() => listBelow(rootAt(roots(), base, root), path)),
    })),
    typed("fs.write", P["fs.write"], async ({ root, path, body }) => {
      await files(() => writeBelow(rootAt(roots(), base, root), path, Buffer.from(body, "base64")));
      return {};
    }),
  ];
}

function rootAt(roots: Readonly<Record<string, string>>, base: string, name: string): string {
  const path = Object.hasOwn(roots, name) ? roots[name] : undefined;
  if (path === undefined)
    throw new RpcError(BROKER_ERRORS.denied, `the configuration has no root ${name}`, {
      reason: "target_not_found",
      mend: `Put plugins.roots.${name} into the configuration.`,
    });
  return resolve(base, path);
}

async function files<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RootedFileError) throw new RpcError(BROKER_ERRORS.failed, error.message);
    throw error;
  }
}

async function fetchFor(params: BrokerParams<"net.fetch">, { session }: MethodContext): Promise<unknown> {
  const url = new URL(params.url);
  if (url.username !== "" || url.password !== "")
    throw new RpcError(BROKER_ERRORS.invalid, "params.url: no name and password in an address");
  const body = Buffer.from(params.body, "base64");
  if (body.byteLength > session.egressLeft)
    throw new RpcError(BROKER_ERRORS.budget, `an invocation sends at most ${session.manifest.limits.egressKb} KB`);
  session.egressLeft -= body.byteLength + Math.min(KB, url.href.length);
  const headers = Object.fromEntries(Object.entries(params.headers).filter(([name]) => !NOT_SENT.test(name)));
  try {
    const answer = await send(url.href, {
      method: params.method,
      headers: { "user-agent": `prunella-plugin/${session.plugin.name}`, ...headers },
      body,
      signal: AbortSignal.any([session.signal, AbortSignal.timeout(FETCH_MS)]),
      maxBytes: MAX_ANSWER_BYTES,
      reach: "outward",
    });
    return { status: answer.status, headers: answer.headers, body: answer.body.toString("base64") };
  } catch (error) {
    session.signal.throwIfAborted();
    throw new RpcError(
      BROKER_ERRORS.failed,
      `${url.host}: ${error instanceof Error ? error.message : "it was not reached"}`,
    );
  }
}

/** Folders that the manifest asks for and that somebody granted: the others are not there. */
async function grantedRoots({ roots, base }: MethodDeps, context: MethodContext): Promise<Root[]> {
  const granted: Root[] = [];
  for (const { root, access } of context.session.manifest.filesystem) {
    const isGranted = await context.authorizeToo(`fs:${access}`, root).then(
      () => true,
      () => false,
    );
    if (isGranted) granted.push({ path: rootAt(roots(), base, root), name: root, access });
  }
  return granted;
}

async function execute(
  deps: MethodDeps,
  params: BrokerParams<"process.exec">,
  context: MethodContext,
): Promise<unknown> {
  const filled = fillTemplate(params.template, params.args);
  if (typeof filled === "string") throw new RpcError(BROKER_ERRORS.invalid, filled);
  const granted = await grantedRoots(deps, context);
  try {
    return await runTemplate({ argv: filled, roots: granted }, context.session.signal);
  } catch (error) {
    if (error instanceof LaunchError) throw new RpcError(BROKER_ERRORS.failed, error.message);
    throw error;
  }
}
