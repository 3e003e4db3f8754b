import { describe, expect, it } from "vitest";
import type { Refused } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { aCase, aGrant, aTrigger, byGrant, byHand, seen } from "./facts-fixture.ts";
import { asksNobody, episodeOf, leavesItDown } from "./refusal.ts";

const refused = (refusal: Refused["refusal"], isExpected = false): Refused => ({
  refusal,
  detail: "",
  passesAt: null,
  isExpected,
  isAsMeant: false,
});
const leaves = (refusal: Refused["refusal"], given: Parameters<typeof aCase>[0] = {}, isExpected = false) =>
  leavesItDown(aCase(given), refused(refusal, isExpected));

describe("a person is asked where the ladder ends and the target is not well", () => {
  it("and nobody of what somebody knows, or what is nobody's failure", () => {
    for (const refusal of [
      "unknown_trigger",
      "detect_only",
      "self",
      "expected_symptom",
      "untrusted_source",
      "killed",
      "paused",
      "envelope_disabled",
      "target_already_healthy",
    ] as const) {
      expect([refusal, asksNobody(refused(refusal))]).toEqual([refusal, true]);
      expect([refusal, leaves(refusal)]).toEqual([refusal, false]);
    }
    expect(leaves("budget_exhausted", {}, true)).toBe(false);
  });

  it("for each refusal after which nothing comes by itself", () => {
    for (const refusal of [
      "budget_exhausted",
      "awaiting_approval",
      "proposed",
      "action_not_in_envelope",
      "target_id_invalid",
      "unknown_remedy",
      "target_not_found",
      "approval_expired",
    ] as const)
      expect([refusal, asksNobody(refused(refusal)), leaves(refusal)]).toEqual([refusal, false, true]);
  });

  it("but not where the next failure changes it, unless none will come", () => {
    for (const refusal of ["debounced", "ceiling_reached", "outside_window", "storm"] as const) {
      expect([refusal, leaves(refusal)]).toEqual([refusal, false]);
      expect([refusal, leaves(refusal, { evidence: seen({ staysDown: true }) })]).toEqual([refusal, true]);
    }
  });

  it("but not while something is at work on it", () => {
    const down = { evidence: seen({ staysDown: true }), activeOnTarget: 1 };
    expect(leaves("ceiling_reached", down)).toBe(false);
    expect(leaves("budget_exhausted", down)).toBe(true);
  });

  it("but not of what is well, or of what nobody knows, unless nothing could be done at all", () => {
    expect(leaves("budget_exhausted", { evidence: seen({ isHealthy: true, staysDown: true }) })).toBe(false);
    expect(leaves("budget_exhausted", { evidence: null })).toBe(false);
    expect(leaves("budget_exhausted", { evidence: { ...seen(), observation: null } })).toBe(false);
    expect(leaves("unknown_remedy", { evidence: null })).toBe(true);
  });

  it("but not for callers, who hear it themselves, or for what only tries", () => {
    expect(leaves("not_granted", { request: byGrant, trigger: null, grant: aGrant() })).toBe(false);
    const tries = aTrigger({ mode: "dry_run" });
    expect(leaves("budget_exhausted", { trigger: tries })).toBe(false);
    expect(leaves("budget_exhausted", { trigger: tries, request: byHand })).toBe(true);
    expect(leaves("budget_exhausted", { trigger: null })).toBe(true);
  });
});

describe("what a person is asked about", () => {
  const about = (given: Parameters<typeof aCase>[0] = {}): ReturnType<typeof episodeOf> => episodeOf(aCase(given));

  it("is what was refused, with what was seen", () => {
    expect(about({ request: { faultId: "f" }, evidence: seen({ args: { run: "r" } }) })).toEqual({
      projectId: "default",
      asker: "switch_on",
      triggerId: "light-hall",
      faultId: "f",
      target: "lamp:hall",
      cause: { source: "webhook", trust: "authenticated", level: "error" },
      args: { run: "r" },
      isByHand: false,
      requestedBy: null,
    });
  });

  it("is asked by nobody's name where there is no action, and knows no arguments where nobody looked", () => {
    expect(about({ action: null, evidence: null })).toMatchObject({ asker: "work", args: null });
    expect(about({ evidence: { ...seen(), observation: null } }).args).toBeNull();
  });

  it("is what it is now, and not what was approved", () => {
    const evidence = seen({ args: { run: "new" } });
    const facts: Facts = aCase({ request: { approved: { run: "old", level: 3 } }, evidence });
    expect(episodeOf(facts).args).toEqual({ run: "new" });
  });

  it("says who asked by hand, and whether an answer could do nothing", () => {
    expect(about({ request: byHand }).requestedBy).toEqual({ kind: "person", id: "anna" });
    for (const [stage, isByHand] of [
      ["observe", true],
      ["propose", true],
      ["approve", false],
      ["auto", false],
      [null, false],
    ] as const)
      expect([stage, about({ stage }).isByHand]).toEqual([stage, isByHand]);
  });
});
