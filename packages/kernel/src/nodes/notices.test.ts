import { expect, test } from "vitest";
import { testClock } from "../../../../test/kernel-fixture.ts";
import type { Channel } from "../store/engine.ts";
import { createNotices } from "./notices.ts";

/** A line between processes that carries everything at once. */
function aLine() {
  const listeners = new Set<(text: string) => void>();
  const texts: string[] = [];
  const told: string[] = [];
  const clock = testClock();
  let isDown = false;
  const channel: Channel = {
    async send(text) {
      if (isDown) throw new Error("down");
      texts.push(text);
      listeners.forEach((listener) => listener(text));
    },
    listen(onText) {
      listeners.add(onText);
      return async () => void listeners.delete(onText);
    },
  };
  const open = (nodeId: string) =>
    createNotices({ channel, nodeId, clock, log: { info() {}, warn: (message) => void told.push(message) } });
  return {
    texts,
    told,
    open,
    clock,
    say: (text: string) => listeners.forEach((listener) => listener(text)),
    setDown: (down: boolean) => void (isDown = down),
    carry: async () => {
      clock.advance(20);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("one process hears what another one says, once, and its own at once", async () => {
  const line = aLine();
  const [a, b] = [line.open("a"), line.open("b")];
  const heard: Record<"a" | "b", string[]> = { a: [], b: [] };
  a.subscribe(({ topic, id }) => void heard.a.push(`${topic} ${id}`));
  b.subscribe(({ topic, id }) => void heard.b.push(`${topic} ${id}`));
  a.publish({ topic: "ledger", id: "head", version: 0 });
  a.publish({ topic: "ledger", id: "head", version: 0 });
  expect(heard).toEqual({ a: ["ledger head", "ledger head"], b: [] });
  await line.carry();
  expect(heard).toEqual({ a: ["ledger head", "ledger head"], b: ["ledger head"] });
  await a.close();
  await b.close();
});

test("no text is longer than the database takes, however long the ids are", async () => {
  const line = aLine();
  const [a, b] = [line.open("a"), line.open("b")];
  const ids = Array.from({ length: 300 }, (_, at) => `program:${at}-${"x".repeat(180)}`);
  const heard: string[] = [];
  b.subscribe(({ id }) => void heard.push(id));
  for (const id of ids) a.publish({ topic: "supervised", id, version: 0 });
  await line.carry();
  expect(heard).toEqual(ids);
  for (const text of line.texts) expect(Buffer.byteLength(text)).toBeLessThan(8_000);
  await a.close();
  await b.close();
});

test("a line that is down is told of once, and again when it goes down again", async () => {
  const line = aLine();
  const a = line.open("a");
  const say = async () => {
    a.publish({ topic: "faults", id: "", version: 0 });
    await line.carry();
  };
  line.setDown(true);
  await say();
  await say();
  expect(line.told).toHaveLength(1);
  line.setDown(false);
  await say();
  line.setDown(true);
  await say();
  expect(line.told).toHaveLength(2);
  await a.close();
});

test("what is no batch of notices is left alone", async () => {
  const line = aLine();
  const a = line.open("a");
  const heard: unknown[] = [];
  a.subscribe((notice) => void heard.push(notice));
  for (const text of [
    "",
    "{",
    "null",
    "[]",
    '{"node":"b"}',
    '{"node":"b","notices":[null,[],["faults"],["nothing","x",0]]}',
  ])
    line.say(text);
  expect(heard).toEqual([]);
  await a.close();
});
