import { describe, expect, it } from "vitest";
import type { Engine } from "../store/engine.ts";
import { aLamp } from "./facts-fixture.ts";
import { lastStormOf, lookAtPeers, stormUntil } from "./storm.ts";

const STORM = { over: "trigger", min_healthy: 2, cooldown_ms: 1_000 } as const;
const until = (now: number, healthy: number, last: Parameters<typeof stormUntil>[3], target = "lamp:hall") =>
  stormUntil(now, target, STORM, last, { healthy, bad: [] });

describe("a storm", () => {
  it("begins when fewer are well than should be, and lasts for its cooldown", () => {
    expect(until(5_000, 1, null)).toBe(6_000);
    expect(until(5_000, 2, null)).toBeNull();
    expect(until(5_000, 3, null)).toBeNull();
  });

  it("that is on goes on to its end, whoever is well by then", () => {
    expect(until(4_999, 9, { until: 5_000, bad: [] })).toBe(5_000);
    expect(until(5_000, 9, { until: 5_000, bad: [] })).toBeNull();
  });

  it("lets those that were bad when it began be helped for as long again, and no others", () => {
    const last = { until: 5_000, bad: ["lamp:hall"] };
    expect(until(5_000, 0, last)).toBeNull();
    expect(until(5_999, 0, last)).toBeNull();
    expect(until(6_000, 0, last)).toBe(7_000);
    expect(until(5_000, 0, last, "lamp:attic")).toBe(6_000);
  });

  it("is read back as it was written", () => {
    expect(lastStormOf(undefined)).toBeNull();
    expect(lastStormOf({ n: 5, said: '["lamp:hall"]' })).toEqual({ until: 5, bad: ["lamp:hall"] });
  });

  it("counts as not well what is ill, what is not there, and what cannot be looked at", async () => {
    const remedy = aLamp({
      async observe(_project, target) {
        if (target === "lamp:gone") return null;
        if (target === "lamp:hidden") throw new Error("nobody may look");
        return { isReachable: true, isHealthy: target === "lamp:well", staysDown: false, args: {} };
      },
    });
    const db = {} as Engine["reader"];
    expect(await lookAtPeers(remedy, db, "default", ["lamp:well", "lamp:ill", "lamp:gone", "lamp:hidden"])).toEqual({
      healthy: 1,
      bad: ["lamp:ill", "lamp:gone", "lamp:hidden"],
    });
    expect(await lookAtPeers(remedy, db, "default", [])).toEqual({ healthy: 0, bad: [] });
  });
});
