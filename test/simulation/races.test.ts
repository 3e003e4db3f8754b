import { afterAll, beforeAll, expect, it } from "vitest";
import { DEFECTS } from "./defects.ts";
import { RACES } from "./races.ts";
import { runRace } from "./run-races.ts";
import { openStore, type Store } from "./store.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

it.each(Object.keys(RACES))("%s, in 30 orders", { timeout: 120_000 }, async (race) => {
  expect((await runRace(store, { race, count: 30, seed: 1 })).violations).toEqual([]);
});

it.each([
  ["two that see one condition begin one attempt", DEFECTS["a ceiling off by one"]],
  ["the last unit of a budget is used once", DEFECTS["a budget off by one"]],
])("a race finds what is wrong: %s", { timeout: 120_000 }, async (race, defect) => {
  expect((await runRace(store, { race, count: 100, seed: 1, defect })).violations).not.toEqual([]);
});
