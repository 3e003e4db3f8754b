import type { Condition, Level, Source } from "@prunella/contract";

/** What an event must say for a condition to hold, as far as one made-up event can. */
export interface Wanted {
  readonly source?: Source | undefined;
  readonly class?: string | undefined;
  readonly message?: string | undefined;
  readonly message_begins?: string | undefined;
  readonly fault?: string | undefined;
  readonly target?: string | undefined;
  readonly level?: Level | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
  readonly probe?: string | undefined;
  readonly heartbeat?: string | undefined;
  readonly is?: "new" | "regressed" | undefined;
  /** Of them. */
  readonly count: number;
}

/** Of alternatives the first is tried; what must not be is left to the condition to find. */
export function wantedBy({ all = [], any = [], not: _not, for_ms: _for, count, ...own }: Condition): Wanted {
  const parts = [...all, ...any.slice(0, 1)].map(wantedBy);
  return Object.assign({}, ...parts, own, {
    count: Math.max(1, count?.at_least ?? 1, ...parts.map((part) => part.count)),
  });
}
