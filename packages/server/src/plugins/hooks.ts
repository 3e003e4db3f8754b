import type { PluginManifest } from "@prunella/contract/plugins";
import { BROKER_ERRORS } from "@prunella/contract/plugins";
import { z } from "zod";
import { RpcError, type Peer } from "./broker/rpc.ts";

type Hook = PluginManifest["hooks"][number];
type HookName = Hook["name"];

/** What a hook may say; saying nothing lets it pass. */
const Said = z.object({
  output: z.object({ block: z.boolean().optional(), reason: z.string().max(500).optional() }).nullish(),
});

/**
 * Functions of a plugin that are asked around its commands and calls. One that says `block` before something stops
 * it; one that fails or takes too long does as its `failure` says. They are asked one after the other, and never about
 * a call of a hook, which would go round for ever: the program inside gives those ids of their own.
 */
export function createHooks({ hooks }: Pick<PluginManifest, "hooks">) {
  let peer: Peer | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let isAsking = false;
  const find = (name: HookName): Hook | undefined => hooks.find((hook) => hook.name === name);

  /** Null lets it pass; a text says why not. */
  async function ask(name: HookName, params: object, signal: AbortSignal): Promise<string | null> {
    const hook = find(name);
    if (hook === undefined || peer === null) return null;
    const turn = last;
    const { promise: mine, resolve: done } = Promise.withResolvers<void>();
    last = mine;
    try {
      await orEnds(turn, signal);
      isAsking = true;
      const limited = AbortSignal.any([signal, AbortSignal.timeout(hook.timeoutMs)]);
      const { output } = Said.parse(await peer.ask(`hooks/${name}`, params, limited));
      return output?.block === true
        ? `Its hook ${name} said no${output.reason === undefined ? "" : `: ${output.reason}`}.`
        : null;
    } catch {
      return hook.failure === "fail_closed" ? `Its hook ${name} failed, and is to block then.` : null;
    } finally {
      // Who gave up waiting leaves the others in their places.
      void turn.then(() => ((isAsking = false), done()));
    }
  }

  return {
    ask,
    attach: (other: Peer): void => void (peer = other),
    /** What comes after is not changed by what a hook says. */
    tell: async (name: HookName, params: object, signal: AbortSignal): Promise<void> => {
      if (!signal.aborted) await ask(name, params, signal);
    },
    async aroundCall(
      { id, method, params }: { readonly id: number | string; readonly method: string; readonly params: unknown },
      signal: AbortSignal,
      call: () => Promise<unknown>,
    ): Promise<unknown> {
      // The id is its own word: it counts only while a hook is asked.
      if (isAsking && typeof id === "string" && id.startsWith("hook-")) return call();
      const blocked = await ask("before_tool_call", { method, params }, signal);
      if (blocked !== null) throw new RpcError(BROKER_ERRORS.denied, blocked, { reason: "hook", mend: null });
      const result = await call();
      await ask("after_tool_call", { method }, signal);
      return result;
    },
  };
}

async function orEnds(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("it is over"));
  signal.addEventListener("abort", end, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([turn, over]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
