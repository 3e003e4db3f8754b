import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFECTS, inFacts } from "./defects.ts";
import { FAULT_NAMES } from "./faults.ts";
import { LEAST_STEPS, play } from "./play.ts";
import { playSeeds } from "./seeds.ts";
import { openStore, type Store } from "./store.ts";

function* from(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed += 1) yield seed;
}

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

describe("the kernel, whatever happens to its store, its processes and whom it speaks with", () => {
  it("keeps its laws after each step of 300 seeds, in which every fault happened", { timeout: 300_000 }, async () => {
    const played = await playSeeds(store, from(1, 300));
    expect(played.failures).toEqual([]);
    expect(played.seeds).toBe(300);
    expect(played.steps).toBeGreaterThanOrEqual(300 * LEAST_STEPS);
    expect(FAULT_NAMES.filter((fault) => !played.reached.includes(fault))).toEqual([]);
  });

  it("comes to the same ledger with the same seed, and to another one with another", async () => {
    const [one, again, other] = [await play(store, 77), await play(store, 77), await play(store, 78)];
    expect(again).toEqual(one);
    expect(other.root).not.toBe(one.root);
  });
});

describe("the simulation", () => {
  it("says so when the same seed leads to another ledger", async () => {
    let processes = 0;
    const defect = {
      // Fences still count up, so no other law is broken.
      tampering: () => {
        processes += 1;
        return { rows: inFacts("fence", (row) => [{ ...row, n: Number(row["n"]) + processes }]) };
      },
    };
    // Not each seed comes to an attempt, whose fence it is that differs.
    const { failures } = await playSeeds(store, [100, 200, 300, 400], { defect });
    const found = failures.flatMap(({ violations }) => violations);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found)).toEqual(new Set(["the same seed led to another ledger"]));
  });

  it.each(Object.entries(DEFECTS))(
    "finds %s within 1,000 seeds, and its shortest prefix fails again",
    { timeout: 300_000 },
    async (_, defect) => {
      const { failures } = await playSeeds(store, from(1, 1_000), { defect, isFirstEnough: true });
      const [found] = failures;
      if (!found) throw new Error("it was not found");
      const again = await play(store, found.seed, defect, found.steps);
      expect(again.violations).toEqual(found.violations);
      if (found.steps > 0) expect((await play(store, found.seed, defect, found.steps - 1)).violations).toEqual([]);
      expect((await play(store, found.seed)).violations).toEqual([]);
    },
  );
});
