/** What authors of plugins import. It is bundled into each plugin, so it imports nothing but types and text of ours. */
export type { FetchedState, Files, Faults, Ledger, PluginContext, Processes, Progress, State } from "./context.ts";
export { fenced, inertTitle, inline, visible } from "./markdown.ts";
import type { PluginContext } from "./context.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** What a hook may say; nothing lets it pass. */
export type HookAnswer = { readonly block: boolean; readonly reason?: string } | undefined | void;

export interface Plugin {
  /** By the names of the manifest. `input` is what the manifest says, checked and with its defaults. */
  readonly commands?: Readonly<Record<string, (input: never, context: PluginContext) => unknown>>;
  /** By the names of what it listens to; events come folded, at most a hundred at once. */
  readonly events?: Readonly<Record<string, (events: readonly never[], context: PluginContext) => unknown>>;
  readonly hooks?: Readonly<
    Partial<
      Record<
        "before_invocation" | "after_invocation" | "on_error" | "on_cancel" | "before_tool_call" | "after_tool_call",
        (what: never, context: PluginContext) => HookAnswer | Promise<HookAnswer>
      >
    >
  >;
}

/**
 * A plugin is its manifest and one or two functions.
 *
 * @example
 * export default definePlugin({
 *   commands: {
 *     async hi({ name }: { name: string }, { state }) {
 *       const times = Number(await state.get("times")) + 1;
 *       await state.put("times", times);
 *       return { text: `hi ${name}, for the ${times}. time` };
 *     },
 *   },
 * });
 */
export const definePlugin = <const Defined extends Plugin>(plugin: Defined): Defined => plugin;
