import { RestartPolicy } from "@prunella/contract";
import { createChance } from "./chance.ts";
import { createChannels } from "./channel.ts";
import type { Defect } from "./defects.ts";
import type { Rates } from "./engine.ts";
import type { Fault } from "./faults.ts";
import { createLamp } from "./lamp.ts";
import { createLaws } from "./laws.ts";
import { createAgents, createOperator, createOutsider, createPerson } from "./people.ts";
import { drawRates } from "./rates.ts";
import { createSchedule, beginLife } from "./schedule.ts";
import { startProcess, type Process } from "./process.ts";
import { START, type Store } from "./store.ts";
import { createSupervisor } from "./supervisor.ts";
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

const PROGRAMS: Readonly<Record<string, RestartPolicy>> = {
  api: RestartPolicy.parse({
    budget: { max: 3, window_ms: 20_000 },
    backoff: { base_ms: 500, max_ms: 2_000 },
    verify_ms: 3_000,
  }),
  bot: RestartPolicy.parse({
    budget: { max: 2, window_ms: 30_000 },
    backoff: { base_ms: 0, max_ms: 0 },
    debounce: { count: 2, window_ms: 10_000 },
    verify_ms: 1_000,
  }),
};

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
  const sentEvents: World["events"] = { sent: new Set(), answered: new Set() };
  const laws = createLaws(store, { policies, events: sentEvents, violated });
  const onRejection = (error: unknown) => violated(`a promise failed and nobody was there: ${String(error)}`);
  process.on("unhandledRejection", onRejection);
  let rates: Rates = drawRates(chance);
  const planned = LEAST_STEPS + chance.between(0, 15);
  const processes: Process[] = [];
  let events = 0;

  const world: World = {
    schedule,
    chance,
    laws,
    policies,
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
    eventId: () => (events += 1).toString(16).padStart(32, "0"),
    events: sentEvents,
  };

  const lamp = createLamp(world, "hall", defect?.looksByTouching === true);
  const places = ["a", "b", "c"].slice(0, chance.pick([1, 1, 2, 2, 3]));
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

  for (const [name, policy] of Object.entries(PROGRAMS))
    policies.set(`restart-${name}`, {
      target: `program:${name}`,
      budgets: [{ ...policy.budget, scope: "trigger" }],
      ceilings: [{ scope: "trigger", max: policy.ceiling }],
      debounce: policy.debounce,
    });
  const names = Object.keys(PROGRAMS);
  const supervisors = names.map((name) => createSupervisor(world, name, PROGRAMS[name] ?? RestartPolicy.parse({})));
  const [person, operator, outsider, agents] = [
    createPerson(world),
    createOperator(world, names),
    createOutsider(world),
    createAgents(world),
  ];
  const tiles = createTiles();
  const publisher = createPublisher(world, tiles);

  function pass(): void {
    const next = schedule.untilNext() ?? 1_000;
    const ms = chance.is(0.4)
      ? Math.min(next, 5_000)
      : chance.is(0.8)
        ? chance.between(1, 4_000)
        : chance.between(1, 40_000);
    schedule.advance(ms);
  }

  const deeds: readonly (readonly [number, () => Promise<unknown> | void])[] = [
    [40, () => chance.pick(supervisors).act()],
    [9, () => lamp.act()],
    [7, () => agents.act()],
    [7, () => person.act()],
    [4, () => operator.act()],
    [3, () => outsider.act()],
    [2, () => publisher.act()],
    [24, pass],
    [5, startDead],
    [
      2,
      () => {
        const one = chance.pick(processes);
        if (world.happens("crash_idle")) one.life.end();
      },
    ],
  ];
  const weight = deeds.reduce((sum, [share]) => sum + share, 0);
  function deed(): Promise<unknown> | void {
    let nth = chance.between(1, weight);
    for (const [share, act] of deeds) if ((nth -= share) <= 0) return act();
    return undefined;
  }

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
    if (violations.length === 0) await calmDown({ world, store, supervisors, startDead, tiles, publisher });
    laws.look();
  } finally {
    for (const { life } of processes) life.end();
    world.life.end();
    await schedule.rest();
    process.off("unhandledRejection", onRejection);
  }
  return { seed, steps, violations, reached, root: laws.root() };
}
