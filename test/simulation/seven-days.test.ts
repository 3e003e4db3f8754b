import { FixEnvelope, RestartPolicy, SEEDS, WrittenTrigger, type SeedName } from "@prunella/contract";
import { readEntries, type Engine, type Kernel } from "@prunella/kernel";
import { describe, expect, it } from "vitest";
import { NO_HANDS } from "../../packages/kernel/src/envelopes/fixing-fixture.ts";
import { ENGINES } from "../engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../kernel-fixture.ts";
import { verifyRows } from "../ledger-rows.ts";
import { createChance, type Chance } from "./chance.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** While all is calm, and while a program is down: its supervisor asks at least so often, or counts as gone. */
const STEP = { calm: 30 * MINUTE, down: 3 * MINUTE };
const PROGRAMS = ["bus-a", "bus-b"] as const;
const AGENTS = ["agent-a", "agent-b"] as const;

/** One thing that goes wrong in the week; `cure` tells what ends it, or that nothing does before anybody is back. */
interface Trouble {
  readonly who: string;
  readonly at: number;
  readonly cure: "first_try" | "somebody_else" | "nobody";
}

/** Each subject fails on some days, with time enough between two troubles and before the end to come to rest. */
function drawTroubles(chance: Chance): Trouble[] {
  const week: Trouble[] = [];
  for (const who of [...PROGRAMS, ...AGENTS])
    for (let at = chance.between(1, 20) * HOUR; at < 7 * DAY - 14 * HOUR; at += chance.between(26, 60) * HOUR) {
      const isLast = at > 5 * DAY;
      const cure =
        isLast && chance.is(0.6) ? "nobody" : chance.pick<Trouble["cure"]>(["first_try", "first_try", "somebody_else"]);
      week.push({ who, at, cure });
      if (cure === "nobody") break;
    }
  return week.toSorted((a, b) => a.at - b.at);
}

const enabled = (name: SeedName, target: string) => {
  const written = SEEDS[name](target);
  return WrittenTrigger.parse({ ...written, project: "default", envelope: { ...written.envelope, enabled: true } });
};

/** Seven days in which nobody looks; gives back whom nothing had helped at their end. */
async function liveThrough(engine: Engine, seed: number) {
  const chance = createChance(seed);
  const clock = testClock();
  const begun = clock.now();
  const week = drawTroubles(chance);
  /** Who is ill now, and of what. */
  const ill = new Map<string, Trouble>();
  const woken = new Map<string, number[]>();

  const kernel = await openKernel(engine, clock, 5_000, seed, undefined, {
    fixing: {
      envelopes: () => [
        FixEnvelope.parse({
          probe: "agents",
          actions: AGENTS.map((name) => ({
            do: "wake",
            targets: [`agent:${name}`],
            command: ["wake", name],
            check: ["is-awake", name],
          })),
        }),
      ],
      switches: { isOn: () => true, setBy: () => "file", turn: () => undefined },
      hands: {
        ...NO_HANDS,
        pause: async (ms) => clock.advance(ms),
        async spawn({ command: [program, name = ""] }) {
          if (program === "wake") {
            woken.set(name, [...(woken.get(name) ?? []), clock.now()]);
            if (ill.get(name)?.cure === "first_try") ill.delete(name);
          }
          return { ok: true, code: program === "is-awake" && ill.has(name) ? 1 : 0, stdout: "" };
        },
      },
      timeout(ms) {
        const ending = new AbortController();
        clock.after(ms, () => ending.abort());
        return ending.signal;
      },
      fixes: [],
    },
  });
  const runs = new Map<string, string>();
  const announce = async (name: string): Promise<void> => {
    const policy = RestartPolicy.parse({ budget: { max: 2, window_ms: HOUR }, backoff: { base_ms: 0, max_ms: 0 } });
    const { runId } = await kernel.supervised.announce({ projectId: "default", name, pid: null, policy });
    runs.set(name, runId);
  };
  for (const name of PROGRAMS) await announce(name);
  await kernel.triggers.configure(
    [
      ...PROGRAMS.map((name) => enabled("seed-bus-bridge-import-failed", `program:${name}`)),
      ...AGENTS.map((name) => enabled("seed-agent-dormancy", `agent:${name}`)),
      enabled("seed-inbox-staleness", "service:inbox"),
    ].map((trigger, nth) => ({ ...trigger, id: `${trigger.id}-${nth}` })),
  );
  const keys = new Map<string, string>();
  for (const name of AGENTS) {
    const given = { target: `agent:${name}`, cron: null, time_zone: "UTC", grace: 10 * MINUTE, max_runtime: null };
    keys.set(name, (await kernel.heartbeats.add({ project: "default", name, every: HOUR, ...given })).key);
  }
  const heard = new Map<string, number>();
  const crash = (name: string) =>
    kernel.supervised.crash(runs.get(name) ?? "", () =>
      aCrash(name, {
        id: chance.bytes(16).reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), ""),
        at: clock.now(),
        errors: [{ ...FAILED_IMPORT, frames: [] }],
      }),
    );

  /** What its supervisor does until its program runs, or it is told to wait for a person. */
  async function supervise(name: string): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      await kernel.settle();
      const told = await askNext(kernel, clock, runs.get(name) ?? "");
      if (told.kind !== "restart") return;
      clock.advance(Math.max(0, told.not_before - clock.now()));
      await kernel.redeemer(told.permit_id, told.fence);
      await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", null);
      if (ill.get(name)?.cure === "first_try") ill.delete(name);
      if (!ill.has(name)) return;
      clock.advance(3_000);
      await crash(name);
    }
    throw new Error(`${name} was started again twenty times in a row`);
  }

  const isProgram = (name: string) => runs.has(name);
  while (clock.now() < begun + 7 * DAY) {
    for (const trouble of ill.values())
      if (trouble.cure === "somebody_else" && clock.now() > begun + trouble.at + 3 * HOUR) {
        ill.delete(trouble.who);
        if (isProgram(trouble.who)) await announce(trouble.who);
      }
    while (week[0] !== undefined && clock.now() >= begun + week[0].at) {
      const trouble = week.shift();
      if (trouble === undefined || ill.has(trouble.who)) continue;
      ill.set(trouble.who, trouble);
      if (isProgram(trouble.who)) await crash(trouble.who);
    }
    for (const name of PROGRAMS) if (ill.has(name)) await supervise(name);
    for (const name of AGENTS)
      if (!ill.has(name) && clock.now() - (heard.get(name) ?? 0) >= STEP.calm) {
        heard.set(name, clock.now());
        await kernel.heartbeats.hear(name, keys.get(name) ?? "", { kind: "ok" }, "");
      }
    if (chance.is(0.02)) await kernel.report("default", [staleInbox(clock.now())]);
    clock.advance(PROGRAMS.some((name) => ill.has(name)) ? STEP.down : STEP.calm);
    await kernel.heartbeats.settle();
    await kernel.settle();
  }
  return { kernel, begun, unresolved: [...ill.values()].filter(({ cure }) => cure === "nobody"), woken };
}

const FAILED_IMPORT = {
  type: "ImportError",
  value: "cannot import name 'bridge' from 'bus'",
  module: null,
  handled: false,
  mechanism: null,
};

const staleInbox = (at: number) =>
  anEvent({ at, source: "probe", trust: "local", target: "service:inbox", message: "the oldest letter is a day old" });

/** What a supervisor is told at once, or after its long poll came to nothing. */
async function askNext(kernel: Kernel, clock: ReturnType<typeof testClock>, run: string) {
  const asked = kernel.supervised.next(run, null);
  let isTold = false;
  void asked.then(() => (isTold = true));
  // The answer of a database needs real time; the long poll itself ends by the clock of the week.
  for (let turn = 0; turn < 50 && !isTold; turn += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  if (!isTold) clock.advance(26_000);
  return asked;
}

// A week is some thousand steps: on a database behind a socket it would take minutes, and say nothing more.
describe.each(ENGINES.filter(({ name }) => name === "sqlite"))("a week in which nobody looks", ({ open }) => {
  it.each([1, 2])("leaves exactly what nothing helped, once each, seed %i", { timeout: 120_000 }, async (seed) => {
    await using store = await open();
    const { begun, unresolved, woken, ...rest } = await liveThrough(store.engine, seed);
    await using kernel = rest.kernel;
    const { items } = await kernel.away.look({ since: begun, project: null, sees: null });
    const expected = unresolved.map(({ who }) => `${who.startsWith("bus") ? "program" : "agent"}:${who}`);
    expect([...new Set(items.map(({ target }) => target))].toSorted()).toEqual(expected.toSorted());
    expect(unresolved.length).toBeGreaterThan(0);
    for (const times of woken.values())
      for (const at of times)
        expect(times.filter((other) => other >= at && other < at + DAY).length).toBeLessThanOrEqual(2);
    const { escalations } = await kernel.escalations.list("open");
    const asked = escalations.map((one) => `${one.trigger_id} ${one.target}`);
    expect(new Set(asked).size).toBe(asked.length);
    for (const { audit_log_id: at } of items) {
      const [entry] = await readEntries(store.engine.reader, at, at + 1);
      expect(JSON.parse(entry?.entry ?? "{}")).toMatchObject({ type: "escalation_opened" });
    }
    expect(await verifyRows(store.engine)).toEqual([]);
  });
});
