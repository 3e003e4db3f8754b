import { Refusal } from "@prunella/contract";
import { accessOf, BROKER_ERRORS, startOf } from "@prunella/contract/plugins";
import { z } from "zod";
import type { RequestKey } from "../../platform/plugins/request-key.ts";
import { createBound } from "../broker/at-most.ts";
import type { Broker, BrokerSession, Carry } from "../broker/broker.ts";
import { RpcError } from "../broker/rpc.ts";
import type { Admitted, Invoke, Invoked, InvokeDeps } from "../invocation.ts";
import { createLogTrail } from "../log-trail.ts";
import { misfitsOf } from "../output.ts";
import { createProgress } from "../progress.ts";
import { settingsOf } from "../settings.ts";
import { createTimeLimit } from "../time-limit.ts";
import { OutsideFailed, type HowItFailed } from "./failure.ts";
import { callHttp } from "./http.ts";
import type { Lines } from "./lines.ts";
import type { StartedRun, Workflows } from "./workflows.ts";

export interface Outside {
  readonly key: RequestKey;
  readonly lines: Lines;
  /** null: no host of repositories is configured that has workflows. */
  readonly workflows: Workflows | null;
}

export interface OutsideDeps extends Pick<InvokeDeps, "kernel" | "scrubText" | "scrubJson" | "now" | "settings"> {
  readonly broker: Broker;
  readonly carry: Carry;
  readonly outside: Outside;
}

const SNIPPET = 1_000;
/** Each holds a connection, or is asked for at its host again and again. */
const MOST_AT_ONCE = { ofOne: 16, ofAll: 128, what: "commands" };

/**
 * Runs one command of a plugin whose code runs elsewhere: as a request to its address, or as a run of its workflow. It
 * begins with a call of the broker like any effect of a plugin, with a permit before and an outcome after; what it asks
 * for while it runs is held to its grants, and what it does there is held by nobody here.
 */
export function createOutsideRunner(deps: OutsideDeps) {
  const { kernel, scrubText } = deps;
  const all = new Set<Promise<unknown>>();
  const within = createBound(MOST_AT_ONCE);
  const clean = (text: string): string => scrubText(text).text.value;

  async function run(asked: Invoke, of: Admitted): Promise<Invoked> {
    const done = within(of.plugin.plugin_id, () => call(asked, of));
    all.add(done);
    try {
      return await done;
    } catch (error) {
      if (error instanceof RpcError) return await of.block(null, error.message, null);
      throw error;
    } finally {
      all.delete(done);
    }
  }

  async function call(asked: Invoke, of: Admitted): Promise<Invoked> {
    const { invocation, plugin, manifest, command, outer, timeoutMs } = of;
    const { settings, wrong } = settingsOf(manifest, plugin.name, deps.settings());
    if (wrong !== null) return of.block(null, wrong, null);
    const ends = new AbortController();
    const time = createTimeLimit(timeoutMs);
    const signal = AbortSignal.any([outer, time.signal, ends.signal]);
    const session: BrokerSession = {
      invocation,
      projectId: asked.projectId,
      plugin: { id: plugin.plugin_id, name: plugin.name },
      digest: plugin.digest,
      manifest,
      input: command === null ? null : of.input,
      egressLeft: manifest.limits.egressKb * 1_024,
      signal,
      time,
    };
    const trail = createLogTrail(scrubText);
    const progress = createProgress((params) => deps.broker(session, "progress.write", params));
    const going: Going = { asked, of, session, settings, trail, progress, begun: false };
    const ran = { invocation, engine: "elsewhere" };
    try {
      const said = await (manifest.kind === "http" ? byHttp(going) : byWorkflow(going));
      const output = deps.scrubJson(said).value.value;
      const misfit = command === null ? [] : misfitsOf(command, output);
      if (misfit.length > 0)
        throw new OutsideFailed(`Its output does not fit what it declares: ${misfit.join("; ")}.`, {
          category: "validation",
        });
      await progress.settled();
      await kernel.plugins.invocations.end(invocation, { kind: "completed" });
      return { status: "success", output, ...ran, log: trail.lines() };
    } catch (error) {
      if (!going.begun && time.signal.aborted)
        return await of.block(null, `It did not begin within its ${timeoutMs / 1_000} s.`, null);
      if (!going.begun) return await notBegun(of, error);
      const reason = time.signal.aborted ? "timeout" : outer.aborted ? "cancelled" : "failed";
      const where = going.runUrl === undefined ? "" : ` The run goes on: ${going.runUrl}`;
      const detail =
        reason === "timeout"
          ? `It took longer than its ${timeoutMs / 1_000} s.${where}`
          : reason === "cancelled"
            ? `It was cancelled.${where}`
            : clean(error instanceof Error ? error.message : "it broke").slice(0, 2_000);
      await kernel.plugins.invocations.end(invocation, { kind: "failed", reason, detail });
      return { status: "failed", reason, detail, ...ran, log: trail.lines(), how: howOf(error, reason) };
    } finally {
      time.stop();
      ends.abort(new RpcError(BROKER_ERRORS.expired, "the invocation is over"));
    }
  }

  /** The ledger says that it is invoked before anything of it is done; what stands against it is asked anew. */
  async function begin(going: Going): Promise<void> {
    const bar = await kernel.plugins.invocations.begin(going.of.invocation, null);
    if (bar !== null) throw new RpcError(BROKER_ERRORS.denied, bar.detail, { reason: bar.refusal, mend: bar.mend });
    going.begun = true;
  }

  function carry(going: Going, params: unknown, work: () => Promise<unknown>): Promise<unknown> {
    const start = startOf(going.of.manifest);
    if (start === null) throw new Error("a plugin elsewhere has no place");
    const access = accessOf(start.scope);
    return deps.carry(going.session, { ...start, access, method: "plugin.start", params }, work);
  }

  function byHttp(going: Going): Promise<unknown> {
    const { of, asked, session, settings, trail, progress } = going;
    const { manifest, plugin, invocation, command, input, timeoutMs } = of;
    const deadline = deps.now() + timeoutMs;
    const method = command === null ? `events/${asked.command.slice("event:".length)}` : `commands/${command.name}`;
    return carry(going, { command: asked.command, input }, async () => {
      await begin(going);
      const line = deps.outside.lines.open({
        invocation,
        deadline,
        onCall: (name, params) => deps.broker(session, name, params),
        onNotice(name, params): void {
          if (name === "log") trail.add(params);
          else if (name === "$/progress") progress.say(params);
        },
      });
      try {
        const params = {
          ...(command === null ? input : { input }),
          plugin: plugin.name,
          digest: plugin.digest,
          invocation: { id: invocation, correlationId: invocation, command: asked.command, deadline },
          settings,
          grants: manifest.capabilities.map(({ name, access }) => `${name}:${access}`),
          broker: { url: line.url, token: line.token, expires_at: line.expiresAt },
        };
        const url = manifest.url ?? "";
        return await callHttp({ url, invocation, method, params, now: deps.now() }, deps.outside.key, session.signal);
      } finally {
        line.end();
      }
    });
  }

  async function byWorkflow(going: Going): Promise<unknown> {
    const { of, asked, session, settings } = going;
    const { workflow } = of.manifest;
    const { workflows } = deps.outside;
    if (workflow?.commit === undefined) throw new Error("a workflow is of no commit");
    if (workflows === null)
      throw new RpcError(BROKER_ERRORS.denied, "no GitHub is configured that could run it", {
        reason: null,
        mend: "Put forge into the configuration; see docs/forge.md.",
      });
    const { repository, file, ref, commit } = workflow;
    const now = await workflows.commitOf(repository, ref, session.signal);
    if (now !== commit)
      throw new RpcError(
        BROKER_ERRORS.denied,
        `${ref} of ${repository} is ${now.slice(0, 12)} by now, and ${commit.slice(0, 12)} was trusted`,
        { reason: "artifact_changed", mend: `prunella plugin update ${of.plugin.name}` },
      );
    const inputs = {
      invocation: of.invocation,
      command: asked.command,
      input: JSON.stringify(of.input),
      settings: JSON.stringify(settings),
    };
    const deadline = deps.now() + of.timeoutMs;
    let run: StartedRun | null = null;
    await carry(going, { repository, file, ref, ...inputs }, async () => {
      await begin(going);
      run = await workflows.start(
        { invocation: of.invocation, repository, file, ref, commit, inputs, deadline },
        session.signal,
      );
    });
    const started: StartedRun = run ?? never();
    if (started.url !== null) going.runUrl = started.url;
    await kernel.plugins.invocations.progress(
      of.invocation,
      started.url === null ? "Its workflow was started." : `Runs: ${started.url}`,
    );
    return (await started.ended(session.signal)) ?? { run: started.url };
  }

  function howOf(error: unknown, reason: string): HowItFailed {
    if (reason === "timeout") return { category: "timeout", status: null, snippet: null, retryCount: 0 };
    if (!(error instanceof OutsideFailed)) return { category: "dispatch", status: null, snippet: null, retryCount: 0 };
    // Whole, before anything is cut off: what is left of a secret looks like none.
    const { snippet } = error.how;
    return { ...error.how, snippet: snippet === null ? null : clean(snippet).slice(0, SNIPPET) };
  }

  return { run, size: () => all.size, settled: () => Promise.allSettled(all) };
}

interface Going {
  readonly asked: Invoke;
  readonly of: Admitted;
  readonly session: BrokerSession;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly trail: ReturnType<typeof createLogTrail>;
  readonly progress: ReturnType<typeof createProgress>;
  begun: boolean;
  runUrl?: string;
}

const Refused = z.object({ reason: Refusal.nullable().catch(null), mend: z.string().nullable() });

/** Nothing of it ran: what stood against it. */
async function notBegun({ block, outer }: Admitted, error: unknown): Promise<Invoked> {
  if (error instanceof RpcError) {
    const { data } = Refused.safeParse(error.data);
    return block(data?.reason ?? null, error.message, data?.mend ?? null);
  }
  if (error instanceof OutsideFailed) return block(null, error.message, null);
  if (outer.aborted) return block(null, "It was cancelled before it began.", null);
  throw error;
}

function never(): never {
  throw new Error("what was carried out left nothing");
}
