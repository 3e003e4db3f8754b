import { createKeeper } from "./keeper.ts";
import { createAgents, createOperator, createOutsider, createPerson } from "./people.ts";
import { PROGRAMS } from "./supervisor.ts";
import type { Actor, World } from "./world.ts";

/** What is done next in the world: somebody acts, time passes, or a process ends or is started again. */
export function createDeeds(
  world: World,
  given: {
    readonly supervisors: readonly Actor[];
    readonly lamp: Actor;
    readonly publisher: Actor;
    readonly startDead: () => void;
  },
): () => Promise<void> | void {
  const { chance, schedule } = world;
  const [person, operator, outsider, agents, keeper] = [
    createPerson(world),
    createOperator(world, Object.keys(PROGRAMS)),
    createOutsider(world),
    createAgents(world),
    createKeeper(world),
  ];

  /** To whatever is due next, a moment, or long enough for a lease to end. */
  function pass(): void {
    if (chance.is(0.4)) schedule.advance(Math.min(schedule.untilNext() ?? 1_000, 5_000));
    else schedule.advance(chance.between(1, chance.is(0.8) ? 4_000 : 40_000));
  }

  function crash(): void {
    const { life } = chance.pick(world.processes());
    if (world.happens("crash_idle")) life.end();
  }

  const deeds: readonly (readonly [share: number, act: () => Promise<void> | void])[] = [
    [40, () => chance.pick(given.supervisors).act()],
    [9, given.lamp.act],
    [7, agents.act],
    [7, person.act],
    [4, operator.act],
    [3, outsider.act],
    [5, keeper.act],
    [2, given.publisher.act],
    [24, pass],
    [5, given.startDead],
    [2, crash],
  ];
  const all = deeds.reduce((sum, [share]) => sum + share, 0);
  return () => {
    let nth = chance.between(1, all);
    for (const [share, act] of deeds) if ((nth -= share) <= 0) return act();
    return undefined;
  };
}
