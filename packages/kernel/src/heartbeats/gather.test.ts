import { expect, it } from "vitest";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { createGather } from "./gather.ts";

function begin() {
  const clock = testClock();
  const rounds: number[][] = [];
  const gather = createGather(clock, (given: readonly number[]) => {
    rounds.push([...given]);
    return given.map(async (one) => (one === 13 ? Promise.reject(new Error("unlucky")) : one));
  });
  return { clock, rounds, gather };
}

it("carries out at once what comes alone", async () => {
  const { gather, rounds } = begin();
  expect([await gather(1), await gather(2)]).toEqual([1, 2]);
  expect(rounds).toEqual([[1], [2]]);
});

it("carries out together what comes together, and each hears its own end", async () => {
  const { gather, rounds } = begin();
  const ends = await Promise.allSettled([gather(1), gather(13), gather(3)]);
  expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(rounds).toEqual([[1, 13, 3]]);
});

it("takes ten rounds a second however much comes in, and loses nothing", async () => {
  const { clock, gather, rounds } = begin();
  const ends: Promise<number>[] = [];
  for (let ms = 0; ms < 10_000; ms += 5) {
    ends.push(gather(ms));
    await Promise.resolve();
    clock.advance(5);
    await Promise.resolve();
  }
  clock.advance(100);
  expect(await Promise.all(ends)).toHaveLength(2_000);
  expect(rounds.flat()).toEqual(Array.from({ length: 2_000 }, (_, at) => at * 5));
  // Ten at first, then one each tenth of a second.
  expect(rounds.length).toBeLessThanOrEqual(10 + 100 + 1);
});

it("goes on when its clock is set back", async () => {
  const { clock, gather } = begin();
  for (let at = 0; at < 10; at += 1) await gather(at);
  const late = gather(10);
  clock.advance(-3_600_000);
  const later = gather(11);
  await Promise.resolve();
  clock.advance(3_600_000);
  expect(await Promise.all([late, later])).toEqual([10, 11]);
});
