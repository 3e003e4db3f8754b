import { join } from "node:path";
import type { CallToolResult } from "@modelcontextprotocol/client";
import { Refusal } from "@prunella/contract";
import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { z } from "zod";
import { readPinned } from "../../platform/plugins/pinned.ts";
import { FrameError } from "../../platform/sandbox/frames.ts";
import { LaunchError } from "../../platform/sandbox/engine.ts";
import { launchServer } from "../../platform/sandbox/tool-server.ts";
import type { Standing } from "../../platform/sandbox/sandbox.ts";
import type { BrokerSession, Root } from "../broker/broker.ts";
import { PeerBroke, RpcError } from "../broker/rpc.ts";
import type { Invoke, Invoked, InvokeDeps, Running } from "../invocation.ts";
import { createLogTrail } from "../log-trail.ts";
import { howProcessEnded } from "../pool.ts";
import { createProgress } from "../progress.ts";
import { createTimeLimit } from "../time-limit.ts";
import { eraOf, openSession } from "./session.ts";

/** Servers of one plugin that run at once; one more is refused. */
const MAX_AT_ONCE = 8;
/** Beside the command's own time: to start, and to be told that it is over. */
const SPARE_MS = 15_000;

/** Of what it says of its progress, whose whole is scrubbed before it is cut. */
const MAX_TEXT = 300;

const Progress = z.object({ done: z.number(), total: z.number().optional(), text: z.string().optional() });
const Arguments = z.record(z.string(), z.unknown());

/** Why a server does not run here; null: it does. */
export function whyNoServer(standing: Standing): { readonly reason: string; readonly mend: string | null } | null {
  if (standing.kind === "none") return standing;
  if (standing.hasOsLayer) return null;
  return {
    reason: `a program of its own runs only inside the second layer, ${standing.insteadOf === null ? "which plugins.os_layer has off" : `and ${standing.insteadOf.reason}`}`,
    mend: standing.insteadOf === null ? "Set plugins.os_layer to required." : standing.insteadOf.mend,
  };
}

/**
 * Runs one tool of a server: its process is started for this one call, behind the broker and the gate like any effect
 * of a plugin, and ends with it. So nothing of one call is there in the next, and whatever goes wrong ends it.
 */
export function createServerRunner(deps: InvokeDeps) {
  const { kernel, scrubText } = deps;
  const underWay = new Map<string, number>();
  const all = new Set<Promise<unknown>>();

  async function run(asked: Invoke, of: Running): Promise<Invoked> {
    const { plugin, standing, block } = of;
    const missing = whyNoServer(standing);
    if (missing !== null) return block(null, `${plugin.name} does not run here: ${missing.reason}.`, missing.mend);
    const others = underWay.get(plugin.plugin_id) ?? 0;
    if (others >= MAX_AT_ONCE) return block(null, `${MAX_AT_ONCE} commands of it run already.`, null);
    underWay.set(plugin.plugin_id, others + 1);
    const done = call(asked, of);
    all.add(done);
    try {
      return await done;
    } finally {
      all.delete(done);
      const left = (underWay.get(plugin.plugin_id) ?? 1) - 1;
      if (left === 0) underWay.delete(plugin.plugin_id);
      else underWay.set(plugin.plugin_id, left);
    }
  }

  async function call(asked: Invoke, of: Running): Promise<Invoked> {
    const { invocation, plugin, manifest, command, outer, timeoutMs } = of;
    const time = createTimeLimit(timeoutMs);
    const signal = AbortSignal.any([outer, time.signal]);
    const trail = createLogTrail(scrubText);
    let hasBegun = false;

    async function attach(tool: string, args: unknown, roots: readonly Root[]): Promise<unknown> {
      const folder = join(deps.bundles, plugin.digest.replace("sha256:", ""));
      const { pin, tree } = readPinned(folder, plugin.digest);
      const bar = await kernel.plugins.invocations.begin(invocation, "bwrap");
      if (bar !== null) throw new RpcError(BROKER_ERRORS.denied, bar.detail, { reason: bar.refusal, mend: bar.mend });
      hasBegun = true;
      const { memoryMb, cpuSeconds } = manifest.limits;
      const process = await launchServer(
        {
          tree,
          argv: manifest.command ?? [],
          roots,
          limits: { memoryMb, cpuSeconds, wallMs: timeoutMs + SPARE_MS },
        },
        outer,
      );
      let result: CallToolResult;
      try {
        const session = await openSession(process, eraOf(pin.protocol), {
          signal,
          onLog: (text) => trail.add({ text }),
        });
        result = await session.call(tool, Arguments.parse(args), { signal, timeoutMs, onProgress: progress.say });
      } catch (error) {
        signal.throwIfAborted();
        throw await toldBy(process, error, (text) => scrubText(text).text.value);
      } finally {
        await process.kill();
      }
      // A tool that says that it could not is an effect that failed.
      return outputOf(result);
    }

    const session: BrokerSession = {
      invocation,
      projectId: asked.projectId,
      plugin: { id: plugin.plugin_id, name: plugin.name },
      digest: plugin.digest,
      manifest,
      input: of.command === null ? null : of.input,
      egressLeft: 0,
      signal,
      time,
      attach,
    };
    const progress = createProgress(async (params) => {
      const { text, ...counts } = Progress.parse(params);
      const words = text === undefined ? {} : { text: scrubText(text).text.value.slice(0, MAX_TEXT) };
      return deps.broker(session, "progress.write", { ...counts, ...words });
    });
    const ran = { invocation, engine: of.standing.engine.name };
    try {
      const tool = command?.tool ?? command?.name ?? "";
      const said = await deps.broker(session, "mcp.attach", { tool, arguments: of.input });
      const output = deps.scrubJson(said).value.value;
      await progress.settled();
      await kernel.plugins.invocations.end(invocation, { kind: "completed" });
      return { status: "success", output, ...ran, log: trail.lines() };
    } catch (error) {
      if (!hasBegun) return blockedBy(of, error);
      const reason = time.signal.aborted ? "timeout" : outer.aborted ? "cancelled" : "failed";
      const detail =
        reason === "timeout"
          ? `It took longer than its ${timeoutMs / 1_000} s.`
          : reason === "cancelled"
            ? "It was cancelled."
            : scrubText(error instanceof Error ? error.message : "it broke").text.value.slice(0, 2_000);
      await kernel.plugins.invocations.end(invocation, { kind: "failed", reason, detail });
      return { status: "failed", reason, detail, ...ran, log: trail.lines() };
    } finally {
      time.stop();
    }
  }

  return {
    run,
    size: () => all.size,
    settled: () => Promise.allSettled(all),
  };
}

const Refused = z.object({ reason: Refusal.nullable().catch(null), mend: z.string().nullable() });

/** Nothing of it ran: what stood against it. */
async function blockedBy({ block, plugin, outer }: Running, error: unknown): Promise<Invoked> {
  if (error instanceof LaunchError && error.reason !== "not_started")
    return block(
      "artifact_changed",
      `What lies there is not what was trusted: ${error.message}.`,
      `prunella plugin verify ${plugin.name}`,
    );
  if (error instanceof RpcError) {
    const { data } = Refused.safeParse(error.data);
    return block(data?.reason ?? null, error.message, data?.mend ?? null);
  }
  if (outer.aborted) return block(null, "It was cancelled before it began.", null);
  throw error;
}

const Content = z.looseObject({ type: z.string(), text: z.string().optional() });
const Result = z.object({
  content: z.array(Content).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().default(false),
});

/** Its values where it has some, and its text otherwise; of pictures and sounds only that they are there. */
function outputOf(given: unknown): unknown {
  const { content, structuredContent, isError } = Result.parse(given);
  const text = content.flatMap((part) => (part.type === "text" ? [part.text ?? ""] : [])).join("\n");
  if (isError) throw new RpcError(BROKER_ERRORS.failed, text === "" ? "its tool failed and gave no reason" : text);
  if (structuredContent !== undefined) return structuredContent;
  const others = content.filter(({ type }) => type !== "text");
  return others.length === 0 ? { text } : { text, left_out: others.map(({ type }) => type) };
}

/** Why it failed, for people: what it answered, what broke, or how it ended and what it said last. */
async function toldBy(
  process: Awaited<ReturnType<typeof launchServer>>,
  error: unknown,
  clean: (text: string) => string,
): Promise<Error> {
  const tail = (): string => {
    // Whole, before anything is cut off: what is left of a secret looks like none.
    const said = clean(process.stderr()).trim().split("\n").slice(-3).join("\n").slice(-600);
    return said === "" ? "" : `; its last words: ${said}`;
  };
  if (error instanceof FrameError || error instanceof PeerBroke)
    return new RpcError(BROKER_ERRORS.failed, `${error.message}${tail()}`);
  const ended = await Promise.race([howProcessEnded(process), soon()]);
  if (ended !== null) return new RpcError(BROKER_ERRORS.failed, `${ended}${tail()}`);
  return new RpcError(BROKER_ERRORS.failed, clean(error instanceof Error ? error.message : "it broke").slice(0, 2_000));
}

/** A process that is ending needs a moment for it. */
const soon = (): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), 100).unref());
