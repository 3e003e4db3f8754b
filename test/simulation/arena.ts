import type { Kernel } from "@prunella/kernel";
import { createChance, type Chance } from "./chance.ts";
import { createChannels } from "./channel.ts";
import type { Defect } from "./defects.ts";
import { startProcess, type Answer } from "./process.ts";
import { beginLife, createSchedule, type Schedule } from "./schedule.ts";
import { START, type Store } from "./store.ts";

type Ask<T> = (kernel: Kernel) => Promise<T>;

/** Two processes on one store without a fault, and whoever asks them; what goes on next is drawn. */
export interface Arena {
  readonly chance: Chance;
  readonly schedule: Schedule;
  readonly store: Store;
  /** A name that nobody had before. */
  name(): string;
  /** Asks one of the two; 0 and 1 are not the same one. */
  ask<T>(side: 0 | 1, ask: Ask<T>): Promise<Answer<T>>;
  /** Asks, and throws where it comes to nothing: what goes before a race is none of it. */
  surely<T>(ask: Ask<T>): Promise<T>;
  /** Begins each in its own moment, and ends when all have been answered and nothing is under way any more. */
  meet(all: readonly (() => Promise<Answer<unknown>>)[]): Promise<Answer<unknown>[]>;
  readonly violations: string[];
  end(): Promise<void>;
}

/** A race that comes to no end is wrong too. */
const MOST_TURNS = 20_000;

export async function openArena(store: Store, seed: number, defect?: Defect): Promise<Arena> {
  store.reset();
  const chance = createChance(seed);
  const schedule = createSchedule(chance, START);
  const channel = createChannels(schedule, () => false);
  const violations: string[] = [];
  const begin = (place: string) =>
    startProcess(place, {
      store,
      schedule,
      chance,
      rates: () => ({}),
      reached: () => undefined,
      channel,
      remedies: () => [],
      violated: (what) => void violations.push(what),
      tampering: defect?.tampering?.() ?? {},
    });
  const sides = [begin("a"), begin("b")] as const;
  const world = beginLife("world");
  let names = 0;

  /** Lets the world go on until a promise is kept; the clock moves only where nothing else can. */
  async function until<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => (isOver = true);
    promise.then(over, over);
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      await schedule.rest();
      if (isOver) return promise;
      if (!schedule.choose()) schedule.advance(schedule.untilNext() ?? 0);
    }
    throw new Error("what was asked came to no end");
  }

  /** Until nothing is due at this moment. */
  async function settle(): Promise<void> {
    do await schedule.rest();
    while (schedule.choose());
  }

  await until(
    (async () => {
      while (!sides.every(({ isUp }) => isUp)) await schedule.turn(world);
    })(),
  );

  return {
    chance,
    schedule,
    store,
    violations,
    name: () => `n${(names += 1)}`,
    ask: (side, ask) => sides[side].call(ask),
    async surely(ask) {
      const answer = await until(chance.pick(sides).call(ask));
      if (answer.kind !== "answer") throw new Error(`what goes before a race was ${answer.kind}`);
      await settle();
      return answer.value;
    },
    async meet(all) {
      const begun = all.map(async (one) => {
        for (let wait = chance.between(0, 30); wait > 0; wait -= 1) await schedule.turn(world);
        return one();
      });
      const answers = await until(Promise.all(begun));
      await settle();
      return answers;
    },
    async end() {
      for (const { life } of sides) life.end();
      world.end();
      await schedule.rest();
    },
  };
}
