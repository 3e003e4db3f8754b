import type { Condition, Trigger } from "@prunella/contract";
import type { Named } from "./deltas.ts";
import type { Said } from "./past.ts";

/** As far back as any of a policy looks at what came in. */
export const lookBackMs = (policy: readonly Trigger[]): number =>
  Math.max(60_000, ...policy.flatMap(({ debounce, condition }) => [debounce.window_ms, ...spans(condition)]));

function spans(condition: Condition): number[] {
  const inner = [...(condition.all ?? []), ...(condition.any ?? []), ...(condition.not ? [condition.not] : [])];
  return [condition.count?.within_ms ?? 0, condition.for_ms ?? 0, ...inner.flatMap(spans)];
}

interface State {
  isResolved: boolean;
  isNextOnly: boolean;
  since: number;
}

/** Whether faults stand resolved, as people and recoveries said it. */
export function statesOf(names: readonly Named[]) {
  const states = new Map<string, State>();
  for (const { fault } of names)
    if (fault.resolvedAt !== null && !states.has(fault.rootId))
      states.set(fault.rootId, { isResolved: false, isNextOnly: fault.isNextOnly, since: fault.resolvedAt });
  return {
    say({ faultId, isResolved, isNextOnly, at }: Extract<Said, { kind: "status" }>): void {
      states.set(faultId, { isResolved, isNextOnly, since: at });
    },
    isResolved: (rootId: string): boolean => states.get(rootId)?.isResolved ?? false,
    /** Whether an event brings its fault back. */
    cameIn({ fault, release }: Named, at: number, knownSince: number): boolean {
      const state = states.get(fault.rootId);
      if (!state?.isResolved || at <= state.since) return false;
      if (state.isNextOnly && (release === "" || knownSince <= state.since)) return false;
      state.isResolved = false;
      return true;
    },
  };
}
