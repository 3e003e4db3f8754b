import { join } from "node:path";
import { PrunellaError, type Actor, type Config } from "@prunella/contract";
import { LOCK_FILE, type InvocationResult } from "@prunella/contract/plugins";
import type { Adopted, Kernel, Log, Once, PluginTableRow } from "@prunella/kernel";
import { scrubJson, scrubText, type Scrubber } from "@prunella/scrub";
import { z } from "zod";
import { openBundleStore } from "../platform/plugins/store.ts";
import { probeBubblewrap } from "../platform/sandbox/bubblewrap.ts";
import { runProgram } from "../platform/sandbox/program.ts";
import { clearFolder } from "../platform/sandbox/run-folder.ts";
import { createSandbox, type Sandbox } from "../platform/sandbox/sandbox.ts";
import { createBroker, createCarry, type Method } from "./broker/broker.ts";
import { createCallLog } from "./broker/call-log.ts";
import { createMethods } from "./broker/methods.ts";
import { createDelivery } from "./deliver.ts";
import type { Invoke, Invoked } from "./invocation.ts";
import { createInvoker } from "./invoke.ts";
import { createLook } from "./mcp/install.ts";
import type { HowItFailed } from "./outside/failure.ts";
import { createOutsideRunner, type Outside } from "./outside/run.ts";
import type { Programs } from "./program.ts";

/** Somebody asks for a command of a plugin. */
export interface InvokeAsk {
  readonly projectId: string;
  readonly plugin: PluginTableRow;
  readonly command: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly by: Actor;
  readonly via: "cli" | "console" | "api" | "event";
  /** A person saw the arguments and said yes. */
  readonly isConfirmed: boolean;
  /** Where it wants a yes that nobody gave, a person is asked in the inbox. */
  readonly asks?: boolean;
  /** What stands for `$event.repo` and the like. */
  readonly bindings: Readonly<Record<string, string>>;
  /** It begins only where none of these was seen. */
  readonly once?: readonly Once[];
}

/** What came of it; of an event that failed elsewhere also how, for whoever tells of that. */
export type InvokePlugin = (ask: InvokeAsk) => Promise<InvocationResult & { readonly how?: HowItFailed }>;

export interface HostDeps {
  readonly kernel: Pick<Kernel, "plugins" | "faults" | "supervised" | "ledger" | "notices">;
  readonly dataFolder: string;
  /** What paths of the configuration are relative to. */
  readonly base: string;
  readonly plugins: () => Config["plugins"];
  /** null: without rules of this installation's own. */
  readonly scrubber: Scrubber | null;
  readonly log: Log;
  /** Hears of each command that failed; of what was told to a plugin, whoever told it hears. */
  readonly onFailed?: (failed: FailedCommand) => void;
  /** What the broker carries out beside its own, such as a forge's calls. */
  readonly methods?: ReadonlyMap<string, Method>;
  /** Left out: nothing reaches plugins that run elsewhere. */
  readonly outside?: Outside;
  /** For tests: one that was tried before. */
  readonly sandbox?: Sandbox;
}

export interface FailedCommand {
  readonly projectId: string;
  readonly plugin: PluginTableRow;
  readonly command: string;
  readonly startedAt: number;
  readonly ran: Extract<Invoked, { status: "failed" }>;
}

/** Where plugins run in this server: sandbox, broker and processes, put together once. */
export function openPluginHost(deps: HostDeps) {
  const { kernel, base, log } = deps;
  const scrub = deps.scrubber ?? { scrubJson, scrubText };
  const sandbox = deps.sandbox ?? createSandbox({ folder: join(deps.dataFolder, "sandbox"), setting: deps.plugins() });
  const methods = new Map([
    ...createMethods({ kernel, scrubJson: scrub.scrubJson, roots: () => deps.plugins().roots, base }),
    ...(deps.methods ?? []),
  ]);
  const work = join(deps.dataFolder, "sandbox", "work");
  // What runs of a server that died had with them; whoever owns the data folder owns this.
  clearFolder(work);
  let isTold = false;
  const store = openBundleStore(deps.dataFolder, LOCK_FILE);
  const programs: Programs = {
    isWhole: (digest) => store.check(digest) === "whole",
    treeOf: store.treeOf,
    shortfall: probeBubblewrap,
    run: runProgram,
  };
  const calls = createCallLog({ now: () => Date.now(), scrubText: scrub.scrubText });
  const given = { authorize: kernel.plugins.authorize, methods, ...scrub, log: calls };
  const broker = createBroker(given);
  const { outside } = deps;
  const common = { kernel, settings: () => deps.plugins().settings, broker, ...scrub, now: () => Date.now() };
  const invoker = createInvoker({
    ...common,
    ...(outside === undefined
      ? {}
      : { outside: createOutsideRunner({ ...common, carry: createCarry(given), outside }) }),
    sandbox: {
      async standing(signal) {
        const standing = await sandbox.standing(signal);
        if (standing.kind === "ready" && standing.insteadOf !== null && !isTold) {
          isTold = true;
          log.warn(`plugins run on ${standing.engine.name} without the second layer: ${standing.insteadOf.reason}`);
        }
        return standing;
      },
    },
    bundles: join(deps.dataFolder, "plugins", "bundles"),
    work,
    programs,
  });

  const invokePlugin: InvokePlugin = async ({ plugin, asks = false, ...ask }) => {
    const { promise: parked, resolve: park } = Promise.withResolvers<InvocationResult>();
    const onParked = (invocation: string, escalation: string): void =>
      park({ ...NOTHING, status: "parked", invocation, escalation, detail: "A person is asked.", calls: [] });
    const running = carryOut(plugin, { ...ask, plugin: plugin.plugin_id, ...(asks ? { onParked } : {}) });
    // Whoever asked has their answer; what came of it stands in the plugin's history.
    void parked.then(() =>
      running.catch((error: unknown) => log.warn(`${plugin.name} could not go on: ${String(error)}`)),
    );
    return Promise.race([running, parked]);
  };
  async function carryOut(plugin: PluginTableRow, ask: Invoke): ReturnType<InvokePlugin> {
    const startedAt = Date.now();
    const ran = await invoker.invoke(ask);
    if (ran.status === "parked") return resultOf(ran, []);
    if (ran.status === "failed" && ran.reason !== "cancelled" && ask.via !== "event")
      deps.onFailed?.({ projectId: ask.projectId, plugin, command: ask.command, startedAt, ran });
    const id = "invocation" in ran ? ran.invocation : null;
    const history = id === null ? [] : await kernel.plugins.history(ask.projectId, ask.plugin, RECENT);
    const result = resultOf(ran, history.find((one) => one.id === id)?.calls ?? []);
    return ran.status === "failed" && ran.how !== undefined && ask.via === "event"
      ? { ...result, how: ran.how }
      : result;
  }
  const closing = new AbortController();
  /** What waited for a person at a server that has ended goes on here, or is said to be lost. */
  async function adopt(): Promise<void> {
    for (const one of await kernel.plugins.invocations.adopt())
      goOn(one)
        .catch((error: unknown) => {
          const why = error instanceof PrunellaError ? error.message : "the host could not run it.";
          return kernel.plugins.invocations.abandon(one.invocationId, one.escalation, `It could not go on: ${why}`);
        })
        .catch((error: unknown) => log.warn(`what waited for a person could not be ended: ${String(error)}`));
  }
  async function goOn({ invocationId, escalation: escalationId, pluginId, arguments: kept, ...one }: Adopted) {
    const plugin = await kernel.plugins.find(pluginId);
    const adopted = { invocationId, escalationId };
    await carryOut(plugin, { ...one, plugin: pluginId, args: Arguments.parse(kept), adopted });
  }
  let adopting: Promise<void> | null = null;
  const look = (): void => {
    adopting ??= adopt()
      .catch((error: unknown) => log.warn(`what waits for a person could not be taken over: ${String(error)}`))
      .finally(() => (adopting = null));
  };
  const looking = setInterval(look, ADOPT_MS).unref();
  look();
  let trial: NodeJS.Timeout | null = null;
  // Trying the sandbox takes seconds: it begins with an install, and not with somebody's first command.
  const stopListening = kernel.notices.subscribe(({ topic }) => {
    if (topic !== "plugins") return;
    trial ??= setTimeout(() => void sandbox.standing(closing.signal).catch(() => undefined), TRIAL_AFTER_MS).unref();
  });

  return {
    /** What a server of tools says of itself, asked in the sandbox. */
    look: createLook({ sandbox, scrubText: scrub.scrubText, signal: closing.signal }),
    invokePlugin,
    /** What plugins asked for last, for whoever writes one. */
    calls,
    /** Tells plugins what they listen to. */
    deliver: createDelivery({ plugins: kernel.plugins, invokePlugin, log }),
    async close(): Promise<void> {
      stopListening();
      clearInterval(looking);
      await adopting;
      clearTimeout(trial ?? undefined);
      closing.abort(new Error("the server ends"));
      await invoker.close();
    },
  };
}

const RECENT = 50;
/** A server that ended elsewhere is found dead after half a minute; this is how soon what it left is looked for then. */
const ADOPT_MS = 10_000;
const Arguments = z.record(z.string(), z.unknown());
/** While somebody reads what the plugin asks for. */
const TRIAL_AFTER_MS = 3_000;
const Json = z.json();
const NOTHING = { invocation: null, output: null, detail: null, refusal: null, escalation: null, mend: null };

function resultOf(ran: Invoked, calls: InvocationResult["calls"]): InvocationResult {
  const none = { ...NOTHING, calls };
  switch (ran.status) {
    case "success":
      return { ...none, status: "success", invocation: ran.invocation, output: Json.parse(ran.output ?? null) };
    case "failed":
      return { ...none, status: "failed", invocation: ran.invocation, detail: ran.detail };
    case "blocked":
      return { ...none, ...ran };
    case "parked":
      return { ...none, ...ran, detail: "A person is asked." };
    case "needs_confirmation":
      return { ...none, status: "needs_confirmation", detail: `It is ${ran.risk}.` };
  }
}
