import type { Condition } from "@prunella/contract";
import { expect, test } from "vitest";
import { judge, judgeCounted, keysOf, keysOfEvent, type Seen } from "./condition.ts";

const SEEN: Seen = {
  fault_id: "f1",
  root_id: "f2",
  source: "sentry",
  target: "program:shop",
  level: "error",
  environment: "production",
  release: "shop@1",
  origin: "",
  error_class: "TypeError",
  template: "cannot read <value>",
  isNew: true,
  isRegressed: false,
};

const HOLDS: Condition[] = [
  { source: "sentry" },
  { target: "program:shop", level: "warning" },
  { fault: "f1" },
  { fault: "f2" },
  { class: "TypeError", message: "cannot read <value>", release: "shop@1", environment: "production" },
  { is: "new" },
  { not: { is: "regressed" } },
  { any: [{ level: "fatal" }, { class: "TypeError" }] },
  { all: [{ level: "error" }, { not: { any: [{ environment: "staging" }, { source: "crash" }] } }] },
  { source: "sentry", not: { class: "RangeError" } },
];
const HOLDS_NOT: Condition[] = [
  { source: "crash" },
  { target: "program:sh\u043ep" },
  { target: "program:shop ", level: "warning" },
  { level: "fatal" },
  { fault: "f3" },
  { class: "typeerror" },
  { probe: "" },
  { probe: "web" },
  { is: "regressed" },
  { not: { source: "sentry" } },
  { any: [{ level: "fatal" }, { class: "RangeError" }] },
  { all: [{ level: "error" }, { class: "RangeError" }] },
  { class: "TypeError", all: [{ level: "fatal" }] },
];

test.each(HOLDS)("%j holds", (condition) => expect(judge(condition, SEEN)).toBe(true));
test.each(HOLDS_NOT)("%j does not hold", (condition) => expect(judge(condition, SEEN)).toBe(false));

test("probes and heartbeats are known by their name and by where it came in", () => {
  const probe: Seen = { ...SEEN, source: "probe", origin: "web" };
  expect([{ probe: "web" }, { probe: "web2" }, { heartbeat: "web" }].map((one) => judge(one, probe))).toEqual([
    true,
    false,
    false,
  ]);
});

test("whatever holds for an event is found by one of the event's keys", () => {
  const keys = new Set(keysOfEvent(SEEN));
  for (const condition of HOLDS) {
    const wanted = keysOf(condition);
    if (wanted !== null) expect(wanted.keys.some((key) => keys.has(key))).toBe(true);
  }
});

test("a condition stands under the most telling of what it must find", () => {
  expect(keysOf({ source: "sentry", level: "error", target: "program:shop" })?.keys).toEqual(["target program:shop"]);
  expect(keysOf({ level: "error", all: [{ class: "E" }] })?.keys).toEqual(["class E"]);
  expect(keysOf({ any: [{ class: "E" }, { target: "a:b", level: "error" }] })?.keys).toEqual(["class E", "target a:b"]);
  expect(keysOf({ any: [{ class: "E" }, { not: { class: "F" } }], source: "sentry" })?.keys).toEqual(["source sentry"]);
  expect(keysOf({ not: { class: "E" } })).toBeNull();
});

test("counts are looked up only where they decide", async () => {
  const looks: number[] = [];
  const reached =
    (...enough: number[]) =>
    async ({ count }: { count: { at_least: number } }) => {
      looks.push(count.at_least);
      return enough.includes(count.at_least);
    };
  const count = (at_least: number) => ({ count: { at_least, within_ms: 1_000 } });
  expect(await judgeCounted({ class: "RangeError", ...count(1) }, SEEN, reached(1))).toBe(false);
  expect(await judgeCounted({ any: [{ class: "TypeError" }, count(2)] }, SEEN, reached())).toBe(true);
  expect(looks).toEqual([]);
  expect(await judgeCounted({ class: "TypeError", ...count(3) }, SEEN, reached(3))).toBe(true);
  expect(await judgeCounted({ class: "TypeError", ...count(3) }, SEEN, reached())).toBe(false);
  expect(await judgeCounted({ not: count(4) }, SEEN, reached())).toBe(true);
  expect(await judgeCounted({ not: count(4) }, SEEN, reached(4))).toBe(false);
  expect(await judgeCounted({ any: [count(5), count(6)] }, SEEN, reached(6))).toBe(true);
  expect(looks).toEqual([3, 3, 4, 4, 5, 6]);
});
