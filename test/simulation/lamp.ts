import { hash } from "node:crypto";
import { Permit, type Remedy } from "@prunella/kernel";
import { AT_ALL_TIMES, Args, type Trigger } from "@prunella/contract";
import { aCrash } from "../kernel-fixture.ts";
import { isRecord } from "../json-schema.ts";
import type { Life } from "./schedule.ts";
import { oneAtATime, type Actor, type World } from "./world.ts";

const ACTION = "switch_on";
const COOLDOWN_MS = 3_000;

/** A lamp that a process of Prunella switches on itself: a remedy whose effect is in the kernel's own hands. */
export interface Lamp extends Actor {
  readonly remedy: (life: Life) => Remedy;
}

/** `looksByTouching`: a wrong remedy, that changes the target while it should only look. */
export function createLamp(world: World, name: string, looksByTouching: boolean): Lamp {
  const { chance, schedule } = world;
  const target = `lamp:${name}`;
  let isOn = true;
  let isRegistered = false;

  const trigger: Trigger = {
    id: `switch-${name}`,
    project_id: "default",
    condition: { target, level: "error" },
    target: null,
    remedies: [{ action: ACTION, args: {}, timeout_ms: 60_000 }],
    debounce: { count: 2, window_ms: 4_000 },
    budgets: [
      { scope: "trigger", max: 2, window_ms: 15_000 },
      { scope: "target", max: 5, window_ms: 90_000 },
    ],
    ceilings: [{ scope: "trigger", max: 1 }],
    backoff: { base_ms: 200, max_ms: 1_000 },
    verify_ms: 2_000,
    ...AT_ALL_TIMES,
    envelope: {
      enabled: true,
      actions: [ACTION],
      targets: [target],
      expected_symptoms: [],
      allow_public: false,
      excludes: [],
    },
    version: 1,
  };
  const variants = [false, true].flatMap((isDry) =>
    [false, true].map((isStormy) => ({
      isDry,
      cooldownMs: isStormy ? COOLDOWN_MS : 0,
      trigger: {
        ...trigger,
        mode: isDry ? ("dry_run" as const) : ("act" as const),
        storm: isStormy ? { over: "project" as const, min_healthy: 1, cooldown_ms: COOLDOWN_MS } : null,
      },
    })),
  );
  world.policies.set(trigger.id, {
    ...trigger,
    target,
    variants: new Map(variants.map((variant) => [digestOf({ ...variant.trigger, version: 0 }), variant])),
  });

  const remedy = (life: Life): Remedy => ({
    ...REMEDY,
    async observe(_, of) {
      if (of !== target && of !== PORCH) return null;
      if (looksByTouching && !isOn && of === target) {
        world.laws.effect(target, null);
        isOn = true;
      }
      return { isReachable: true, isHealthy: of === target && isOn, staysDown: false, args: {} };
    },
    async act(permit) {
      const { target: of, attemptId } = Permit.use(permit);
      if (world.happens("effect_slow")) await schedule.turn(life, chance.between(1, 90_000));
      world.laws.effect(of, attemptId);
      const isDone = !world.happens("effect_failed");
      if (isDone && of === target) isOn = true;
      return isDone;
    },
    verify: async (_, of) => (of !== target || isOn ? "healthy" : "unhealthy"),
  });

  return {
    remedy,
    ...oneAtATime(async () => {
      if (!isRegistered || chance.is(0.05)) {
        const [isDry, isStormy] = [world.happens("dry_run"), world.happens("storm")];
        const variant = variants.find((one) => one.isDry === isDry && one.cooldownMs > 0 === isStormy);
        const registered = await world.ask((kernel) => kernel.triggers.register(variant?.trigger ?? trigger));
        isRegistered = registered.kind === "answer";
        return;
      }
      // A drill acts never, counts nothing and asks nobody: every law holds as if there had been none.
      if (chance.is(0.03)) return void (await world.ask((kernel) => kernel.drills.run("default", trigger.id)));
      // Whoever may be believed speaks of another lamp now and then, whose name looks the same or begins so.
      const of = chance.is(0.2) ? chance.pick(LOOK_ALIKES) : target;
      if (of === target) isOn = false;
      const events = Array.from({ length: chance.between(1, 3) }, () =>
        aCrash(of, { id: world.eventId(), at: schedule.now(), source: "sentry", trust: "authenticated" }),
      );
      for (const { id } of events) world.events.sent.add(id);
      const answer = await world.ask((kernel) => kernel.report("default", events));
      if (answer.kind === "answer") for (const { id } of events) world.events.answered.add(id);
    }),
  };
}

/** Of the canonical JSON, with keys in order at every depth. */
const digestOf = (value: unknown): string => hash("sha256", canonical(value), "hex");
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join()}}`;
}

const LOOK_ALIKES = ["lamp:h\u0430ll", "lamp:hall ", "lamp:hall2", "LAMP:hall"];

/** Another lamp, that callers from outside ask for. */
export const PORCH = "lamp:porch";

const REMEDY = {
  name: ACTION,
  targetKinds: ["lamp"],
  args: Args,
  mayTouchHealthy: false,
  symptoms: [],
  choices: [
    { name: "switch_once", effect: "act", label: "Switch on once", promise: "It is switched on.", done: "is on" },
    { name: "leave_dark", effect: "leave", label: "Leave dark", promise: "It stays dark.", done: "stays dark" },
  ],
  defaultChoice: "leave_dark",
  leave: async () => undefined,
  words: {
    verb: "switch on",
    done: "switched on",
    name: (target: string) => target,
    question: (target: string) => `Switch ${target} on once more?`,
    missing: (target: string) => `There is no ${target}.`,
    healthy: (target: string) => `${target} is on.`,
    reach: "Hang one up.",
    settings: {},
  },
} as const satisfies Partial<Remedy>;
