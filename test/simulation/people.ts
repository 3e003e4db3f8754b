import { anEvent } from "../kernel-fixture.ts";
import { PORCH } from "./lamp.ts";
import { oneAtATime, type Actor, type World } from "./world.ts";

/** Who decides: at once, late, twice or never. */
export function createPerson(world: World): Actor {
  const { chance, schedule } = world;
  const plans = new Map<string, { at: number; times: number }>();

  return oneAtATime(async () => {
    const answer = await world.ask((kernel) => kernel.escalations.list("open"));
    if (answer.kind !== "answer") return;
    for (const { id, options } of answer.value.escalations) {
      let plan = plans.get(id);
      if (!plan) {
        const times = world.happens("person_never") ? 0 : world.happens("person_twice") ? 2 : 1;
        const late = world.happens("person_late") ? chance.between(10_000, 120_000) : 0;
        plan = { at: schedule.now() + late, times };
        plans.set(id, plan);
      }
      if (schedule.now() < plan.at || plan.times === 0) continue;
      for (; plan.times > 0; plan.times -= 1)
        await world.ask((kernel) => kernel.escalations.decide(id, chance.pick(options).name));
    }
  });
}

/** Who pulls the switch, and starts, stops and restarts by hand. */
export function createOperator(world: World, names: readonly string[]): Actor {
  const { chance } = world;
  let isKilled = false;
  return oneAtATime(async () => {
    if (isKilled || chance.is(0.2)) {
      const on = !isKilled;
      const answer = await world.ask((kernel) => kernel.switches.kill(on));
      if (answer.kind === "answer") isKilled = on;
      return;
    }
    const action = chance.pick(["restart", "restart", "start", "stop"] as const);
    const name = chance.pick(names);
    await world.ask((kernel) => kernel.act("default", name, action, { kind: "person", id: "operator" }));
  });
}

const TWICE = "caf\u00e9";
/** Targets that look like another one, or are another one's with something beside it. */
const LOOK_ALIKES = [
  "lamp:h\u0430ll",
  "program:api",
  "program:api ",
  "program:\u0430pi",
  `lamp:${TWICE}`,
  `lamp:${TWICE.normalize("NFD")}`,
  "prunella:server",
];

/** Nothing that is kept may hold it. */
export const SECRET = ["swordfish", "1a2b3c4d"].join("-");

/** Whoever knows the public key sends what it likes. */
export function createOutsider(world: World): Actor {
  const { chance, schedule } = world;
  return oneAtATime(async () => {
    const id = world.eventId();
    world.events.sent.add(id);
    const event = anEvent({
      id,
      at: schedule.now(),
      level: "fatal",
      target: chance.pick(LOOK_ALIKES),
      message: `password=${SECRET}`,
    });
    const answer = await world.ask((kernel) => kernel.report("default", [event]));
    if (answer.kind === "answer") world.events.answered.add(id);
  });
}

/** Two callers from outside that share one grant, and now and then ask at the same moment. */
export function createAgents(world: World): Actor {
  const policy = {
    target: PORCH,
    budgets: [{ scope: "target" as const, max: 2, window_ms: 20_000 }],
    ceilings: [{ scope: "target" as const, max: 1 }],
    debounce: { count: 1, window_ms: 1 },
  };
  let key: string | null = null;
  let grants = 0;
  const ask = (held: string) => (target: string) =>
    world.ask((kernel) => kernel.callers.ask(held, { action: "switch_on", target, args: {} }));
  return oneAtATime(async () => {
    if (key === null) {
      const { budgets, ceilings } = policy;
      grants += 1;
      const id = `agents-${grants}`;
      world.policies.set(id, policy);
      const grant = { id, project_id: "default", actions: ["switch_on"], targets: [PORCH], budgets, ceilings };
      const answer = await world.ask((kernel) => kernel.callers.add({ ...grant, expires_at: null }));
      if (answer.kind === "answer") key = answer.value.key;
      return;
    }
    const targets = world.happens("agents_at_once") ? [PORCH, PORCH, "lamp:hall"] : [PORCH];
    await Promise.all(targets.map(ask(key)));
  });
}
