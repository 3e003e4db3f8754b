import type { Actor, Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openLampHouse } from "../../../../test/lamp-house.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";

const ANNA: Actor = { kind: "person", id: "anna" };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ALL = { projectId: "default", triggerId: null, reason: "deploy" };

type House = Awaited<ReturnType<typeof openLampHouse>>;
/** Makes policy stand still; what lets it go again. */
type Stop = (house: House) => Promise<() => Promise<unknown>>;

const STOPS: [string, Stop][] = [
  [
    "a pause",
    async ({ kernel }) => {
      const { id } = await kernel.pauses.add({ ...ALL, until: null }, ANNA);
      return () => kernel.pauses.lift(id, ANNA);
    },
  ],
  [
    "the kill switch",
    async ({ kernel }) => {
      await kernel.switches.kill(true, ANNA);
      return () => kernel.switches.kill(false, ANNA);
    },
  ],
  [
    "maintenance",
    async ({ kernel, clock }) => {
      const [from, to] = [clock.now(), clock.now() + DAY].map((at) => new Date(at).toISOString());
      const window = { from: from ?? "", to: to ?? "" };
      const { id } = await kernel.maintenance.add({ projectId: null, target: null, window, reason: "bulbs" }, ANNA);
      return () => kernel.maintenance.end(id, ANNA);
    },
  ],
];

describe.each(ENGINES)("a permit that is taken back before its turn, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  /** The first remedy did not hold; the second is permitted and waits for a minute. */
  async function begin(more: Partial<Trigger> = {}) {
    const store = await open();
    const house = await openLampHouse(store.engine, {
      trigger: {
        backoff: { base_ms: MINUTE, max_ms: MINUTE },
        budgets: [{ scope: "trigger", max: 3, window_ms: DAY }],
        verify_ms: DAY,
        ...more,
      },
    });
    for (let times = more.debounce?.count ?? 1; times > 0; times -= 1) await house.fail();
    await house.light();
    house.clock.advance(500);
    expect(await house.fail()).toMatchObject({ state: "permitted", refusal: null });
    return {
      ...house,
      store,
      async later(ms: number) {
        house.clock.advance(ms);
        await house.settle();
      },
      /** What was permitted, in the order of time, and what people are asked. */
      async told() {
        const { attempts } = await house.kernel.attempts.list({ limit: 20 });
        const permitted = attempts.toReversed().filter(({ refusal }) => refusal === null);
        return [permitted.map(({ state }) => state), (await house.questions()).map(({ reason }) => reason)];
      },
      async [Symbol.asyncDispose]() {
        await house[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  }
  type Begun = Awaited<ReturnType<typeof begin>>;

  async function expectLitOnce(house: Begun): Promise<void> {
    await house.settle();
    expect(await house.told()).toEqual([["succeeded", "expired", "permitted"], []]);
    await house.later(MINUTE);
    await house.light();
    expect(await house.told()).toEqual([["succeeded", "expired", "succeeded"], []]);
    expect(house.lamps.switched("hall")).toBe(2);
    expect(await verifyRows(house.store.engine)).toEqual([]);
  }

  test.each(STOPS)("by %s is judged again when that is over, once, however long it was", async (_, stop) => {
    await using house = await begin();
    const release = await stop(house);
    await house.later(3 * HOUR);
    // Its own time has long passed, and nothing came of it.
    expect(await house.told()).toEqual([["succeeded", "expired"], []]);
    await release();
    await expectLitOnce(house);
  });

  test.each(STOPS)("by %s that is over in the same moment is judged again, once", async (_, stop) => {
    await using house = await begin();
    const release = await stop(house);
    await release();
    await expectLitOnce(house);
  });

  test("is judged by the failures that there were, also when the debounce window is long over", async () => {
    await using house = await begin({ debounce: { count: 2, window_ms: MINUTE } });
    const release = await (STOPS[0]?.[1] ?? expect.fail())(house);
    await house.later(3 * HOUR);
    await release();
    await expectLitOnce(house);
  });

  test("by a pause that ends by itself is judged again then, though nothing more comes in", async () => {
    await using house = await begin();
    await house.kernel.pauses.add({ ...ALL, until: house.clock.now() + HOUR }, ANNA);
    await house.settle();
    expect(await house.newest()).toMatchObject({ refusal: "paused" });
    house.clock.advance(HOUR);
    await expectLitOnce(house);
  });
});
