import { describe, expect, it } from "vitest";
import { nextRung, rungOf, type Tried } from "./ladder.ts";
import { PERMIT_LIFE_MS } from "./work.ts";

const tried = (given: Partial<Tried> = {}): Tried => ({
  rung: 0,
  state: "succeeded",
  verification: "watching",
  not_before: 1_000,
  ended_at: 2_000,
  ...given,
});
const next = (given: Partial<Tried>, length = 3) => nextRung(tried(given), length);

describe("the next rung of a ladder", () => {
  it("is the first where nothing was tried, and after whatever held", () => {
    expect(nextRung(undefined, 3)).toBe(0);
    expect(next({ rung: 2, verification: "held" })).toBe(0);
  });

  it("is the one above after what failed, did not help or was reported by nobody", () => {
    for (const failed of [{ state: "failed" }, { state: "abandoned" }, { verification: "ineffective" }] as const)
      expect([failed, next({ rung: 1, ...failed })]).toEqual([failed, 2]);
  });

  it("is the same while nobody knows, and the last again and again", () => {
    expect(next({ rung: 1 })).toBe(1);
    expect(next({ rung: 1, state: "running", ended_at: null })).toBe(1);
    expect(next({ rung: 2, state: "failed" })).toBe(2);
    expect(next({ rung: 0, state: "failed" }, 1)).toBe(0);
    expect(next({ rung: 5, state: "failed" })).toBe(2);
  });

  it("is the one above after a permit that nobody used in its time, and the same after one that was taken back", () => {
    const expired = (ended_at: number | null, not_before: number | null = 1_000) =>
      next({ rung: 0, state: "expired", verification: null, not_before, ended_at });
    expect(expired(1_000 + PERMIT_LIFE_MS - 1)).toBe(0);
    expect(expired(1_000 + PERMIT_LIFE_MS)).toBe(1);
    expect(expired(null)).toBe(0);
    expect(expired(PERMIT_LIFE_MS - 1, null)).toBe(0);
    expect(expired(PERMIT_LIFE_MS, null)).toBe(1);
  });

  it("is none where a ladder has none", () => {
    const rung = { action: "knock", args: {}, timeout_ms: 1 };
    expect(rungOf([rung], 0)).toEqual({ ...rung, at: 0 });
    expect(rungOf([rung], 1)).toBeNull();
    expect(rungOf([], 0)).toBeNull();
    expect(rungOf([rung], -1)).toBeNull();
  });
});
