import { describe, expect, it } from "vitest";
import { FixEnvelope } from "@prunella/contract";
import { argsToDo, digestOfArgs, isSame, lookedFor } from "./args.ts";
import { createEnvelopeBook, definitionIn, enableEnv, holdsTarget, lists, NO_ENVELOPES } from "./envelope-book.ts";
import { aCase, aGrant, aLamp, anEnvelope, aTrigger, seen } from "./facts-fixture.ts";
import { idOf, kindOf } from "./remedy.ts";
import { PERSON_BUDGET, policyFor } from "./request.ts";
import { changeWith } from "./ways.ts";

const SWITCH = { do: "switch_on", targets: ["lamp:hall"] };

describe("the book of envelopes", () => {
  const envelope = (probe: string, actions: readonly object[], project = "default") =>
    FixEnvelope.parse({ probe, project, actions });
  const all = [
    envelope("others", [SWITCH], "other"),
    envelope("general", [{ ...SWITCH, targets: ["lamp:attic"] }]),
    envelope("hall", [{ do: "paint", targets: ["lamp:hall"] }, SWITCH]),
  ];
  const on = new Set(["hall"]);
  const book = createEnvelopeBook(() => all, { isOn: (probe) => on.has(probe) });
  const of = (given: Partial<Parameters<typeof book.of>[0]> = {}) =>
    book.of({ projectId: "default", envelope: null, action: "switch_on", target: "lamp:hall", remedy: null, ...given });

  it("bounds what names an envelope, and what acts in one alone", () => {
    expect(of()).toBeNull();
    expect(of({ remedy: {} })).toBeNull();
    expect(of({ remedy: { isEnveloped: true } })).toEqual({ name: "hall", envelope: all[2], isOn: true });
    expect(of({ envelope: "general" })).toEqual({ name: "general", envelope: all[1], isOn: false });
  });

  it("takes the envelope that lists the target before one that lists the action, and of none says so", () => {
    const remedy = { isEnveloped: true } as const;
    expect(of({ remedy, target: "lamp:attic" })?.name).toBe("general");
    expect(of({ remedy, target: "lamp:porch" })?.name).toBe("general");
    expect(of({ remedy, action: "sing" })).toEqual({ name: "", envelope: null, isOn: false });
    expect(of({ envelope: "nobody" })).toEqual({ name: "nobody", envelope: null, isOn: false });
  });

  it("keeps projects apart, and reads switches anew", () => {
    expect(of({ envelope: "others" })?.envelope).toBeNull();
    expect(of({ envelope: "others", projectId: "other" })?.envelope).toBe(all[0]);
    on.delete("hall");
    expect(of({ envelope: "hall" })?.isOn).toBe(false);
  });

  it("where nobody configured one bounds all the same what must have one", () => {
    const ask = { projectId: "default", action: null, target: "lamp:hall" };
    expect(NO_ENVELOPES.all()).toEqual([]);
    expect(NO_ENVELOPES.of({ ...ask, envelope: null, remedy: null })).toBeNull();
    expect(NO_ENVELOPES.of({ ...ask, envelope: null, remedy: {} })).toBeNull();
    expect(NO_ENVELOPES.of({ ...ask, envelope: "a", remedy: null })).toEqual({
      name: "a",
      envelope: null,
      isOn: false,
    });
    expect(NO_ENVELOPES.of({ ...ask, envelope: null, remedy: { isEnveloped: true } })).toMatchObject({ name: "" });
  });

  it("names the switch of an envelope as a variable can be named", () => {
    expect(enableEnv("my-own-fly")).toBe("PRUNELLA_AUTOFIX_MY_OWN_FLY_ENABLED");
  });
});

describe("a list of targets", () => {
  it("holds exact names, code unit by code unit", () => {
    expect(holdsTarget(["lamp:hall", "lamp:attic"], "lamp:attic")).toBe(true);
    expect(holdsTarget(["lamp:hall"], "lamp:hall2")).toBe(false);
    expect(holdsTarget(["lamp:hall"], "lamp:h\u0430ll")).toBe(false);
    expect(holdsTarget([], "lamp:hall")).toBe(false);
  });

  it("holds by a pattern what lies directly below, and nothing deeper, emptier, longer or stranger", () => {
    const below = (target: string) => holdsTarget(["machine:shop/*"], target);
    expect(below("machine:shop/m1")).toBe(true);
    expect(below("machine:shop/A-b_9")).toBe(true);
    expect(below(`machine:shop/${"a".repeat(64)}`)).toBe(true);
    for (const wrong of [
      "machine:shop/",
      "machine:shop",
      "machine:shop/a/b",
      "machine:shop/a b",
      "machine:shop/..",
      "machine:other/m1",
      "machine:shop2/m1",
      `machine:shop/${"a".repeat(65)}`,
      "machine:shop/*",
    ])
      expect([wrong, below(wrong)]).toEqual([wrong, false]);
  });

  it("of an action is looked at with that action alone", () => {
    const { envelope } = anEnvelope([SWITCH, { do: "paint", targets: ["lamp:attic"] }]);
    if (!envelope) throw new Error("there is one");
    expect([lists(envelope, "paint"), lists(envelope, "sing"), lists(envelope, null)]).toEqual([true, false, false]);
    expect(definitionIn(envelope, "paint", "lamp:attic")?.do).toBe("paint");
    expect(definitionIn(envelope, "paint", "lamp:hall")).toBeNull();
    expect(definitionIn(envelope, null, "lamp:hall")).toBeNull();
  });
});

describe("what a permit pins", () => {
  const rung = { action: "switch_on", args: { level: 1, from: "trigger" }, timeout_ms: 1, at: 0 };
  const governing = anEnvelope([SWITCH]);
  const remedy = aLamp();

  it("is what the trigger says, then what the caller says, then what was seen, and in which envelope", () => {
    const facts = aCase({ rung, remedy, governing, request: { args: { level: 2 } } });
    expect(lookedFor(facts)).toEqual({ level: 2, from: "trigger", envelope: "lamps" });
    const { observation } = seen({ args: { seen: 3, from: "look" } });
    if (!observation) throw new Error("there is one");
    expect(argsToDo(facts, observation)).toEqual({ level: 2, from: "look", seen: 3, envelope: "lamps" });
    expect(argsToDo(aCase({ rung: null, remedy }), observation)).toEqual({ seen: 3, from: "look" });
  });

  it("is what was approved, with what is seen now", () => {
    const facts = aCase({ rung, remedy, request: { args: { level: 2 }, approved: { level: 1, seen: 3 } } });
    expect(lookedFor(facts)).toEqual({ level: 1, seen: 3 });
    const look = (args: Record<string, number>) =>
      argsToDo(facts, { isReachable: true, isHealthy: false, staysDown: false, args });
    expect(look({ seen: 4 })).toEqual({ level: 1, seen: 4 });
    expect(look({})).toEqual({ level: 1, seen: 3 });
  });

  it("is nothing where the remedy takes no such arguments, and what was approved is no excuse to show it less", () => {
    const strict = aCase();
    const look = { isReachable: true, isHealthy: false, staysDown: false, args: { seen: 3 } };
    expect(argsToDo(strict, look)).toEqual({ seen: 3 });
    expect(argsToDo(aCase({ request: { args: { level: 2 } } }), look)).toBeNull();
    expect(argsToDo(aCase({ request: { args: { seen: 2 } } }), look)).toBeNull();
    expect(argsToDo(aCase({ request: { approved: { seen: 2 } } }), look)).toEqual({ seen: 3 });
    expect(argsToDo(aCase({ remedy: null }), look)).toBeNull();
  });

  it("is the same in whatever order, and another when anything is other", () => {
    expect(isSame({ a: 1, b: "x" }, { b: "x", a: 1 })).toBe(true);
    for (const other of [{ a: 1 }, { a: 1, b: "y" }, { a: 1, b: "x", c: null }])
      expect(isSame({ a: 1, b: "x" }, other)).toBe(false);
    const digest = digestOfArgs("switch_on", "lamp:hall", { a: 1, b: 2 });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOfArgs("switch_on", "lamp:hall", { b: 2, a: 1 })).toBe(digest);
    for (const other of [
      digestOfArgs("switch_off", "lamp:hall", { a: 1, b: 2 }),
      digestOfArgs("switch_on", "lamp:attic", { a: 1, b: 2 }),
      digestOfArgs("switch_on", "lamp:hall", { a: 1 }),
    ])
      expect(other).not.toBe(digest);
  });
});

describe("who asks", () => {
  const trigger = aTrigger({
    budgets: [{ scope: "trigger", max: 1, window_ms: 1 }],
    ceilings: [{ scope: "trigger", max: 2 }],
  });
  const grant = aGrant({
    budgets: [{ scope: "target", max: 5, window_ms: 5 }],
    ceilings: [{ scope: "target", max: 6 }],
  });

  it("is bounded by their own: policy by its trigger, a caller by its grant", () => {
    const limits = (kind: "trigger" | "grant") => {
      const { budgets, ceilings } = policyFor({ kind, id: "a" }, trigger, grant);
      return { budgets, ceilings };
    };
    expect(limits("trigger")).toEqual({ budgets: trigger.budgets, ceilings: trigger.ceilings });
    expect(limits("grant")).toEqual({ budgets: grant.budgets, ceilings: grant.ceilings });
    expect(policyFor({ kind: "grant", id: "a" }, trigger, null)).toMatchObject({ budgets: [], ceilings: [] });
    expect(policyFor({ kind: "trigger", id: "a" }, null, grant)).toMatchObject({ budgets: [], ceilings: [] });
  });

  it("by hand has ten an hour and target of a trigger's, sixty of their own, and is never at two at once", () => {
    const person = { kind: "person", id: "anna" } as const;
    expect(policyFor(person, trigger, null)).toMatchObject({
      trigger,
      budgets: [PERSON_BUDGET],
      ceilings: trigger.ceilings,
    });
    expect(PERSON_BUDGET).toEqual({ scope: "target", max: 10, window_ms: 3_600_000 });
    expect(policyFor(person, null, null)).toMatchObject({
      budgets: [{ scope: "target", max: 60, window_ms: 3_600_000 }],
      ceilings: [{ scope: "target", max: 1 }],
    });
  });

  it("names a target by its kind and what it is", () => {
    expect([kindOf("machine:shop/m:1"), idOf("machine:shop/m:1")]).toEqual(["machine", "shop/m:1"]);
  });
});

describe("what would change a refusal", () => {
  const lamps = aLamp();
  const remedy = aLamp({ words: { ...lamps.words, settings: { budget_exhausted: "triggers[].budgets" } } });

  it("is a command or a setting that there is, or nothing", () => {
    expect(changeWith("paused", remedy, "shop")).toContain("`prunella resume shop`");
    expect(changeWith("killed", remedy, "shop")).toBe("prunella unkill");
    expect(changeWith("outside_window", undefined, "shop")).toBe("prunella maintenance list");
    expect(changeWith("dry_run", remedy, "shop")).toBe("mode: act");
    for (const [refusal, command] of [
      ["observed", "prunella envelopes promote"],
      ["proposed", "prunella autofix"],
      ["untrusted_source", "prunella run"],
    ] as const)
      expect(changeWith(refusal, remedy, "shop")).toContain(command);
    expect(changeWith("budget_exhausted", remedy, "shop")).toBe("triggers[].budgets");
    expect(changeWith("ceiling_reached", remedy, "shop")).toBeNull();
    expect(changeWith("budget_exhausted", undefined, "shop")).toBeNull();
  });

  it("of a target that is missing is what makes it one that can be reached", () => {
    expect(changeWith("target_not_found", remedy, "shop")).toBe("Hang one up.");
    expect(changeWith("target_not_found", undefined, "shop")).toBeNull();
    expect(changeWith("ceiling_reached", lamps, "shop")).toBeNull();
  });
});
