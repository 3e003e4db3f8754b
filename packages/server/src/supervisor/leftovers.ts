import type { Clock } from "@prunella/kernel";
import type { Process } from "../platform/processes.ts";
import { endAll } from "./ending.ts";
import type { Place } from "./place.ts";
import type { SupervisorEvent } from "./supervisor-event.ts";

/** What a crashed program had started gets at most so long to end: its restart waits for that. */
const CRASH_GRACE_MS = 10_000;

export interface LeftoverDeps {
  readonly place: Place;
  readonly clock: Clock;
  /** Aborted when nobody will wait any more. */
  readonly hurry: AbortSignal;
  readonly emit: (event: SupervisorEvent) => void;
}

export interface Leftovers {
  /** After a crash, before a restart: asks with TERM, then kills. */
  endAfterCrash(graceMs: number): Promise<void>;
  /** After a stop. `wasAsked`: they had the signal together with the program. */
  endAfterStop(wasAsked: boolean, deadline: number): Promise<void>;
  /** After a clean end nobody asked for it to be stopped: they are named and left. */
  tell(): Promise<void>;
}

/** What a program that has ended had started. */
export function createLeftovers({ place, clock, hurry, emit }: LeftoverDeps): Leftovers {
  const told = new Set<number>();

  async function end(signal: NodeJS.Signals | null, deadline: number): Promise<void> {
    const find = async () => (await place.leftBehind()).own;
    const { ended, left } = await endAll(find, { clock, signal, deadline, hurry });
    if (ended.length > 0) emit({ kind: "leftovers_ended", processes: named(ended) });
    if (left.length > 0) emit({ kind: "left", processes: named(left), why: "unstoppable" });
    const { strayed } = await place.leftBehind().catch(() => ({ strayed: [] }));
    tellOnce(strayed, "own_session");
  }

  function tellOnce(rows: readonly Process[], why: "own_session" | "clean_end"): void {
    const fresh = rows.filter(({ pid }) => !told.has(pid));
    for (const { pid } of fresh) told.add(pid);
    if (fresh.length > 0) emit({ kind: "left", processes: named(fresh), why });
  }

  return {
    endAfterCrash: (graceMs) => end("SIGTERM", clock.now() + Math.min(graceMs, CRASH_GRACE_MS)),
    endAfterStop: (wasAsked, deadline) => end(wasAsked ? null : "SIGTERM", deadline),
    async tell() {
      const { own, strayed } = await place.leftBehind().catch(() => ({ own: [], strayed: [] }));
      tellOnce([...own, ...strayed], "clean_end");
    },
  };
}

/** `python3 (pid 12)`. */
export const named = (rows: readonly Process[]): string[] => rows.map(({ name, pid }) => `${name} (pid ${pid})`);
