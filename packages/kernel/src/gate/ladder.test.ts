import { AT_ALL_TIMES, type Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { Permit } from "./permit.ts";
import type { Remedy } from "./remedy.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";

const TARGET = "lamp:hall";
const TIMEOUT_MS = 5_000;

const trigger = (given: Partial<Trigger> = {}): Trigger => ({
  id: "light",
  project_id: "default",
  condition: { target: TARGET, level: "error" },
  target: null,
  remedies: ["knock", "switch_bulb", "rewire"].map((action) => ({ action, args: {}, timeout_ms: TIMEOUT_MS })),
  debounce: { count: 2, window_ms: 60_000 },
  budgets: [{ scope: "trigger", max: 5, window_ms: 3_600_000 }],
  ceilings: [{ scope: "trigger", max: 1 }],
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 2_000,
  envelope: {
    enabled: true,
    actions: ["knock", "switch_bulb", "rewire"],
    targets: [TARGET],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  ...AT_ALL_TIMES,
  version: 1,
  ...given,
});

describe.each(ENGINES)("a ladder of remedies, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** What each remedy does: it could not be done, it changes nothing, it helps, or it never comes back. */
  type Effect = "fails" | "no_use" | "helps" | "hangs";

  async function begin(effects: Record<string, Effect>, given: Partial<Trigger> = {}) {
    const store = await open();
    const clock = testClock();
    const done: string[] = [];
    const released = Promise.withResolvers<void>();
    let isOn = false;
    let settled = Promise.resolve();
    const remedy = (name: string): Remedy => ({
      ...createLamps().remedy,
      name,
      observe: async () => ({ isReachable: true, isHealthy: isOn, staysDown: false, args: {} }),
      async act(permit) {
        done.push(Permit.use(permit).action);
        if (effects[name] === "hangs") await released.promise;
        if (effects[name] === "helps") isOn = true;
        return effects[name] !== "fails";
      },
      verify: async () => (isOn ? "healthy" : "unhealthy"),
    });
    const remedies = ["knock", "switch_bulb", "rewire"].map(remedy);
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, { remedies });
    await kernel.triggers.register(trigger(given));
    return {
      kernel,
      engine: store.engine,
      done,
      goOut: () => void (isOn = false),
      async fail(times = 1) {
        for (let at = 0; at < times; at += 1)
          await kernel.report("default", [aCrash(TARGET, { source: "webhook", level: "error", at: clock.now() })]);
        settled = kernel.settle();
        if (!Object.values(effects).includes("hangs")) await settled;
      },
      advance: (ms: number) => clock.advance(ms),
      async later(ms: number) {
        clock.advance(ms);
        await kernel.settle();
      },
      questions: async () =>
        (await kernel.escalations.list("open")).escalations.map(({ asker, reason }) => [asker, reason]),
      release: () => released.resolve(),
      async [Symbol.asyncDispose]() {
        released.resolve();
        await settled;
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("asks for the next when one could not be done, without another failure, and after the last a person", async () => {
    await using all = await begin({ knock: "fails", switch_bulb: "fails", rewire: "fails" });
    await all.fail();
    expect(all.done).toEqual([]);
    await all.fail();
    expect(all.done).toEqual(["knock", "switch_bulb", "rewire"]);
    expect(await all.questions()).toEqual([["rewire", "ineffective"]]);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("asks for the next when one did not help, also when the debounce window is long over", async () => {
    await using all = await begin({ knock: "no_use", switch_bulb: "helps", rewire: "fails" }, { verify_ms: 120_000 });
    await all.fail(2);
    expect(all.done).toEqual(["knock"]);
    await all.later(120_000);
    expect(all.done).toEqual(["knock", "switch_bulb"]);
    await all.later(120_000);
    expect((await all.kernel.attempts.list({ limit: 1 })).attempts).toMatchObject([{ verification: "held" }]);
    expect(await all.questions()).toEqual([]);
  });

  test("asks for the next when one ran over its own time, and what it says later changes nothing", async () => {
    await using all = await begin({ knock: "hangs", switch_bulb: "helps", rewire: "helps" });
    await all.fail(2);
    await expect.poll(() => all.done, { timeout: 20_000 }).toEqual(["knock"]);
    all.advance(TIMEOUT_MS - 1);
    all.advance(1);
    await expect.poll(() => all.done, { timeout: 20_000 }).toEqual(["knock", "switch_bulb"]);
    all.release();
    await all.kernel.settle();
    const { attempts } = await all.kernel.attempts.list({ limit: 5 });
    expect(attempts.flatMap(({ action, state }) => (state === "refused" ? [] : [[action, state]]))).toEqual([
      ["switch_bulb", "succeeded"],
      ["knock", "abandoned"],
    ]);
    expect(await verifyRows(all.engine)).toEqual([]);
  });

  test("begins anew after something held", async () => {
    await using all = await begin({ knock: "no_use", switch_bulb: "helps", rewire: "fails" });
    await all.fail(2);
    await all.later(2_000);
    await all.later(2_000);
    all.goOut();
    await all.fail(2);
    expect(all.done).toEqual(["knock", "switch_bulb", "knock"]);
  });

  test("stops at its budget, wherever on the ladder that is, and asks a person", async () => {
    const budgets = [{ scope: "trigger" as const, max: 2, window_ms: 3_600_000 }];
    await using all = await begin({ knock: "fails", switch_bulb: "fails", rewire: "helps" }, { budgets });
    await all.fail(2);
    expect(all.done).toEqual(["knock", "switch_bulb"]);
    expect(await all.questions()).toEqual([["rewire", "budget_exhausted"]]);
  });

  test("asks for nothing more when its envelope was switched off in the middle", async () => {
    await using all = await begin({ knock: "no_use", switch_bulb: "helps", rewire: "helps" });
    await all.fail(2);
    const { envelope } = trigger();
    await all.kernel.triggers.register(trigger({ envelope: { ...envelope, enabled: false } }));
    await all.later(2_000);
    expect(all.done).toEqual(["knock"]);
  });

  test.each(["maintenance", "quiet"] as const)(
    "keeps its rung and asks nobody when a window of %s opened before its turn came",
    async (name) => {
      // It is eight o'clock; the second rung has to wait for a minute.
      const windows = { maintenance: [], quiet: [], [name]: [{ from: "08:01", to: "09:00", zone: "UTC" }] };
      const given = { windows, backoff: { base_ms: 60_000, max_ms: 60_000 } };
      await using all = await begin({ knock: "no_use", switch_bulb: "helps", rewire: "fails" }, given);
      await all.fail(2);
      await all.later(2_000);
      await all.later(60_000);
      const { attempts } = await all.kernel.attempts.list({ limit: 2 });
      expect(attempts).toMatchObject([
        { refusal: "outside_window" },
        { action: "switch_bulb", state: "expired", verification: null },
      ]);
      expect([all.done, await all.questions()]).toEqual([["knock"], []]);
      await all.later(3_600_000 - 62_000);
      await all.later(60_000);
      expect([all.done, await all.questions()]).toEqual([["knock", "switch_bulb"], []]);
      await all.later(2_000);
      expect((await all.kernel.attempts.list({ limit: 1 })).attempts).toMatchObject([{ verification: "held" }]);
      expect(await verifyRows(all.engine)).toEqual([]);
    },
  );
});
