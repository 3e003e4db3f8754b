import { expect, it } from "vitest";
import { newTurn, openTurn, type Side } from "./writer-turn.ts";

const aTurn = () => {
  const memory = newTurn();
  return { memory, main: openTurn(memory, "main"), other: openTurn(memory, "other") };
};
const soon = () => new Promise((resolve) => setImmediate(resolve));

it("has one holder, and a full queue of one side starves nobody", async () => {
  const { main, other } = aTurn();
  const held: Side[] = [];
  let holders = 0;
  const write = async (side: Side, times: number) => {
    const turn = side === "main" ? main : other;
    for (let at = 0; at < times; at += 1) {
      await turn.take();
      expect([(holders += 1), turn.isMine]).toEqual([1, true]);
      held.push(side);
      await soon();
      holders -= 1;
      turn.release();
    }
  };
  await Promise.all([write("other", 60), write("main", 60)]);
  // Both always have more to write: whoever had it last lets the other one go first.
  const rows = held.slice(0, 100).map((side, at) => side === held[at + 1] && side === held[at + 2]);
  expect(rows.filter(Boolean)).toHaveLength(0);
  expect(held).toHaveLength(120);
});

it("is not kept for one that waits and is busy with something else", async () => {
  const { memory, main } = aTurn();
  // As a thread leaves it that wants to write and is held up by a long piece of work.
  new Int32Array(memory)[3] = 1;
  for (let at = 0; at < 3; at += 1) {
    await main.take();
    main.release();
  }
  expect(main.isMine).toBe(false);
});

it("goes back when its holder has ended, and no wish of a dead one is left", async () => {
  const { memory, main, other } = aTurn();
  await other.take();
  let isTaken = false;
  const taking = main.take().then(() => (isTaken = true));
  await soon();
  expect(isTaken).toBe(false);
  main.forfeit("other");
  await taking;
  main.release();
  expect([...new Int32Array(memory)]).toEqual([0, 1, 0, 0]);
  // What another side has is not given back with it.
  await main.take();
  main.forfeit("other");
  expect(new Int32Array(memory)[0]).toBe(1);
});
