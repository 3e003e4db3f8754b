import { BROKER_ERRORS, type PluginCall, type ReadCall } from "@prunella/contract/plugins";
import type { Scrubbed } from "@prunella/scrub";
import type { BrokerSession } from "./broker.ts";
import { RpcError } from "./rpc.ts";

/** Of all plugins together: whoever looks asks twice a second. */
const KEPT = 1_000;

export interface CallLog {
  /** `error` null: it did what was asked. `read` null: it could not be read. */
  note(session: BrokerSession, method: string, read: ReadCall | null, error: unknown): void;
  /** Of one plugin in one project, behind one that was seen. */
  after(pluginId: string, projectId: string, seq: number): { readonly calls: PluginCall[]; readonly last: number };
}

/**
 * The newest calls with the verdict of each. What was used is counted for good with each invocation; this is for
 * whoever writes a plugin and looks on, and lies in memory alone, after the scrubber.
 */
export function createCallLog(given: {
  readonly now: () => number;
  readonly scrubText: (text: string) => { readonly text: Scrubbed<string> };
}): CallLog {
  const clean = (text: string, most: number): string => given.scrubText(text).text.value.slice(0, most);
  const kept: { readonly pluginId: string; readonly projectId: string; readonly call: PluginCall }[] = [];
  // From a moment and not from nothing: whoever looked before a restart goes on behind it.
  let last = given.now();
  return {
    note(session, method, read, error) {
      last += 1;
      const call: PluginCall = {
        seq: last,
        at: given.now(),
        invocation: session.invocation,
        method: clean(method, 100),
        scope: read?.scope ?? null,
        // A query may hold anything.
        resource: read === null ? null : clean(read.resource.split(/[?#]/, 1)[0] ?? "", 300),
        verdict: verdictOf(error),
        detail: error === null ? null : clean(error instanceof Error ? error.message : "It broke.", 500),
        mend: mendOf(error),
      };
      kept.push({ pluginId: session.plugin.id, projectId: session.projectId, call });
      if (kept.length > KEPT) kept.shift();
    },
    after(pluginId, projectId, seq) {
      const calls = kept.filter(
        (one) => one.pluginId === pluginId && one.projectId === projectId && one.call.seq > seq,
      );
      return { calls: calls.map(({ call }) => call), last };
    },
  };
}

const VERDICTS: Readonly<Record<number, PluginCall["verdict"]>> = {
  [BROKER_ERRORS.denied]: "denied",
  [BROKER_ERRORS.needs_approval]: "needs_approval",
  [BROKER_ERRORS.budget]: "budget",
  [BROKER_ERRORS.expired]: "expired",
  [BROKER_ERRORS.unknown_method]: "invalid",
  [BROKER_ERRORS.invalid]: "invalid",
};

const verdictOf = (error: unknown): PluginCall["verdict"] =>
  error instanceof RpcError ? (VERDICTS[error.code] ?? "allowed") : "allowed";

function mendOf(error: unknown): string | null {
  const data = error instanceof RpcError ? error.data : null;
  return typeof data === "object" && data !== null && "mend" in data && typeof data.mend === "string"
    ? data.mend
    : null;
}
