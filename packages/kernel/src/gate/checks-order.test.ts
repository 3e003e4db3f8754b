import { describe, expect, it } from "vitest";
import { firstRefusal, widened } from "./checks.ts";
import { SWITCH, PUBLIC, STORM, envelope, pause, budget, storming } from "./checks-fixture.ts";
import type { Facts } from "./facts.ts";
import { aCase, aLamp, anEnvelope, aTrigger, HALL, NOW, seen } from "./facts-fixture.ts";

describe("what is refused", () => {
  const refusal = (facts: Facts) => firstRefusal(facts) ?? { passesAt: null, isExpected: false, isAsMeant: false };
  const kept = (facts: Facts) => {
    const { isExpected, isAsMeant } = refusal(facts);
    return [isExpected, isAsMeant];
  };

  it("passes by itself when all that holds it does, and else nobody can say when", () => {
    const passes = (facts: Facts) => refusal(facts).passesAt;
    expect(passes(aCase({ pauses: [pause("a", true, NOW + 1), pause("b", true, NOW + 9)] }))).toBe(NOW + 9);
    expect(passes(aCase({ pauses: [pause("a", true, NOW + 1), pause("b", true, null)] }))).toBeNull();
    expect(passes(aCase({ maintenanceUntil: NOW + 5, quietUntil: NOW + 9 }))).toBe(NOW + 5);
    expect(passes(aCase({ quietUntil: NOW + 9 }))).toBe(NOW + 9);
    expect(passes(aCase(storming(0, [HALL])))).toBe(NOW + STORM.cooldown_ms);
    expect(passes(aCase(storming(0, [HALL], { until: NOW + 7, bad: [] })))).toBe(NOW + 7);
    expect(passes(aCase({ isKilled: true }))).toBeNull();
  });

  it("asks nobody where somebody knows and sees to it, and is meant where its trigger or envelope is not to act", () => {
    expect(kept(aCase({ maintenanceUntil: NOW + 5 }))).toEqual([true, false]);
    expect(kept(aCase({ quietUntil: NOW + 5 }))).toEqual([false, false]);
    expect(kept(aCase(storming(0, [HALL])))).toEqual([true, false]);
    expect(kept(aCase({ trigger: aTrigger({ mode: "dry_run" }) }))).toEqual([true, true]);
    const at = (stage: "observe" | "propose" | "approve") => kept(aCase({ governing: anEnvelope([SWITCH]), stage }));
    expect([at("observe"), at("propose"), at("approve")]).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
    expect(kept(aCase({ action: null, remedy: null, rung: null }))).toEqual([false, true]);
    for (const facts of [
      aCase({ isKilled: true }),
      aCase({ isAsked: true }),
      aCase({ budgets: [budget("trigger", 3)] }),
      aCase({ evidence: seen({ isHealthy: true }) }),
    ])
      expect(kept(facts)).toEqual([false, false]);
  });

  it("is what the first check says that fails, in the one order", () => {
    const wrong = {
      trigger: aTrigger({
        mode: "dry_run",
        debounce: { count: 2, window_ms: 60_000 },
        envelope: { ...envelope, targets: ["lamp:attic"] },
      }),
      action: "paint",
      remedy: null,
      request: { cause: PUBLIC, approvedUntil: NOW - 1 },
      isKilled: true,
      lacks: "fly",
      maintenanceUntil: NOW + 1,
      recentFailures: 1,
      budgets: [budget("trigger", 3)],
      evidence: seen({ isHealthy: true }),
      isAsked: true,
      governing: anEnvelope([SWITCH]),
      stage: "observe",
    } as const;
    const mends: readonly Parameters<typeof aCase>[0][] = [
      { action: "switch_on", remedy: aLamp() },
      { request: { approvedUntil: NOW - 1 } },
      { isKilled: false },
      { lacks: null },
      { trigger: aTrigger({ mode: "dry_run", debounce: { count: 2, window_ms: 60_000 } }) },
      { maintenanceUntil: null },
      { recentFailures: 2 },
      { budgets: [] },
      { evidence: seen() },
      { isAsked: false },
      { request: {} },
      { trigger: aTrigger() },
      { stage: "auto" },
    ];
    let given: Parameters<typeof aCase>[0] = wrong;
    const order = mends.map((mend) => {
      const refused = firstRefusal(aCase(given));
      given = { ...given, ...mend };
      return refused?.refusal;
    });
    expect(order).toEqual([
      "unknown_remedy",
      "untrusted_source",
      "killed",
      "fly_token_unset",
      "target_id_invalid",
      "outside_window",
      "debounced",
      "budget_exhausted",
      "target_already_healthy",
      "awaiting_approval",
      "approval_expired",
      "dry_run",
      "observed",
    ]);
    expect(firstRefusal(aCase(given))).toBeNull();
  });

  it("counts as gone beyond a budget only where an override does that", () => {
    const used = [
      budget("trigger", 3),
      budget("target", 3),
      budget("trigger", 2),
      budget("project", 3),
      budget("global", 3),
    ];
    expect(widened({ override: null, budgets: used })).toEqual([]);
    expect(widened({ override: { id: "o", auditLogId: 1 }, budgets: used })).toEqual(used.slice(0, 2));
  });
});
