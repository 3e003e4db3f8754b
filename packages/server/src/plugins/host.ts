import type { Actor } from "@prunella/contract";
import type { InvocationResult } from "@prunella/contract/plugins";
import type { Kernel, PluginTableRow } from "@prunella/kernel";

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
  /** What stands for `$event.repo` and the like. */
  readonly bindings: Readonly<Record<string, string>>;
}

export type InvokePlugin = (ask: InvokeAsk) => Promise<InvocationResult>;

/**
 * Whether it may run is the kernel's to say. What runs it is a sandbox, of which this server has none: whatever is
 * admitted fails at once, and says so.
 */
export const createInvoke =
  ({ plugins }: Pick<Kernel, "plugins">): InvokePlugin =>
  async (ask) => {
    const admission = await plugins.invocations.admit(ask);
    const nothing = { output: null, calls: [] };
    if (admission.kind === "needs_confirmation")
      return {
        ...nothing,
        status: "needs_confirmation",
        invocation: null,
        detail: `It is ${admission.risk}.`,
        refusal: null,
        mend: null,
      };
    const { invocationId: invocation } = admission;
    if (admission.kind === "blocked") {
      const { detail, refusal, mend } = admission;
      return { ...nothing, status: "blocked", invocation, detail, refusal, mend };
    }
    const detail = "This server has no sandbox to run it in.";
    await plugins.invocations.end(invocation, { kind: "blocked", refusal: null, detail });
    return { ...nothing, status: "blocked", invocation, detail, refusal: null, mend: "prunella doctor" };
  };
