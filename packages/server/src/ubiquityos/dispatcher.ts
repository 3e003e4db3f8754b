import { createHash, type KeyObject } from "node:crypto";
import { SYSTEM, type Barred, type BrokerVerdict, type Kernel, type Log, type Once } from "@prunella/kernel";
import type { UbiquityosConfig } from "@prunella/contract";
import { originOf } from "@prunella/contract/plugins";
import type { Github, RepoName } from "@prunella/forge";
import { scrubJson, scrubText } from "@prunella/scrub";
import {
  attest,
  CHECK_MARKER,
  COMMENT_WINDOW_MS,
  commentKeyOf,
  covers,
  createLogTrails,
  errorComment,
  failLater,
  handleDelivery,
  readAttestation,
  readIdentifier,
  resolveConfig,
  thrown,
  type Admission,
  type Delivery,
  type HandleDeps,
  type Outcome,
  type PluginError,
  type ReadyPlugin,
  type LocalOutcome,
} from "@prunella/ubiquityos";
import { createRuns, type Run } from "../forge/runs.ts";
import { runIdOf } from "../forge/start-workflow.ts";
import type { PluginEvent } from "../plugins/deliver.ts";
import { PLUGIN_ERROR } from "../plugins/events.ts";
import type { InvokePlugin } from "../plugins/host.ts";
import { checkPush } from "./config-check.ts";
import { createCommenting, type Occasion } from "./commenting.ts";
import { callOf, derive, nameOf, TOKEN_PERMISSIONS } from "./derive.ts";
import type { Told } from "./deliver.ts";
import { createHands, type Hands } from "./hands.ts";
import { createManifests } from "./manifests.ts";
import { environmentOf, toEvent } from "./plugin-event.ts";

export interface DispatcherDeps {
  readonly kernel: Kernel;
  readonly forge: Github;
  readonly config: UbiquityosConfig;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly log: Log;
  readonly invokePlugin: InvokePlugin;
  /** Tells the plugins of this server. */
  readonly tell: (event: PluginEvent) => void;
  readonly now: () => number;
  readonly newId: () => string;
  /** Where this server is, which plugins come back to. */
  readonly url: () => string;
  /** Where the pages of the host are. */
  readonly pages: string;
  readonly hands?: Hands;
}

export interface Refreshed {
  readonly authToken: string;
  readonly ubiquityKernelToken: string;
  readonly expiresAt: string;
}

interface Held {
  readonly plugin: string;
  readonly repo: string;
  readonly ask: (method: string, scope: string, resource: string) => Promise<BrokerVerdict>;
}

interface DispatchRun extends Run {
  readonly plugin: ReadyPlugin;
  readonly of: Delivery;
}

const TOKEN = "github:token:receive";
export const RETURN = "repository_dispatch.return-data-to-ubiquity-os-kernel";
/** Longer than anything is delivered again (see hearing.ts). */
const ONCE_MS = 7 * 86_400_000;
const ASKING_MS = 30_000;
const TOLD = "it was told of this before";
/** A worker answers while a person waits; a workflow only has to start. */
const SENDING_MS = 150_000;

/** This server as the kernel of UbiquityOS plugins: what the dialect decides, carried out behind the gate. */
export function createDispatcher(deps: DispatcherDeps) {
  const { kernel, forge, config, now } = deps;
  const { project } = config;
  const environment = environmentOf(config.environment);
  const clean = (text: string) => scrubText(text).text.value;
  /** What a permit's holder says at the end, by state. */
  const settling = new Map<string, ((succeeded: boolean) => Promise<void>)[]>();
  /** Plugins whose workflow is being started, by state. */
  const starting = new Map<string, { readonly plugin: ReadyPlugin; readonly commit: string }>();
  /** What those that still work may ask for again, by state. */
  const tokens = new Map<string, Held>();
  const hands = deps.hands ?? createHands(forge);
  const trails = createLogTrails({ now }, clean);
  const readManifestOf = createManifests({ kernel, forge, config, hands, trails, now });

  const handling: HandleDeps = {
    clock: { now },
    environment,
    kernel: { repo: config.kernel_repo, commit: null },
    privateKey: deps.privateKey,
    allow: config.allow_workflow_events,
    trails,
    clean,
    hands,
    config: ({ owner, repo }) => {
      const name = repo?.split("/")[1] ?? ".ubiquity-os";
      return resolveConfig({ owner: owner ?? "", repo: name, environment: config.environment }, async (file) => {
        const asked = await forge.file(file, file.path, null, AbortSignal.timeout(ASKING_MS));
        if (asked.ok) return asked.value;
        // A repository that the credentials do not reach has no configuration for us.
        if (asked.refusal.reason === "not_found") return null;
        throw new Error(`${file.owner}/${file.repo}: ${asked.refusal.message}`);
      });
    },
    manifest: readManifestOf,
    local,
    admit,
    isFirst: (key, windowMs) => kernel.plugins.deliveries.isFirst(project, key, windowMs),
    noted,
    comment: (of, text) => commentOnIssue("issue_comment.created", of, text, onceOf(of, "/help")),
  };

  const runs = createRuns<DispatchRun>({
    forge,
    now,
    onDone: (run) => finish(run.stateId, { kind: "completed" }),
    onFailed: (run, failure) => failLater({ plugin: run.plugin, stateId: run.stateId, failure }, run.of, handling),
  });

  const comment = createCommenting({ kernel, project, log: deps.log });

  async function commentOnIssue(
    occasion: Occasion,
    { repo, issueOrPr }: Delivery,
    text: string,
    once: readonly Once[] = [],
  ): Promise<void> {
    if (repo === null || issueOrPr === null) return;
    await comment({ occasion, repo, text, once }, (signal) => forge.addComment(repoOf(repo), issueOrPr, text, signal));
  }

  async function checkConfig(of: Delivery): Promise<void> {
    const checked = await checkPush(of, {
      forge,
      environment: config.environment,
      pages: deps.pages,
      manifest: readManifestOf,
    });
    const { repo } = of;
    if (checked?.text == null || repo === null) return;
    const { sha, text } = checked;
    await comment({ occasion: "push", repo, text }, (signal) =>
      forge.commentOnCommit(repoOf(repo), { sha, marker: CHECK_MARKER, body: text }, signal),
    );
  }

  /** With the metadata that programs look for in it (`<!-- UbiquityOS - …`), for whoever asked. */
  async function commentError(error: PluginError, of: Delivery): Promise<void> {
    const text = errorComment({
      message: error.error.message,
      caller: error.plugin.id,
      version: error.plugin.ref ?? "unknown",
      instigator: of.actor ?? "unknown",
      runUrl: deps.url(),
      metadata: {
        stateId: error.stateId,
        category: error.error.category,
        status: error.error.status,
        retryCount: error.context.retryCount,
      },
    });
    await commentOnIssue("kernel.plugin_error", of, text);
  }

  const wasTold = async (of: Delivery, to: string): Promise<boolean> =>
    kernel.plugins.deliveries.wasSeen(project, onceOf(of, to));

  /** One of ours under the name that configurations give it: it gets the event with the settings that stand there. */
  async function local({ id, settings }: ReadyPlugin, of: Delivery): Promise<LocalOutcome | null> {
    const name = config.aliases[id];
    if (name === undefined) return null;
    if (await wasTold(of, id)) return { kind: "refused", refusal: TOLD };
    const plugin = await kernel.plugins.find(name);
    const result = await deps.invokePlugin({
      projectId: project,
      plugin,
      command: `event:${of.event}`,
      args: { events: [{ event: scrubJson(of.payload).value.value, settings: settings.with }] },
      by: SYSTEM,
      via: "event",
      isConfirmed: false,
      bindings: of.repo === null ? {} : { "event.repo": of.repo },
      once: onceOf(of, id),
    });
    const stateId = result.invocation ?? of.id;
    const detail = result.detail ?? "It gave no reason.";
    if (result.status === "success") return { kind: "sent", stateId, output: result.output };
    if (result.status === "failed") return { kind: "failed", stateId, message: detail };
    return { kind: "refused", refusal: result.mend === null ? detail : `${detail} Allow it: ${result.mend}` };
  }

  /** Installed, which grants nothing; then held to what was granted, call by call, each with its ledger entry. */
  async function admit(ready: ReadyPlugin, of: Delivery): Promise<Admission> {
    const { plugin, manifest } = ready;
    if (await wasTold(of, ready.id)) return { ok: false, refusal: TOLD };
    const signal = AbortSignal.timeout(ASKING_MS);
    const commit = plugin.type === "http" ? null : await commitOf(plugin, plugin.ref, signal);
    const derived = derive({ plugin, manifest, commit, pages: deps.pages });
    const installed = await install(derived);
    const listener = derived.manifest.listens.find(({ event }) => covers(event, of.event));
    if (listener === undefined) return { ok: false, refusal: "it does not listen to this" };
    const repo = of.repo ?? "";
    const admission = await kernel.plugins.invocations.admit({
      projectId: project,
      plugin: installed,
      command: `event:${listener.event}`,
      via: "event",
      by: SYSTEM,
      isConfirmed: false,
      bindings: { "event.repo": repo },
      once: onceOf(of, ready.id),
      // It may come back for a new token as long as it is waited for.
      timeoutMs: SENDING_MS + config.answer_within,
    });
    if (admission.kind !== "admitted") {
      const detail =
        admission.kind === "blocked"
          ? `${admission.detail}${admission.mend === null ? "" : ` Allow it: ${admission.mend}`}`
          : "It asks for a confirmation.";
      return { ok: false, refusal: detail };
    }
    const stateId = admission.invocationId;
    const call = callOf(plugin);
    const ask = (method: string, scope: string, resource: string) =>
      kernel.plugins.authorize({
        invocation: stateId,
        projectId: project,
        plugin: installed.name,
        digest: installed.digest,
        method,
        access: scope === TOKEN ? "read" : "write",
        scope,
        resource,
        argumentsDigest: createHash("sha256").update(`${of.id} ${stateId}`).digest("hex"),
      });
    const verdicts: BrokerVerdict[] = [];
    const prepare = async (): Promise<Admission> => {
      for (const [method, scope, resource] of [
        ["token.receive", TOKEN, repo],
        ["dispatch", call.scope, call.resource],
      ] as const) {
        const verdict = await ask(method, scope, resource);
        verdicts.push(verdict);
        if (verdict.kind !== "allowed") return block(stateId, verdict, verdicts);
      }
      const token = await forge.narrowToken(repoOf(repo), await permissionsOf(installed.plugin_id), signal);
      if (!token.ok)
        return block(
          stateId,
          { kind: "denied", refusal: "not_granted", detail: token.refusal.message, mend: null },
          verdicts,
        );
      const bar = await kernel.plugins.invocations.begin(stateId, null);
      if (bar !== null) return block(stateId, { kind: "denied", ...bar }, verdicts);
      settling.set(stateId, donesOf(verdicts));
      if (commit !== null) starting.set(stateId, { plugin: ready, commit });
      const ref = plugin.type === "http" ? plugin.url : (plugin.ref ?? commit ?? "");
      tokens.set(stateId, { plugin: installed.plugin_id, repo, ask });
      const { token: authToken, installationId } = token.value;
      const kernelToken = prove({ ...repoOf(repo), stateId, authToken, installationId });
      return { ok: true, admitted: { stateId, authToken, kernelToken, ref, signal: AbortSignal.timeout(SENDING_MS) } };
    };
    try {
      return await prepare();
    } catch (error) {
      // What was admitted ends as what it is, whatever breaks: nobody may find it under way for ever.
      settling.set(stateId, donesOf(verdicts));
      return { ok: false, stateId, failure: thrown(error, "dispatch") };
    }
  }

  const prove = (of: RepoName & { stateId: string; authToken: string; installationId: number | null }) =>
    attest({ issuer: "prunella", audience: deps.url(), ...of, id: deps.newId() }, now(), deps.privateKey);

  async function block(
    stateId: string,
    verdict: Exclude<BrokerVerdict, { kind: "allowed" }> | ({ readonly kind: "denied" } & Barred),
    verdicts: readonly BrokerVerdict[],
  ): Promise<Admission> {
    for (const done of donesOf(verdicts)) await done(false);
    const refusal =
      "refusal" in verdict && verdict.refusal !== "not_declared" && verdict.refusal !== "not_used"
        ? verdict.refusal
        : null;
    await kernel.plugins.invocations.end(stateId, { kind: "blocked", refusal, detail: verdict.detail });
    return {
      ok: false,
      refusal:
        "mend" in verdict && verdict.mend !== null ? `${verdict.detail} Allow it: ${verdict.mend}` : verdict.detail,
    };
  }

  async function install({ artifact, manifest }: ReturnType<typeof derive>) {
    // By its origin too: names are made from ids, and two ids may make one.
    const origin = originOf(artifact.source);
    const found = await kernel.plugins.find(artifact.plugin, origin).catch(() => null);
    if (found?.digest === artifact.digest) return found;
    await kernel.plugins.install({ artifact, manifest, signature: null, bundler: "none", bytes: 0 }, project, SYSTEM);
    return kernel.plugins.find(artifact.plugin, origin);
  }

  async function commitOf(repo: RepoName, ref: string | null, signal: AbortSignal): Promise<string> {
    const asked = await forge.commitOf(repo, ref ?? "HEAD", signal);
    if (!asked.ok) throw new Error(`${repo.owner}/${repo.repo}: ${asked.refusal.message}`);
    return asked.value;
  }

  /** What the token may do: what somebody granted of what it could hold, and to know that the repository is there. */
  async function permissionsOf(id: string): Promise<Record<string, "read" | "write">> {
    const { asked } = await kernel.plugins.read(project, id);
    const permissions: Record<string, "read" | "write"> = { metadata: "read" };
    for (const { scope, granted } of asked) {
      const permission = granted === null ? undefined : TOKEN_PERMISSIONS[scope];
      if (permission === undefined) continue;
      const [key, access] = permission;
      if (permissions[key] !== "write") permissions[key] = access;
    }
    return permissions;
  }

  const idOf = async (name: string): Promise<string | null> =>
    (await kernel.plugins.find(name).catch(() => null))?.plugin_id ?? null;

  async function noted(outcome: Outcome, of: Delivery): Promise<void> {
    if (outcome.kind === "refused") return deps.log.info(`${outcome.plugin}: ${outcome.refusal}`);
    if (outcome.kind === "failed") {
      const { error } = outcome;
      const read = readIdentifier(error.plugin.id);
      const target = `plugin:${read.ok ? nameOf(read.plugin) : "kernel"}`;
      if (error.plugin.type !== "kernel")
        await finish(error.stateId, {
          kind: "failed",
          reason: error.error.category === "timeout" ? "timeout" : "failed",
          detail: error.error.message,
        });
      if (of.event === PLUGIN_ERROR) return;
      const causedBy = read.ok ? await idOf(nameOf(read.plugin)) : null;
      const others = await Promise.all(Object.values(config.aliases).map(idOf));
      const notTo = others.filter((id) => id !== null);
      deps.tell({
        projectId: project,
        type: PLUGIN_ERROR,
        fields: { ...error, repo: error.trigger.repo },
        causedBy,
        notTo,
      });
      // What a bot did is not answered: a plugin that hears of bots would fail at our own comment again.
      if (config.comment_on_error && !of.isByBot) await commentError(error, of);
      return kernel.report(project, [toEvent(deps.newId().replaceAll("-", ""), error, target)]);
    }
    const { stateId } = outcome;
    const started = starting.get(stateId);
    starting.delete(stateId);
    const read = readIdentifier(outcome.plugin);
    if (started === undefined || !read.ok || read.plugin.type !== "workflow")
      return finish(stateId, { kind: "completed" });
    for (const settle of settling.get(stateId) ?? []) await settle(true);
    settling.delete(stateId);
    await kernel.plugins.invocations.progress(
      stateId,
      outcome.runUrl === null ? "Its workflow was started." : `Runs: ${outcome.runUrl}`,
    );
    const { owner, repo } = read.plugin;
    const runId = runIdOf(outcome.runUrl);
    runs.watch({
      stateId,
      ...started,
      of,
      owner,
      repo,
      runId,
      url: outcome.runUrl,
      deadline: now() + config.answer_within,
    });
  }

  async function finish(stateId: string, how: Parameters<Kernel["plugins"]["invocations"]["end"]>[1]): Promise<void> {
    for (const settle of settling.get(stateId) ?? []) await settle(how.kind === "completed");
    settling.delete(stateId);
    starting.delete(stateId);
    tokens.delete(stateId);
    await kernel.plugins.invocations.end(stateId, how);
  }

  return {
    /** All that one delivery leads to; resolves when it was handed to everybody. */
    async deliver({ delivery, clientPayload }: Told, isAgain: boolean): Promise<Outcome[]> {
      if (delivery.event === RETURN) {
        const stateId = stateIdOf(clientPayload);
        const isTaken = stateId !== null && (await runs.answer(stateId, delivery.repo));
        if (!isTaken) deps.log.info(`${delivery.repo ?? "somebody"} answered a dispatch that nobody waits for`);
        return [];
      }
      await checkConfig(delivery).catch((error: unknown) =>
        deps.log.warn(
          `a configuration could not be checked: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
      return handleDelivery(delivery, handling, isAgain);
    },
    /** A new token for a plugin that still works on what it was given, for the proof that came with the last one. */
    async refresh(proof: string, authToken: string): Promise<Refreshed | null> {
      const read = readAttestation(proof, { audience: deps.url(), authToken }, now(), deps.publicKey);
      if (!read.ok) return null;
      const { state_id: stateId, owner, repo } = read.claims;
      const held = tokens.get(stateId);
      if (held === undefined || held.repo !== `${owner}/${repo}`) return null;
      const verdict = await held.ask("token.receive", TOKEN, held.repo);
      if (verdict.kind !== "allowed") return null;
      const token = await forge.narrowToken(
        { owner, repo },
        await permissionsOf(held.plugin),
        AbortSignal.timeout(ASKING_MS),
      );
      if ("done" in verdict) await verdict.done(token.ok);
      if (!token.ok) return null;
      const { token: next, expiresAt, installationId } = token.value;
      return {
        authToken: next,
        ubiquityKernelToken: prove({ owner, repo, stateId, authToken: next, installationId }),
        expiresAt: new Date(expiresAt).toISOString(),
      };
    },
    close: runs.close,
  };
}

/** Whoever was told of a delivery is not told again, whichever server goes on with it; of a comment by what it is too. */
function onceOf(of: Delivery, to: string): Once[] {
  // Each failure is told by whoever saw it, and several may come of one delivery.
  if (of.event === PLUGIN_ERROR) return [];
  const delivery = { key: `${of.event} of ${of.id} to ${to}`, windowMs: ONCE_MS };
  const comment = commentKeyOf(of);
  return comment === null ? [delivery] : [delivery, { key: `${comment} to ${to}`, windowMs: COMMENT_WINDOW_MS }];
}

const donesOf = (verdicts: readonly BrokerVerdict[]) =>
  verdicts.flatMap((verdict) => ("done" in verdict ? [verdict.done] : []));

const repoOf = (name: string): RepoName => {
  const [owner = "", repo = ""] = name.split("/");
  return { owner, repo };
};

function stateIdOf(payload: unknown): string | null {
  if (typeof payload !== "object" || payload === null || !("state_id" in payload)) return null;
  return typeof payload.state_id === "string" ? payload.state_id : null;
}
