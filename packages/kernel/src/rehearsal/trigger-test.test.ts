import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { lampTrigger, openLampHouse } from "../../../../test/lamp-house.ts";

const MINUTE = 60_000;
const OF = { projectId: "default", triggerId: "light-hall" };

describe.each(ENGINES)("testing a trigger, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(given: Parameters<typeof lampTrigger>[1] = {}) {
    const store = await open();
    const house = await openLampHouse(store.engine, { trigger: { remedies: [], ...given } });
    const begun = house.clock.now();
    return {
      ...house,
      store,
      test: (since: number | null = begun - 1) => house.kernel.rehearsals.test({ ...OF, since }),
      async [Symbol.asyncDispose]() {
        await house[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("says when its condition held, for what and how often, as the digest counted it", async () => {
    await using all = await begin({ condition: { source: "probe", level: "error" } });
    const { clock, kernel } = all;
    const begun = clock.now();
    await all.fail("hall");
    clock.advance(MINUTE);
    await all.fail("attic");
    clock.advance(MINUTE);
    await all.fail("hall", { level: "warning" });
    // Anyone could have sent it: it is not even looked at.
    await all.fail("hall", { trust: "public" });
    clock.advance(MINUTE);
    const fault = (await all.fail("hall"))?.fault_id ?? null;
    clock.advance(MINUTE);
    const before = await kernel.ledger.head();
    const found = await all.test();
    const [hour] = (await kernel.triggers.show(OF.projectId, OF.triggerId)).hours;
    expect([found.looked, found.held]).toEqual([hour?.evaluated, hour?.held]);
    expect(found).toMatchObject({
      trigger_id: "light-hall",
      deltas: 5,
      looked: 4,
      held: 3,
      targets: [
        { target: "lamp:hall", held: 2, events: 2, first_at: begun, last_at: begun + 3 * MINUTE },
        { target: "lamp:attic", held: 1, events: 1, first_at: begun + MINUTE, last_at: begun + MINUTE },
      ],
      gate: { fires: 0, refusals: { detect_only: 3 } },
    });
    expect(found.moments.map(({ at, target }) => [(at - begun) / MINUTE, target])).toEqual([
      [3, "lamp:hall"],
      [1, "lamp:attic"],
      [0, "lamp:hall"],
    ]);
    expect(found.moments[0]?.fault_id).toBe(fault);
    expect((await all.test(begun + 2 * MINUTE)).held).toBe(1);
    expect(await kernel.ledger.head()).toEqual(before);
  });

  test("waits where the condition does: what was not bad for so long did not hold", async () => {
    await using all = await begin({ condition: { target: "lamp:hall", for_ms: 5 * MINUTE } });
    const begun = all.clock.now();
    await all.fail();
    all.clock.advance(MINUTE);
    await all.fail();
    all.clock.advance(3 * MINUTE);
    expect(await all.test()).toMatchObject({ looked: 2, held: 0, moments: [], targets: [] });
    all.clock.advance(MINUTE);
    expect(await all.test()).toMatchObject({ held: 1, moments: [{ at: begun + 5 * MINUTE }] });
  });

  test("is refused for what is not there, for a time that has not come, and beside another", async () => {
    await using all = await begin();
    const { rehearsals } = all.kernel;
    await expect(rehearsals.test({ ...OF, triggerId: "light-cellar", since: null })).rejects.toThrow(
      "has no trigger light-cellar",
    );
    await expect(all.test(all.clock.now() + 1)).rejects.toThrow("a moment of the past");
    const first = all.test();
    await expect(all.test()).rejects.toThrow("one at a time");
    expect(() => rehearsals.start({ policy: [], against: null, since: 1, project: null })).toThrow("one at a time");
    expect(await first).toMatchObject({ held: 0, looked: 0 });
    expect(await all.test(null)).toMatchObject({ since: all.clock.now() - 7 * 24 * 60 * MINUTE });
  });
});
