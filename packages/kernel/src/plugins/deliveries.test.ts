import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import type { Taken } from "./handing.ts";
import type { KeptDelivery } from "./kept-deliveries.ts";

const DAY = 86_400_000;
const TOKEN = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");

describe.each(ENGINES)("what was delivered, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const taken: KeptDelivery[] = [];
    let answer: Taken = "taken";
    const start = () =>
      openKernel(store.engine, clock, undefined, undefined, undefined, {
        takeUp: async (kept) => {
          taken.push(kept);
          return answer;
        },
      });
    let kernel = await start();
    return {
      clock,
      taken,
      get kernel() {
        return kernel;
      },
      answer: (next: Taken) => void (answer = next),
      note: (id: string, told: unknown = { says: id }) => kernel.plugins.deliveries.note("default", { id, told }, DAY),
      waiting: async () =>
        (await store.engine.reader.selectFrom("work").selectAll().where("kind", "=", "delivery").execute()).length,
      /** The next server of the same folder; what the last one had in memory is gone. */
      async restart() {
        await kernel.close();
        kernel = await start();
        await kernel.settle();
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("goes on once with the next server where the one that noted it had not dealt with it, scrubbed", async () => {
    await using all = await begin();
    expect(await all.note("a", { says: `use ${TOKEN}` })).toBe(true);
    expect(await all.note("a")).toBe(false);
    expect(await all.waiting()).toBe(1);
    await all.restart();
    await expect
      .poll(() => all.taken)
      .toEqual([{ projectId: "default", id: "a", told: { says: expect.stringContaining("use [REDACTED") } }]);
    await expect.poll(all.waiting).toBe(0);
    await all.restart();
    expect(all.taken).toHaveLength(1);
    expect(await all.note("a")).toBe(false);
  });

  test("is kept by nobody where it is dealt with, or where nothing is to be done about it", async () => {
    await using all = await begin();
    await all.note("a");
    await all.kernel.plugins.deliveries.settle("default", "a", "taken");
    await all.note("b", null);
    expect(await all.waiting()).toBe(0);
    await all.restart();
    expect(all.taken).toEqual([]);
  });

  test("is anybody's at once where its server ends in good order, and is given up the third time", async () => {
    await using all = await begin();
    await all.note("a");
    all.answer("not_taken");
    await all.kernel.plugins.deliveries.settle("default", "a", "given_back");
    await all.kernel.settle();
    await expect.poll(() => all.taken.length).toBe(1);
    for (let nth = 0; nth < 4; nth += 1) {
      all.clock.advance(DAY / 24);
      await all.kernel.settle();
    }
    await expect.poll(async () => (await all.kernel.settle(), all.waiting())).toBe(0);
    expect(all.taken).toHaveLength(3);
  });
});
