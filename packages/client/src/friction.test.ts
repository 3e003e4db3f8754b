import { describe, expect, it } from "vitest";
import {
  clearFriction,
  FRICTION,
  type FrictionKind,
  type FrictionMemory,
  isFrictionKind,
  noteFriction,
} from "./friction.ts";

const MINUTE = 60_000;

function times(count: number, kind: FrictionKind, gapMs = 1000): boolean[] {
  const memory: FrictionMemory = new Map();
  return Array.from({ length: count }, (_, index) => noteFriction(memory, kind, "upload", index * gapMs));
}

describe("friction", () => {
  it("reports a retry loop at the fifth equal retry and not at the fourth", () => {
    expect(times(4, "retry_loop")).toEqual([false, false, false, false]);
    expect(times(5, "retry_loop").at(-1)).toBe(true);
  });

  it("reports a rate limit loop at the third wait and not at the second, however long the waits are", () => {
    expect(times(2, "rate_limit_loop", 60 * MINUTE)).toEqual([false, false]);
    expect(times(3, "rate_limit_loop", 60 * MINUTE)).toEqual([false, false, true]);
  });

  it("reports a gate at its third no in a row and not at the second", () => {
    expect(times(3, "gate_failure")).toEqual([false, false, true]);
  });

  it("forgets retries that are ten minutes old", () => {
    expect(times(8, "retry_loop", 2.5 * MINUTE)).not.toContain(true);
    expect(times(5, "retry_loop", 2.49 * MINUTE)).toContain(true);
  });

  it("counts different keys and kinds apart", () => {
    const memory: FrictionMemory = new Map();
    for (let i = 0; i < 4; i++) {
      expect(noteFriction(memory, "retry_loop", "a", i)).toBe(false);
      expect(noteFriction(memory, "retry_loop", "b", i)).toBe(false);
    }
    expect(noteFriction(memory, "rate_limit_loop", "a", 5)).toBe(false);
    expect(noteFriction(memory, "retry_loop", "a", 6)).toBe(true);
  });

  it("reports one loop once, until a success ends it", () => {
    const memory: FrictionMemory = new Map();
    const run = () =>
      Array.from({ length: 20 }, (_, at) => noteFriction(memory, "gate_failure", "tests", at)).filter(Boolean);
    expect(run()).toEqual([true]);
    clearFriction(memory, "tests");
    expect(run()).toEqual([true]);
  });

  it("starts anew after a success", () => {
    const memory: FrictionMemory = new Map();
    noteFriction(memory, "rate_limit_loop", "api", 1);
    noteFriction(memory, "rate_limit_loop", "api", 2);
    clearFriction(memory, "api");
    expect(noteFriction(memory, "rate_limit_loop", "api", 3)).toBe(false);
  });

  it("keeps a bounded memory, however many keys come", () => {
    const memory: FrictionMemory = new Map();
    for (let i = 0; i < 5000; i++) noteFriction(memory, "retry_loop", `key ${i}`, i);
    expect(memory.size).toBeLessThanOrEqual(256);
  });

  it("knows its kinds and nothing from the prototype", () => {
    expect(Object.keys(FRICTION).every(isFrictionKind)).toBe(true);
    expect(isFrictionKind("toString")).toBe(false);
  });
});
