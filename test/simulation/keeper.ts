import { hash } from "node:crypto";
import { OPERATOR } from "@prunella/kernel";
import { oneAtATime, type Actor, type World } from "./world.ts";

const TRIGGERS = ["switch-hall", "restart-api", "restart-bot"];
const TARGETS = ["lamp:hall", "program:api", "program:bot", null];

/** Who tells policy to stand still, works on things and widens budgets, and lifts again what they remember. */
export function createKeeper(world: World): Actor {
  const { chance, schedule } = world;
  const [pauses, windows]: [string[], string[]] = [[], []];

  async function pause(): Promise<void> {
    const until = chance.is(0.5) ? schedule.now() + chance.between(1_000, 30_000) : null;
    const triggerId = chance.pick([...TRIGGERS, null]);
    const reason = chance.pick(["painters", "a new roof"]);
    const answer = await world.ask((kernel) =>
      kernel.pauses.add({ projectId: "default", triggerId, reason, until }, OPERATOR),
    );
    if (answer.kind === "answer") pauses.push(answer.value.id);
  }

  async function workOn(): Promise<void> {
    const from = schedule.now() + chance.between(-5_000, 5_000);
    const to = from + chance.between(6_000, 40_000);
    const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    world.windows.set(hash("sha256", JSON.stringify(window), "hex"), { from, to });
    const given = {
      projectId: chance.pick(["default", null]),
      target: chance.pick(TARGETS),
      window,
      reason: "painters",
    };
    const answer = await world.ask((kernel) => kernel.maintenance.add(given, OPERATOR));
    if (answer.kind === "answer") windows.push(answer.value.id);
  }

  const widen = () =>
    world.ask((kernel) =>
      kernel.pauses.override(
        {
          projectId: "default",
          triggerId: chance.pick(TRIGGERS),
          extra: chance.between(1, 2),
          forMs: chance.between(1_000, 60_000),
          reason: "new bulbs",
        },
        OPERATOR,
      ),
    );

  return oneAtATime(async () => {
    const [paused, window] = [pauses.at(-1), windows.at(-1)];
    if (paused !== undefined && chance.is(0.4)) {
      pauses.pop();
      await world.ask((kernel) => kernel.pauses.lift(paused, OPERATOR));
    } else if (window !== undefined && chance.is(0.4)) {
      windows.pop();
      await world.ask((kernel) => kernel.maintenance.end(window, OPERATOR));
    } else if (world.happens("policy_paused")) await pause();
    else if (world.happens("target_worked_on")) await workOn();
    else if (world.happens("budget_widened")) await widen();
  });
}
