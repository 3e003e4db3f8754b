import { setTimeout as after } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTimeLimit } from "./time-limit.ts";

test("stands still while a person is asked, however many are asked at once, and goes on after the last", async () => {
  const limit = createTimeLimit(200);
  limit.begins();
  limit.begins();
  await after(300);
  limit.ends();
  await after(300);
  expect(limit.signal.aborted).toBe(false);
  limit.ends();
  await expect.poll(() => limit.signal.aborted, { timeout: 10_000 }).toBe(true);
});

test("is over by itself where nobody is asked, and never once it was stopped", async () => {
  const limit = createTimeLimit(50);
  const stopped = createTimeLimit(50);
  stopped.stop();
  await expect.poll(() => limit.signal.aborted, { timeout: 10_000 }).toBe(true);
  expect(stopped.signal.aborted).toBe(false);
});
