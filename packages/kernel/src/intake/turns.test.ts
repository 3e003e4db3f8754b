import { expect, it } from "vitest";
import { createTurns } from "./turns.ts";

it("lets others in after each slice, however many pieces came at once, and keeps their order", async () => {
  let now = 0;
  const done: string[] = [];
  const turns = createTurns({
    clock: { now: () => now },
    nextTurn: async () => void done.push("others"),
    mustWait: () => false,
  });
  const piece = (name: string, ms: number) =>
    turns.run(() => {
      now += ms;
      done.push(name);
    });
  await Promise.all([piece("a", 2), piece("b", 2), piece("c", 2), piece("d", 30), piece("e", 1)]);
  expect(done).toEqual(["a", "b", "c", "others", "d", "others", "e"]);
});

it("goes on after a piece that throws", async () => {
  const turns = createTurns({ clock: { now: () => 0 }, nextTurn: async () => undefined, mustWait: () => false });
  const broken = turns.run(() => {
    throw new Error("broken");
  });
  await expect(broken).rejects.toThrow("broken");
  expect(await turns.run(() => 7)).toBe(7);
});

it("waits for as long as others wait behind a batch that is being written", async () => {
  let turns = 0;
  const pieces = createTurns({
    clock: { now: () => 0 },
    nextTurn: async () => void (turns += 1),
    mustWait: () => turns < 3,
  });
  expect(await pieces.run(() => turns)).toBe(3);
});
