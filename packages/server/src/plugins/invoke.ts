import { createHash } from "node:crypto";
import { join } from "node:path";
import { PrunellaError, type Refusal } from "@prunella/contract";
import { isOutside, misfits, withDefaults, type PluginCommand } from "@prunella/contract/plugins";
import { z } from "zod";
import { LaunchError } from "../platform/sandbox/engine.ts";
import type { Standing } from "../platform/sandbox/sandbox.ts";
import type { BrokerSession } from "./broker/broker.ts";
import { admissionOf, asksOf, NEVER } from "./admission.ts";
import { previewOf } from "./broker/preview.ts";
import { RpcError } from "./broker/rpc.ts";
import { createHooks } from "./hooks.ts";
import type { Invoke, Invoked, InvokeDeps, Running } from "./invocation.ts";
import { createLogTrail } from "./log-trail.ts";
import { createServerRunner } from "./mcp/run.ts";
import { misfitsOf } from "./output.ts";
import { settingsOf } from "./settings.ts";
import { createTimeLimit } from "./time-limit.ts";
import { createPool, initialize, type Borrowed, type Pool } from "./pool.ts";
import { invokeProgram } from "./program.ts";
import { createProgress } from "./progress.ts";

export interface Invoker {
  invoke(asked: Invoke): Promise<Invoked>;
  /** Processes that run now. */
  size(): number;
  close(): Promise<void>;
}

/** To hear a cancel before it is ended. */
const GRACE_MS = 500;

const Output = z.object({ output: z.unknown() });

/**
 * Runs one command of a plugin, in the order of its audit: may it run, is it the artifact, is it cancelled, did
 * somebody confirm it, do its hooks let it, then it is invoked, runs, and ends.
 */
export function createInvoker(deps: InvokeDeps): Invoker {
  const { kernel, sandbox, scrubText } = deps;
  const pools = new Map<string, Pool>();
  const closing = new AbortController();
  const servers = createServerRunner(deps);
  const poolOf = (standing: Standing & { kind: "ready" }): Pool => {
    const { name } = standing.engine;
    const known =
      pools.get(name) ??
      createPool({ engine: standing.engine, ...(deps.idleMs === undefined ? {} : { idleMs: deps.idleMs }) });
    pools.set(name, known);
    return known;
  };

  async function invoke(asked: Invoke): Promise<Invoked> {
    const plugin = await kernel.plugins.find(asked.plugin, asked.from);
    const known = await kernel.plugins.manifest(plugin.plugin_id, plugin.digest);
    if (known === null)
      throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `${plugin.name} is not installed any more.` });
    const { manifest } = known;
    const command = manifest.commands.find(({ name }) => name === asked.command) ?? null;
    const input = command === null ? asked.args : inputOf(plugin.name, command, asked.args);
    if (manifest.kind === "program" && command !== null) {
      const outer = asked.signal === undefined ? closing.signal : AbortSignal.any([asked.signal, closing.signal]);
      const argv = argvOf(plugin.name, input);
      return invokeProgram(deps, { asked, plugin, manifest, command, argv, outer, closing: closing.signal });
    }
    if (manifest.dialect !== undefined || (isOutside(manifest.kind) && deps.outside === undefined))
      throw new PrunellaError("PRUNELLA_CONFLICT", {
        detail: `${plugin.name} is of the kind ${manifest.kind}${manifest.dialect === undefined ? ", which nothing here can reach" : ", and started by events of its repositories alone"}.`,
      });
    const admission = await admissionOf(kernel, asked.adopted, {
      projectId: asked.projectId,
      plugin,
      command: asked.command,
      via: asked.via,
      by: asked.by,
      isConfirmed: asked.isConfirmed ?? false,
      bindings: asked.bindings ?? {},
      ...(asked.once === undefined ? {} : { once: asked.once }),
      ...(asked.onParked === undefined
        ? {}
        : { asks: asksOf(input, previewOf(input, deps.scrubJson), deps.scrubJson) }),
    });
    if (admission.kind === "needs_confirmation")
      return { status: "needs_confirmation", risk: admission.risk, arguments: deps.scrubJson(input).value.value };
    const invocation = admission.invocationId;
    if (admission.kind === "blocked")
      return {
        status: "blocked",
        invocation,
        refusal: admission.refusal,
        detail: admission.detail,
        mend: admission.mend,
      };
    const block = async (refusal: Refusal | null, detail: string, mend: string | null): Promise<Invoked> => {
      await kernel.plugins.invocations.end(invocation, { kind: "blocked", refusal, detail });
      return { status: "blocked", invocation, refusal, detail, mend };
    };
    // What was admitted ends, whatever breaks: nobody may find it running for ever.
    try {
      const outer = asked.signal === undefined ? closing.signal : AbortSignal.any([asked.signal, closing.signal]);
      if (outer.aborted && admission.kind !== "parked")
        return await block(null, "It was cancelled before it began.", null);
      if (admission.kind === "parked") {
        asked.onParked?.(invocation, admission.escalationId);
        const { escalationId: escalation } = admission;
        const given = asked.signal ?? NEVER;
        const no = await kernel.plugins.invocations.confirmed(invocation, escalation, given, closing.signal);
        if (no === "left") return { status: "parked", invocation, escalation };
        if (no !== null) return await block(no.refusal, no.detail, null);
      }
      const timeoutMs = command?.timeoutMs ?? EVENT_MS;
      const admitted = { invocation, plugin, manifest, command, input, outer, block, timeoutMs };
      if (isOutside(manifest.kind) && deps.outside !== undefined) return await deps.outside.run(asked, admitted);
      const standing = await sandbox.standing(outer);
      if (standing.kind === "none")
        return await block(null, `No sandbox holds plugins here: ${standing.reason}.`, standing.mend);
      const of = { ...admitted, standing };
      return manifest.kind === "mcp-stdio" ? await servers.run(asked, of) : await run(asked, of);
    } catch (error) {
      await kernel.plugins.invocations.end(invocation, {
        kind: "failed",
        reason: "failed",
        detail: "The host could not run it.",
      });
      throw error;
    }
  }

  async function run(asked: Invoke, of: Running): Promise<Invoked> {
    const { invocation, plugin, manifest, command, input, standing, outer, block } = of;
    const ends = new AbortController();
    const time = createTimeLimit(of.timeoutMs);
    const signal = AbortSignal.any([outer, time.signal, ends.signal]);
    const session: BrokerSession = {
      invocation,
      projectId: asked.projectId,
      plugin: { id: plugin.plugin_id, name: plugin.name },
      digest: plugin.digest,
      manifest,
      input: of.command === null ? null : of.input,
      egressLeft: manifest.limits.egressKb * 1_024,
      signal,
      time,
    };
    const trail = createLogTrail(scrubText);
    const progress = createProgress((params) => deps.broker(session, "progress.write", params));
    const hooks = createHooks(manifest);
    const spec = {
      bundle: join(deps.bundles, plugin.digest.replace("sha256:", ""), "bundle.js"),
      digest: plugin.digest,
      workDir: join(deps.work, plugin.plugin_id, plugin.digest.slice(-16)),
      memoryMb: manifest.limits.memoryMb,
      cpuSeconds: manifest.limits.cpuSeconds,
    };
    const key = {
      plugin: plugin.plugin_id,
      digest: plugin.digest,
      projectId: asked.projectId,
      grants: await grantsOf(asked.projectId, plugin.plugin_id),
    };
    const listener = {
      onCall: (method: string, params: unknown, id: number | string) =>
        hooks.aroundCall({ id, method, params }, signal, () => deps.broker(session, method, params)),
      onNotice(method: string, params: unknown): void {
        if (method === "log") trail.add(params);
        else if (method === "$/progress") progress.say(params);
      },
    };
    let borrowed: Borrowed;
    try {
      borrowed = await poolOf(standing).borrow(key, spec, listener, command?.risk === "destructive", signal);
    } catch (error) {
      if (error instanceof LaunchError && error.reason !== "not_started")
        return block(
          "artifact_changed",
          `What lies there is not what was trusted: ${error.message}.`,
          `prunella plugin verify ${plugin.name}`,
        );
      if (error instanceof LaunchError) return block(null, error.message, "prunella doctor --sandbox");
      if (error instanceof RpcError) return block(null, error.message, null);
      if (signal.aborted) return block(null, "It was cancelled before it began.", null);
      throw error;
    }
    hooks.attach(borrowed.peer);
    let isWell = false;
    try {
      const before = await begin(asked, of, borrowed, hooks, signal);
      if (before !== null) return await block(before.refusal, before.detail, before.mend);
      const ran = { invocation, engine: standing.engine.name };
      const method = command === null ? `events/${asked.command.slice("event:".length)}` : `commands/${command.name}`;
      try {
        const answer = Output.parse(await borrowed.peer.ask(method, command === null ? input : { input }, signal));
        const output = deps.scrubJson(answer.output).value.value;
        const wrong = command === null ? [] : misfitsOf(command, output);
        if (wrong.length > 0) throw new Error(`its output does not fit what it declares: ${wrong.join("; ")}`);
        await progress.settled();
        await kernel.plugins.invocations.end(invocation, { kind: "completed" });
        isWell = true;
        await hooks.tell("after_invocation", { status: "success" }, outer);
        return { status: "success", output, ...ran, log: trail.lines() };
      } catch (error) {
        const reason = time.signal.aborted ? "timeout" : outer.aborted ? "cancelled" : "failed";
        // What it was asked last is over: it may still say why, for half a second.
        const last = AbortSignal.timeout(GRACE_MS);
        await hooks.tell(reason === "failed" ? "on_error" : "on_cancel", { status: reason }, last);
        const detail = await wordsOf(error, reason, of.timeoutMs, borrowed, (text) => scrubText(text).text.value);
        await kernel.plugins.invocations.end(invocation, { kind: "failed", reason, detail });
        // An error of its own is an answer like another; all else ends its process.
        isWell = reason === "failed" && error instanceof RpcError;
        await hooks.tell("after_invocation", { status: reason }, last);
        return { status: "failed", reason, detail, ...ran, log: trail.lines() };
      }
    } finally {
      time.stop();
      ends.abort(new Error("the invocation is over"));
      await borrowed.giveBack(isWell ? "well" : "spent");
    }
  }

  /** Null when it has begun; otherwise what did not let it, such as a hook. */
  async function begin(
    asked: Invoke,
    of: Running,
    { peer }: Borrowed,
    hooks: ReturnType<typeof createHooks>,
    signal: AbortSignal,
  ): Promise<Before | null> {
    const { invocation, plugin, manifest, timeoutMs } = of;
    const no = (detail: string): Before => ({ refusal: null, detail, mend: null });
    const { settings, wrong } = settingsOf(manifest, plugin.name, deps.settings());
    if (wrong !== null) return no(wrong);
    try {
      await initialize(
        peer,
        {
          plugin: plugin.name,
          digest: plugin.digest,
          invocation: {
            id: invocation,
            correlationId: invocation,
            command: asked.command,
            deadline: deps.now() + timeoutMs,
          },
          settings,
          grants: manifest.capabilities.map(({ name, access }) => `${name}:${access}`),
        },
        signal,
      );
      const blocked = await hooks.ask("before_invocation", { command: asked.command }, signal);
      if (of.outer.aborted) return no("It was cancelled before it began.");
      if (blocked !== null) return no(blocked);
    } catch (error) {
      if (of.outer.aborted) return no("It was cancelled before it began.");
      return no(
        `It did not start: ${scrubText(error instanceof Error ? error.message : "no reason given").text.value.slice(0, 500)}`,
      );
    }
    return kernel.plugins.invocations.begin(invocation, of.standing.engine.name);
  }

  async function grantsOf(projectId: string, pluginId: string): Promise<string> {
    const { asked } = await kernel.plugins.read(projectId, pluginId);
    return createHash("sha256")
      .update(
        JSON.stringify(
          asked.map(({ scope, granted }) => [scope, granted?.resources ?? null, granted?.expires_at ?? null]),
        ),
      )
      .digest("hex");
  }

  return {
    invoke,
    size: () =>
      [...pools.values()].reduce((sum, pool) => sum + pool.size(), servers.size() + (deps.outside?.size() ?? 0)),
    async close() {
      closing.abort(new Error("the server ends"));
      await Promise.all([
        servers.settled(),
        deps.outside?.settled(),
        ...[...pools.values()].map((pool) => pool.close()),
      ]);
    },
  };
}

/** Why it did not begin. */
interface Before {
  readonly refusal: Refusal | null;
  readonly detail: string;
  readonly mend: string | null;
}

const EVENT_MS = 60_000;
const Argv = z.array(z.string().refine((word) => !word.includes("\0"))).max(1_000);

/** The words behind a program's command, as they will be handed to it. */
function argvOf(plugin: string, { argv = [] }: Readonly<Record<string, unknown>>): readonly string[] {
  const read = Argv.safeParse(argv);
  if (read.success) return read.data;
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `${plugin}: argv: expected at most 1,000 words without zero bytes.`,
  });
}

function inputOf(
  plugin: string,
  command: PluginCommand,
  args: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const input = withDefaults(command.input, args);
  const wrong = misfits(command.input, input);
  if (wrong.length > 0)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `${plugin} ${command.name}: ${wrong.map(({ path, expected }) => `${path === "" ? "the arguments" : path}: expected ${expected}`).join("; ")}.`,
      hint: `See what it takes: prunella plugin info ${plugin}`,
    });
  return input;
}

/** Why it failed, for people: what it threw, what broke, or that it took too long. */
async function wordsOf(
  error: unknown,
  reason: string,
  timeoutMs: number,
  borrowed: Borrowed,
  clean: (text: string) => string,
): Promise<string> {
  if (reason === "timeout") return `It took longer than its ${timeoutMs / 1_000} s.`;
  if (reason === "cancelled") return "It was cancelled.";
  if (error instanceof RpcError) return clean(error.message).slice(0, 2_000);
  const ended = await borrowed.ended();
  // Whole, before anything is cut off: what is left of a secret looks like none.
  const tail = clean(borrowed.stderr()).trim().split("\n").slice(-3).join("\n").slice(-600);
  const what = ended ?? clean(error instanceof Error ? error.message : "it broke");
  return `${what}${tail === "" ? "" : `; its last words: ${tail}`}`;
}
