/**
 * Friction: nothing crashed, but the program does not get on. These are the written thresholds; one
 * fewer never reports. Keys stay in memory (or, hashed, in the program's home) and are never sent.
 */
export const FRICTION = {
  /** Five equal retries within ten minutes. */
  retry_loop: { count: 5, withinMs: 600_000 },
  /** Three waits for one rate limit without a success in between; waits are long, so no window. */
  rate_limit_loop: { count: 3, withinMs: Number.POSITIVE_INFINITY },
  /** The same gate says no three times without a yes in between. */
  gate_failure: { count: 3, withinMs: Number.POSITIVE_INFINITY },
} as const;

export type FrictionKind = keyof typeof FRICTION;

export const isFrictionKind = (text: string): text is FrictionKind => Object.hasOwn(FRICTION, text);

/** Keys remembered at once; the least recently used goes first. */
const MAX_KEYS = 256;

/** Moments (epoch ms) by kind and key; an empty list means that this loop was reported. */
export type FrictionMemory = Map<string, readonly number[]>;

/** Notes one more at `at` (epoch ms). True when this is the one that reaches the threshold; once per key until it clears. */
export function noteFriction(memory: FrictionMemory, kind: FrictionKind, key: string, at: number): boolean {
  const name = `${kind} ${key}`;
  const before = memory.get(name);
  memory.delete(name);
  if (memory.size >= MAX_KEYS)
    for (const oldest of [...memory.keys()].slice(0, memory.size - MAX_KEYS + 1)) memory.delete(oldest);
  const { count, withinMs } = FRICTION[kind];
  if (before?.length === 0) {
    memory.set(name, before);
    return false;
  }
  const recent = [...(before ?? []).filter((each) => at - each < withinMs), at];
  const reached = recent.length >= count;
  memory.set(name, reached ? [] : recent);
  return reached;
}

/** It worked: counting starts anew. */
export function clearFriction(memory: FrictionMemory, key: string): void {
  for (const kind of Object.keys(FRICTION)) memory.delete(`${kind} ${key}`);
}
