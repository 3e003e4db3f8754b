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
 * it; one that fails or takes too long does as its `failure` says. While a hook runs no other is asked: a call of
 * its own would go round for ever.
 */
export function createHooks({ hooks }: Pick<PluginManifest, "hooks">) {
  let peer: Peer | null = null;
  let isAsking = false;
  const find = (name: HookName): Hook | undefined => hooks.find((hook) => hook.name === name);

  /** Null lets it pass; a text says why not. */
  async function ask(name: HookName, params: object, signal: AbortSignal): Promise<string | null> {
    const hook = find(name);
    if (hook === undefined || peer === null) return null;
    isAsking = true;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(hook.timeoutMs)]);
      const { output } = Said.parse(await peer.ask(`hooks/${name}`, params, limited));
      return output?.block === true
        ? `Its hook ${name} said no${output.reason === undefined ? "" : `: ${output.reason}`}.`
        : null;
    } catch {
      return hook.failure === "fail_closed" ? `Its hook ${name} failed, and is to block then.` : null;
    } finally {
      isAsking = false;
    }
  }

  return {
    ask,
    attach: (other: Peer): void => void (peer = other),
    /** What comes after is not changed by what a hook says. */
    tell: async (name: HookName, params: object, signal: AbortSignal): Promise<void> => {
      if (!signal.aborted) await ask(name, params, signal);
    },
    async aroundCall(method: string, params: unknown, call: () => Promise<unknown>): Promise<unknown> {
      if (isAsking || (find("before_tool_call") === undefined && find("after_tool_call") === undefined)) return call();
      const signal = new AbortController().signal;
      const blocked = await ask("before_tool_call", { method, params }, signal);
      if (blocked !== null) throw new RpcError(BROKER_ERRORS.denied, blocked, { reason: "hook", mend: null });
      const result = await call();
      await ask("after_tool_call", { method }, signal);
      return result;
    },
  };
}
