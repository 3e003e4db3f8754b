import type { Condition } from "@prunella/contract";

/** What an event must say for a condition to hold, as far as one made-up event can; `count`: of them. */
export type Wanted = Omit<Condition, "all" | "any" | "not" | "for_ms" | "count"> & { readonly count: number };

/** Of alternatives the first is tried; what must not be is left to the condition to find. */
export function wantedBy({ all = [], any = [], not: _not, for_ms: _for, count, ...own }: Condition): Wanted {
  const parts = [...all, ...any.slice(0, 1)].map(wantedBy);
  return Object.assign({}, ...parts, own, {
    count: Math.max(1, count?.at_least ?? 1, ...parts.map((part) => part.count)),
  });
}
