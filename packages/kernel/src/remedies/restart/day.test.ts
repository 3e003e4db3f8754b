import { expect, test } from "vitest";
import { dayOf, type Change } from "./day.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 21, 8);
const ago = (hours: number): number => NOW - hours * HOUR;
const OLD = ago(100);
const states = (changes: Change[], current: Parameters<typeof dayOf>[1], born = OLD) =>
  dayOf(NOW, current, changes, born).slots.map((slot) => slot.state);

test("a day without a change is what it is now", () => {
  const day = dayOf(NOW, { state: "running", since: ago(50) }, [], OLD);
  expect(day).toMatchObject({ up_ms: 24 * HOUR, crashes: 0 });
  expect(new Set(day.slots.map(({ state }) => state))).toEqual(new Set(["running"]));
});

test("a crash that was answered shows in its half hour and costs its own time", () => {
  const crash: Change = { at: ago(10), state: "waiting", crashes: 1 };
  const day = dayOf(NOW, { state: "running", since: ago(10) + 3_000 }, [crash], OLD);
  expect(day.up_ms).toBe(24 * HOUR - 3_000);
  expect(day.slots[28]).toEqual({ state: "waiting", crashes: 1 });
  expect([day.slots[27]?.state, day.slots[29]?.state]).toEqual(["running", "running"]);
});

test("what a person stopped is no crash, and lasts until now", () => {
  const slots = states([], { state: "stopped", since: ago(6) });
  expect([slots[0], slots[35], slots[36], slots[47]]).toEqual(["running", "running", "stopped", "stopped"]);
});

test("before its first run nobody watched it", () => {
  const slots = states([{ at: ago(2), state: "running" }], { state: "running", since: ago(2) }, ago(2));
  expect([slots[0], slots[43], slots[44], slots[47]]).toEqual(["gone", "gone", "running", "running"]);
});

test("the end of one run and the beginning of the next leave a gap that nobody watched", () => {
  const changes: Change[] = [
    { at: ago(8), state: "gone" },
    { at: ago(4), state: "running" },
  ];
  const day = dayOf(NOW, { state: "running", since: ago(4) }, changes, OLD);
  expect(day.up_ms).toBe(20 * HOUR);
  expect([day.slots[31]?.state, day.slots[35]?.state, day.slots[40]?.state]).toEqual(["running", "gone", "running"]);
});

test("crashes of one half hour add up, and an older one does not count", () => {
  const changes: Change[] = [
    { at: ago(30), state: "waiting", crashes: 9 },
    { at: ago(1), state: "waiting", crashes: 1 },
    { at: ago(1) + 2_000, state: "waiting", crashes: 2 },
  ];
  const day = dayOf(NOW, { state: "waiting", since: ago(1) + 2_500 }, changes, OLD);
  expect(day.crashes).toBe(3);
  expect(day.slots[46]).toEqual({ state: "waiting", crashes: 3 });
});
