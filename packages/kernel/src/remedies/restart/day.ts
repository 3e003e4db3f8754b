import type { Day, DaySlot } from "@prunella/contract";

const DAY_MS = 24 * 60 * 60 * 1000;
const SLOT_MS = 30 * 60 * 1000;
const SLOTS = DAY_MS / SLOT_MS;

export type ProgramState = DaySlot["state"];

/** From `at` on it was `state`. A crash is one that is down from its moment on. */
export interface Change {
  readonly at: number;
  readonly state: ProgramState;
  readonly crashes?: number;
}

export const dayBegins = (now: number): number => now - DAY_MS;

/** Worst first: what a person must not overlook in half an hour. */
const WORST: readonly ProgramState[] = ["waiting", "stopped", "running", "gone"];

/** What it was before the first thing that is known of the day. */
const BEFORE: Readonly<Record<ProgramState, ProgramState>> = {
  running: "waiting",
  waiting: "running",
  stopped: "running",
  gone: "running",
};

/**
 * The last 24 hours of a program, put together from what the database says of its runs, crashes and
 * attempts. `bornAt` is the beginning of its first run that is known: before it nobody watched.
 */
export function dayOf(
  now: number,
  current: { readonly state: ProgramState; readonly since: number },
  changes: readonly Change[],
  bornAt: number,
): Day {
  const from = dayBegins(now);
  const known = changes
    .filter(({ at }) => at > from && at <= now && at < current.since)
    .toSorted((one, other) => one.at - other.at);
  const all: Change[] = [...known, ...(current.since > from ? [{ at: current.since, state: current.state }] : [])];
  const first = all[0];
  const before = first === undefined ? current.state : BEFORE[first.state];
  const stretches = [{ at: from, state: bornAt > from ? ("gone" as const) : before }, ...all];
  const slots: DaySlot[] = Array.from({ length: SLOTS }, () => ({ state: "gone", crashes: 0 }));
  let upMs = 0;
  for (const [index, { at, state }] of stretches.entries()) {
    const until = stretches[index + 1]?.at ?? now;
    if (state === "running") upMs += Math.max(0, until - at);
    for (let slot = slotOf(at, from); slot <= slotOf(Math.max(at, until - 1), from); slot += 1) {
      const had = slots[slot];
      if (had && WORST.indexOf(state) < WORST.indexOf(had.state)) slots[slot] = { ...had, state };
    }
  }
  let crashes = 0;
  for (const { at, crashes: more = 0 } of changes) {
    if (at <= from || at > now) continue;
    crashes += more;
    const slot = slots[slotOf(at, from)];
    if (slot) slots[slotOf(at, from)] = { ...slot, crashes: slot.crashes + more };
  }
  return { slot_ms: SLOT_MS, slots, up_ms: upMs, crashes };
}

const slotOf = (at: number, from: number): number =>
  Math.min(SLOTS - 1, Math.max(0, Math.floor((at - from) / SLOT_MS)));
