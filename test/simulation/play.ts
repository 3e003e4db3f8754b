import { createChance } from "./chance.ts";
import { createChannels } from "./channel.ts";
import type { Defect } from "./defects.ts";
import type { Rates } from "./engine.ts";
import type { Fault } from "./faults.ts";
import { createLamp } from "./lamp.ts";
import { createLaws } from "./laws.ts";
import { createDeeds } from "./deeds.ts";
import { drawRates } from "./rates.ts";
import { createSchedule, beginLife } from "./schedule.ts";
import { startProcess, type Process } from "./process.ts";
import { START, type Store } from "./store.ts";
import { superviseAll } from "./supervisor.ts";
import { createPublisher, createTiles } from "./tiles.ts";
import { calmDown } from "./calm.ts";
import type { World } from "./world.ts";

export interface Played {
  readonly seed: number;
  readonly steps: number;
  /** What was broken first, and all that came with it. */
  readonly violations: readonly string[];
  readonly reached: ReadonlySet<Fault>;
  readonly root: string;
}

/** Each seed does so many things at least. */
export const LEAST_STEPS = 60;

/**
 * Plays one seed: `limit` steps of the world around one to three processes, then everything calms down
 * and whatever is due has to come to its end. Stops at the first law that is broken.
 */
export async function play(
  store: Store,
  seed: number,
  defect?: Defect,
  limit = Number.POSITIVE_INFINITY,
): Promise<Played> {
  store.reset();
  const chance = createChance(seed);
  const schedule = createSchedule(chance, START);
  const violations: string[] = [];
  const reached = new Set<Fault>();
  const policies: World["policies"] = new Map();
  const violated = (what: string) => void violations.push(what);
  const windows: World["windows"] = new Map();
  const events: World["events"] = { sent: new Set(), answered: new Set() };
  const laws = createLaws(store, { policies, events, violated, windows });
  const onRejection = (error: unknown) => violated(`a promise failed and nobody was there: ${String(error)}`);
  process.on("unhandledRejection", onRejection);
  let rates: Rates = drawRates(chance);
  const planned = LEAST_STEPS + chance.between(0, 15);
  const processes: Process[] = [];
  let eventIds = 0;

  const world: World = {
    schedule,
    chance,
    laws,
    policies,
    windows,
    life: beginLife("world"),
    violated,
    reached: (fault) => void reached.add(fault),
    happens(fault) {
      const isIt = chance.is(rates[fault] ?? 0);
      if (isIt) reached.add(fault);
      return isIt;
    },
    processes: () => processes,
    async ask(ask) {
      const up = processes.filter((one) => one.isUp);
      return up.length === 0 ? { kind: "lost" } : chance.pick(up).call(ask);
    },
    eventId: () => (eventIds += 1).toString(16).padStart(32, "0"),
    events,
  };

  const lamp = createLamp(world, "hall", defect?.looksByTouching === true);
  const places = ["a", "b", "c"].slice(0, chance.pick([1, 1, 2, 2, 3]));
  const tiles = createTiles();
  const channel = places.length > 1 ? createChannels(schedule, () => world.happens("notice_lost")) : null;
  const begin = (place: string) =>
    startProcess(place, {
      store,
      schedule,
      chance,
      rates: () => rates,
      reached: world.reached,
      channel,
      remedies: (life) => [lamp.remedy(life)],
      violated,
      tampering: defect?.tampering?.() ?? {},
    });
  for (const place of places) processes.push(begin(place));
  const startDead = () => {
    for (const [at, { life }] of processes.entries()) if (life.isOver) processes[at] = begin(life.name);
  };

  const publisher = createPublisher(world, tiles);
  const supervisors = superviseAll(world);
  const deed = createDeeds(world, { supervisors, lamp, publisher, startDead });

  let steps = 0;
  try {
    while (violations.length === 0) {
      await schedule.rest();
      laws.look();
      if (!chance.is(0.06) && schedule.choose()) continue;
      // Also a run that is cut short goes on until it would have done the next thing: up to there it is the same.
      if (steps >= Math.min(planned, limit)) break;
      steps += 1;
      void deed();
    }
    rates = {};
    if (violations.length === 0) await calmDown({ world, store, startDead, tiles, publisher });
    laws.look();
  } finally {
    for (const { life } of processes) life.end();
    world.life.end();
    await schedule.rest();
    process.off("unhandledRejection", onRejection);
  }
  return { seed, steps, violations, reached, root: laws.root() };
}
