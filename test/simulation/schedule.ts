import type { Clock } from "@prunella/kernel";
import type { Chance } from "./chance.ts";

/** One life of a process: when it has ended nothing of it goes on, and whoever waits for it hears so. */
export interface Life {
  readonly name: string;
  isOver: boolean;
  readonly over: Promise<void>;
  end(): void;
}

export function beginLife(name: string): Life {
  const { promise, resolve } = Promise.withResolvers<void>();
  const life: Life = {
    name,
    isOver: false,
    over: promise,
    end() {
      life.isOver = true;
      resolve();
    },
  };
  return life;
}

interface Pending {
  readonly life: Life;
  /** Not before this moment. */
  readonly at: number;
  readonly run: () => void;
}

/**
 * The one clock, and the one place that says what goes on next: whatever waits (a query, an answer, a
 * timer, a text between processes) waits here, and one of those that are due is chosen at a time. So the
 * order of promises is part of the seed.
 */
export interface Schedule {
  now(): number;
  clockOf(life: Life, isLate: () => number): Clock;
  /** Resolves when it is chosen, at least `ms` from now; never when its process has ended by then. */
  turn(life: Life, ms?: number): Promise<void>;
  /** Lets whatever was chosen go on until all of it waits again. */
  rest(): Promise<void>;
  /** Chooses one that is due; false when there is none. */
  choose(): boolean;
  advance(ms: number): void;
  /** How long until something is due; null when nothing waits. */
  untilNext(): number | null;
}

export function createSchedule(chance: Chance, start: number): Schedule {
  let now = start;
  let pending: Pending[] = [];

  function add(life: Life, ms: number, run: () => void): () => void {
    const one: Pending = { life, at: now + ms, run };
    pending.push(one);
    return () => {
      const at = pending.indexOf(one);
      if (at >= 0) pending.splice(at, 1);
    };
  }

  return {
    now: () => now,
    clockOf: (life, late) => ({ now: () => now, after: (ms, callback) => add(life, ms + late(), callback) }),
    turn: (life, ms = 0) => new Promise((resolve) => void add(life, ms, resolve)),
    // Nothing in here reaches the outside, so one turn of the loop is enough for any chain of promises.
    rest: () => new Promise((resolve) => setImmediate(resolve)),
    choose() {
      if (pending.some(({ life }) => life.isOver)) pending = pending.filter(({ life }) => !life.isOver);
      let due = 0;
      for (const one of pending) if (one.at <= now) due += 1;
      if (due === 0) return false;
      let nth = chance.between(1, due);
      const at = pending.findIndex((one) => one.at <= now && --nth === 0);
      const [chosen] = pending.splice(at, 1);
      chosen?.run();
      return true;
    },
    advance(ms) {
      now += ms;
    },
    untilNext() {
      let next: number | null = null;
      for (const { life, at } of pending) if (!life.isOver && (next === null || at < next)) next = at;
      return next === null ? null : Math.max(0, next - now);
    },
  };
}
