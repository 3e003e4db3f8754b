import { describe, expect, it } from "vitest";
import { firstRefusal, widened } from "./checks.ts";
import type { Facts } from "./facts.ts";
import {
  aCase,
  aGrant,
  aLamp,
  anEnvelope,
  aTrigger,
  byAnswer,
  byGrant,
  byHand,
  HALL,
  NOW,
  seen,
} from "./facts-fixture.ts";

const SWITCH = { do: "switch_on", targets: [HALL] };
const CAUSE = { source: "webhook", trust: "authenticated", level: "error" } as const;
const PUBLIC = { ...CAUSE, trust: "public" } as const;
const STORM = { over: "trigger", min_healthy: 3, cooldown_ms: 60_000 } as const;
const envelope = { ...aTrigger().envelope };
const asGrant = { request: byGrant, trigger: null, grant: aGrant(), rung: null };
const asPerson = { request: { ...byHand, triggerId: null, action: "switch_on" }, trigger: null, rung: null };
const pause = (reason: string, isOfTrigger: boolean, until: number | null) => ({ reason, isOfTrigger, until });
const budget = (scope: "trigger" | "target" | "project" | "global", used: number, max = 3) =>
  ({ scope, max, window_ms: 600_000, used, nextFreeAt: null }) as const;
const ceiling = (scope: "trigger" | "target" | "project" | "global", active: number, max = 1) => ({
  scope,
  max,
  active,
});
const storming = (healthy: number, bad: readonly string[], last: Facts["storm"] = null) => ({
  trigger: aTrigger({ storm: STORM }),
  storm: last,
  evidence: { ...seen(), peers: { healthy, bad } },
});

type Case = readonly [claim: string, facts: Facts, refusal: string | null, says?: string];

/** `says` is what whoever asked needs to know, and nobody could guess. */
const CASES: Readonly<Record<string, readonly Case[]>> = {
  "check 1: something known is asked for": [
    ["what a trigger's ladder says may be done", aCase(), null],
    ["what a grant asks for may be done", aCase(asGrant), null],
    ["what a person asks for may be done", aCase(asPerson), null],
    [
      "an envelope that nobody configured",
      aCase({ request: { envelope: "lamps" }, governing: { name: "lamps", envelope: null, isOn: true } }),
      "unknown_probe",
    ],
    ["an envelope where no book has any", aCase({ request: { envelope: "lamps" } }), "unknown_probe"],
    [
      "an envelope that does not list it, whether or not something could do it",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "paint", remedy: null }),
      "action_not_in_envelope",
    ],
    [
      "what is only reserved is known to nobody, also inside an envelope",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "file_issue", remedy: null }),
      "unknown_remedy",
      "file_issue",
    ],
    [
      "the other reserved name",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: "propose_fix", remedy: null }),
      "unknown_remedy",
    ],
    [
      "what an envelope lists and nothing does",
      aCase({
        request: { envelope: "lamps" },
        governing: anEnvelope([{ ...SWITCH, do: "paint" }]),
        action: "paint",
        remedy: null,
      }),
      "unknown_remedy",
    ],
    [
      "an envelope and no action",
      aCase({ request: { envelope: "lamps" }, governing: anEnvelope([SWITCH]), action: null, remedy: null }),
      "action_not_in_envelope",
    ],
    ["a trigger that is not there", aCase({ trigger: null }), "unknown_trigger", "light-hall"],
    [
      "a trigger without a remedy only watches",
      aCase({ action: null, remedy: null, rung: null }),
      "detect_only",
      "light-hall",
    ],
    ["what nothing here can carry out", aCase({ action: "paint", remedy: null }), "unknown_remedy", "paint"],
  ],
  "check 2: not ourselves, no symptom, believable": [
    ["we never heal ourselves", aCase({ request: { target: "prunella:doors" } }), "self"],
    [
      "nor does a person have that done by a trigger",
      aCase({ request: { ...byHand, target: "prunella:doors" } }),
      "self",
    ],
    [
      "what only looks like our name is another",
      aCase({ request: { target: "prunella2:doors" } }),
      "target_id_invalid",
    ],
    ["nothing but a target is needed where nothing was the cause", aCase({ request: { cause: null } }), null],
    [
      "a symptom that the trigger expects of a remedy at work",
      aCase({ activeOnTarget: 1, trigger: aTrigger({ envelope: { ...envelope, expected_symptoms: ["webhook"] } }) }),
      "expected_symptom",
    ],
    [
      "a symptom that the remedy causes itself",
      aCase({ activeOnTarget: 1, remedy: aLamp({ symptoms: ["webhook"] }) }),
      "expected_symptom",
    ],
    ["the same event while nothing is at work", aCase({ remedy: aLamp({ symptoms: ["webhook"] }) }), null],
    [
      "another event while something is at work",
      aCase({ activeOnTarget: 1, remedy: aLamp({ symptoms: ["crash"] }) }),
      null,
    ],
    [
      "no event of a person is a symptom",
      aCase({ request: byHand, activeOnTarget: 1, remedy: aLamp({ symptoms: ["webhook"] }) }),
      null,
    ],
    ["what anybody could have sent", aCase({ request: { cause: PUBLIC } }), "untrusted_source"],
    [
      "the same without a trigger that would allow it",
      aCase({ ...asPerson, request: { ...asPerson.request, cause: PUBLIC } }),
      "untrusted_source",
    ],
    [
      "the same where the trigger allows it",
      aCase({ request: { cause: PUBLIC }, trigger: aTrigger({ envelope: { ...envelope, allow_public: true } }) }),
      null,
    ],
  ],
  "check 3: anything but an explicit yes is no": [
    ["the kill switch stops what goes by itself", aCase({ isKilled: true }), "killed"],
    ["the kill switch stops people too", aCase({ isKilled: true, request: byHand }), "killed"],
    [
      "a pause of the trigger",
      aCase({ pauses: [pause("deploy", true, null)] }),
      "paused",
      "The trigger is paused: deploy.",
    ],
    [
      "a pause of the project, with every reason",
      aCase({ pauses: [pause("deploy", true, null), pause("fair", false, null)] }),
      "paused",
      "The project is paused: deploy; fair.",
    ],
    ["a pause holds callers from outside", aCase({ ...asGrant, pauses: [pause("deploy", false, null)] }), "paused"],
    ["a pause holds no person", aCase({ request: byHand, pauses: [pause("deploy", false, null)] }), null],
    [
      "a trigger whose envelope is off, for people too",
      aCase({ request: byHand, trigger: aTrigger({ envelope: { ...envelope, enabled: false } }) }),
      "envelope_disabled",
    ],
    [
      "an envelope whose switch is off",
      aCase({ governing: anEnvelope([SWITCH], false) }),
      "envelope_disabled",
      "PRUNELLA_AUTOFIX_LAMPS_ENABLED",
    ],
    ["an envelope whose switch is on", aCase({ governing: anEnvelope([SWITCH]) }), null],
    [
      "an envelope that is not there has no switch",
      aCase({ governing: { name: "", envelope: null, isOn: false } }),
      "action_not_in_envelope",
      "No envelope lists switch_on.",
    ],
    [
      "a plugin that is switched off",
      aCase({ barred: { refusal: "plugin_disabled", detail: "It is switched off." } }),
      "plugin_disabled",
      "It is switched off.",
    ],
  ],
  "check 4: a grant covers it": [
    ["no grant of this name", aCase({ ...asGrant, grant: null }), "not_granted", "agents"],
    ["a grant that was revoked", aCase({ ...asGrant, grant: aGrant({ revoked_at: NOW - 1 }) }), "not_granted"],
    [
      "a grant that is over to the millisecond",
      aCase({ ...asGrant, grant: aGrant({ expires_at: NOW }) }),
      "not_granted",
      "over",
    ],
    ["a grant in its last millisecond", aCase({ ...asGrant, grant: aGrant({ expires_at: NOW + 1 }) }), null],
    [
      "another action than is granted",
      aCase({ ...asGrant, grant: aGrant({ actions: ["paint"] }) }),
      "not_granted",
      "switch_on",
    ],
    [
      "another target than is granted",
      aCase({ ...asGrant, grant: aGrant({ targets: ["lamp:attic"] }) }),
      "not_granted",
      HALL,
    ],
    ["no grant is asked of a person", aCase(asPerson), null],
    [
      "what a grant gives, a bar of the remedy takes",
      aCase({ ...asGrant, barred: { refusal: "artifact_changed", detail: "It is another." } }),
      "artifact_changed",
      "It is another.",
    ],
    [
      "a bar for whoever asks",
      aCase({ barred: { refusal: "not_granted", detail: "It has no such grant." } }),
      "not_granted",
      "It has no such grant.",
    ],
    [
      "no grant comes before a bar",
      aCase({ ...asGrant, grant: null, barred: { refusal: "artifact_changed", detail: "It is another." } }),
      "not_granted",
      "There is no grant agents.",
    ],
    ["a token that is not set", aCase({ lacks: "fly" }), "fly_token_unset", "fly"],
    [
      "a bar comes before a token",
      aCase({ lacks: "fly", barred: { refusal: "not_granted", detail: "It has no grant." } }),
      "not_granted",
    ],
  ],
  "check 5: inside the envelope": [
    [
      "an envelope that lists other actions",
      aCase({
        governing: anEnvelope([
          { ...SWITCH, do: "paint" },
          { ...SWITCH, do: "paint", targets: ["lamp:attic"] },
        ]),
      }),
      "action_not_in_envelope",
      "The envelope lamps lists only paint.",
    ],
    [
      "an envelope that only observes",
      aCase({ governing: anEnvelope([]) }),
      "action_not_in_envelope",
      "The envelope lamps lists no action: it only observes.",
    ],
    [
      "an action that its trigger does not list",
      aCase({ trigger: aTrigger({ envelope: { ...envelope, actions: ["paint"] } }) }),
      "action_not_in_envelope",
      "switch_on",
    ],
    [
      "a target that the remedy does not act on",
      aCase({ remedy: aLamp({ targetKinds: ["door"] }) }),
      "target_id_invalid",
    ],
    ["a remedy that acts on whatever is listed", aCase({ remedy: aLamp({ targetKinds: ["*"] }) }), null],
    ["one of several kinds is enough", aCase({ remedy: aLamp({ targetKinds: ["door", "lamp"] }) }), null],
    [
      "a target with a letter that looks like another",
      aCase({ request: { target: "lamp:h\u0430ll" } }),
      "target_id_invalid",
    ],
    ["a target that its trigger does not list", aCase({ request: { target: "lamp:attic" } }), "target_id_invalid"],
    [
      "a target that its envelope does not list",
      aCase({ governing: anEnvelope([{ ...SWITCH, targets: ["lamp:attic"] }]) }),
      "target_id_invalid",
      "lamps",
    ],
    [
      "a person without a trigger is bounded by the remedy alone",
      aCase({ ...asPerson, request: { ...asPerson.request, target: "lamp:attic" } }),
      null,
    ],
  ],
  "check 6: timely and due": [
    ["maintenance holds policy", aCase({ maintenanceUntil: NOW + 5_000 }), "outside_window", HALL],
    ["maintenance holds callers", aCase({ ...asGrant, maintenanceUntil: NOW + 5_000 }), "outside_window"],
    ["maintenance holds no person", aCase({ request: byHand, maintenanceUntil: NOW + 5_000 }), null],
    ["quiet hours hold policy", aCase({ quietUntil: NOW + 5_000 }), "outside_window"],
    ["quiet hours hold no person", aCase({ request: byHand, quietUntil: NOW + 5_000 }), null],
    [
      "too few are well",
      aCase(storming(2, [HALL, "lamp:attic"])),
      "storm",
      "2 of 4 targets are well, and 3 should be.",
    ],
    ["as many are well as should be", aCase(storming(3, [HALL])), null],
    [
      "after the cooldown what was bad then may be helped",
      aCase(storming(2, [HALL], { until: NOW, bad: [HALL] })),
      null,
    ],
    [
      "after the cooldown what was well then is a new storm",
      aCase(storming(2, [HALL], { until: NOW, bad: ["lamp:attic"] })),
      "storm",
    ],
    ["so it is long after the cooldown", aCase(storming(2, [HALL], { until: NOW - 60_000, bad: [HALL] })), "storm"],
    ["a storm goes on although all are well again", aCase(storming(9, [], { until: NOW + 1, bad: [HALL] })), "storm"],
    [
      "a trigger without bounds knows no storm",
      aCase({ evidence: { ...seen(), peers: { healthy: 0, bad: [HALL] } } }),
      null,
    ],
    ["where nobody looked there is no storm", aCase({ trigger: aTrigger({ storm: STORM }) }), null],
    [
      "too few failures",
      aCase({ recentFailures: 1, trigger: aTrigger({ debounce: { count: 2, window_ms: 90_000 } }) }),
      "debounced",
      "1 of 2 failures within 90 s.",
    ],
    [
      "enough failures",
      aCase({ recentFailures: 2, trigger: aTrigger({ debounce: { count: 2, window_ms: 60_000 } }) }),
      null,
    ],
    [
      "the next rung waits for no more",
      aCase({
        recentFailures: 1,
        rung: { action: "switch_on", args: {}, timeout_ms: 1, at: 1 },
        trigger: aTrigger({ debounce: { count: 2, window_ms: 60_000 } }),
      }),
      null,
    ],
    [
      "a trigger without a place on its ladder waits",
      aCase({ recentFailures: 1, rung: null, trigger: aTrigger({ debounce: { count: 2, window_ms: 60_000 } }) }),
      "debounced",
      "1 min",
    ],
    [
      "no person waits for more failures",
      aCase({ request: byHand, recentFailures: 0, trigger: aTrigger({ debounce: { count: 2, window_ms: 60_000 } }) }),
      null,
    ],
  ],
  "check 7: within every budget and ceiling": [
    ["one left", aCase({ budgets: [budget("trigger", 2)] }), null],
    [
      "none left",
      aCase({ budgets: [budget("trigger", 3)] }),
      "budget_exhausted",
      "3 of 3 attempts within 10 min are used up.",
    ],
    [
      "none left on the target",
      aCase({ budgets: [budget("trigger", 2), budget("target", 4)] }),
      "budget_exhausted",
      "4 of 3 attempts on this target within 10 min are used up.",
    ],
    [
      "none left in the project",
      aCase({ budgets: [budget("project", 3)] }),
      "budget_exhausted",
      "attempts in this project within",
    ],
    ["none left in all", aCase({ budgets: [budget("global", 3)] }), "budget_exhausted", "attempts in all within"],
    [
      "a person hears it in other words",
      aCase({ request: byHand, budgets: [budget("target", 10, 10)] }),
      "budget_exhausted",
      "10 attempts by hand within 10 min are enough; repair the cause.",
    ],
    [
      "an override goes beyond a trigger's own",
      aCase({ override: { id: "o", auditLogId: 1 }, budgets: [budget("trigger", 3), budget("target", 3)] }),
      null,
    ],
    [
      "an override goes beyond nobody else's",
      aCase({ override: { id: "o", auditLogId: 1 }, budgets: [budget("trigger", 3), budget("project", 3)] }),
      "budget_exhausted",
      "in this project",
    ],
    ["below the ceiling", aCase({ ceilings: [ceiling("trigger", 1, 2)] }), null],
    [
      "at the ceiling",
      aCase({ ceilings: [ceiling("trigger", 0), ceiling("target", 1)] }),
      "ceiling_reached",
      "1 of 1 attempts on this target are active already.",
    ],
    [
      "budgets are said before ceilings",
      aCase({ budgets: [budget("trigger", 3)], ceilings: [ceiling("trigger", 1)] }),
      "budget_exhausted",
    ],
    [
      "no override goes beyond a ceiling",
      aCase({ override: { id: "o", auditLogId: 1 }, ceilings: [ceiling("trigger", 1)] }),
      "ceiling_reached",
      "1 of 1 attempts are active",
    ],
  ],
  "check 8: the target needs it": [
    ["while screening nothing is known of it", aCase({ evidence: null }), null],
    [
      "no such target",
      aCase({ evidence: { ...seen(), observation: null } }),
      "target_not_found",
      "There is no lamp hall.",
    ],
    ["nobody who could do it is there", aCase({ evidence: seen({ isReachable: false }) }), "target_not_found"],
    ["evidence of five seconds ago", aCase({ evidence: seen({}, NOW - 5_000) }), null],
    ["older evidence is none", aCase({ evidence: seen({}, NOW - 5_001) }), "target_not_found"],
    [
      "a state that it is about to leave",
      aCase({ evidence: seen({ hinders: "starting" }) }),
      "target_is_starting",
      "starting",
    ],
    [
      "such a state comes before being well",
      aCase({ evidence: seen({ hinders: "starting", isHealthy: true }) }),
      "target_is_starting",
    ],
    ["it is well", aCase({ evidence: seen({ isHealthy: true }) }), "target_already_healthy", "The lamp hall is on."],
    [
      "a person may touch what is well where the remedy says so",
      aCase({ request: byHand, remedy: aLamp({ mayTouchHealthy: true }), evidence: seen({ isHealthy: true }) }),
      null,
    ],
    [
      "not where it does not say so",
      aCase({ request: byHand, evidence: seen({ isHealthy: true }) }),
      "target_already_healthy",
    ],
    [
      "not by an answer",
      aCase({ request: byAnswer, remedy: aLamp({ mayTouchHealthy: true }), evidence: seen({ isHealthy: true }) }),
      "target_already_healthy",
    ],
    [
      "not by policy",
      aCase({ remedy: aLamp({ mayTouchHealthy: true }), evidence: seen({ isHealthy: true }) }),
      "target_already_healthy",
    ],
    [
      "not by a caller",
      aCase({ ...asGrant, remedy: aLamp({ mayTouchHealthy: true }), evidence: seen({ isHealthy: true }) }),
      "target_already_healthy",
    ],
  ],
  "check 9: answers and trust": [
    ["policy waits for whoever was asked", aCase({ isAsked: true }), "awaiting_approval"],
    ["an override is an answer", aCase({ isAsked: true, override: { id: "o", auditLogId: 1 } }), null],
    ["a person decides on what follows their answer", aCase({ isLeftToPerson: true }), "awaiting_approval"],
    ["people wait for nobody", aCase({ request: byHand, isAsked: true, isLeftToPerson: true }), null],
    ["a decision in its last millisecond", aCase({ request: { ...byAnswer, approvedUntil: NOW } }), null],
    ["a decision that came too late", aCase({ request: { ...byAnswer, approvedUntil: NOW - 1 } }), "approval_expired"],
    ["a trigger that only tries", aCase({ trigger: aTrigger({ mode: "dry_run" }) }), "dry_run", `switch_on ${HALL}`],
    [
      "a trigger that only tries says nothing before it looked",
      aCase({ trigger: aTrigger({ mode: "dry_run" }), evidence: null }),
      null,
    ],
    [
      "a person may have done what a trigger only tries",
      aCase({ request: byHand, trigger: aTrigger({ mode: "dry_run" }) }),
      null,
    ],
    [
      "an envelope that observes",
      aCase({ governing: anEnvelope([SWITCH]), stage: "observe" }),
      "observed",
      `switch_on ${HALL}; the envelope lamps only observes`,
    ],
    [
      "an envelope that proposes",
      aCase({ governing: anEnvelope([SWITCH]), stage: "propose" }),
      "proposed",
      `switch_on ${HALL}; the envelope lamps only proposes`,
    ],
    [
      "an envelope that asks",
      aCase({ governing: anEnvelope([SWITCH]), stage: "approve" }),
      "awaiting_approval",
      "asks a person first",
    ],
    ["an envelope that is trusted", aCase({ governing: anEnvelope([SWITCH]), stage: "auto" }), null],
    ["trust is asked after a look", aCase({ governing: anEnvelope([SWITCH]), stage: "observe", evidence: null }), null],
    [
      "by hand it is done whatever the stage",
      aCase({ request: byHand, governing: anEnvelope([SWITCH]), stage: "observe" }),
      null,
    ],
    [
      "an answer is what approve waits for",
      aCase({ request: byAnswer, governing: anEnvelope([SWITCH]), stage: "approve" }),
      null,
    ],
    [
      "an answer does nothing before that stage",
      aCase({ request: byAnswer, governing: anEnvelope([SWITCH]), stage: "propose" }),
      "proposed",
    ],
    [
      "a caller is trusted no more than policy",
      aCase({ ...asGrant, governing: anEnvelope([SWITCH]), stage: "approve" }),
      "awaiting_approval",
    ],
  ],
};

describe.each(Object.entries(CASES))("%s", (_check, cases) => {
  for (const [claim, facts, refusal, says = ""] of cases)
    it(claim, () => {
      const refused = firstRefusal(facts);
      expect(refused?.refusal ?? null).toBe(refusal);
      if (refused === null) return;
      expect(refused.detail).toContain(says);
      // Whoever is refused is told why, in one sentence.
      expect(refused.detail).toMatch(/^\S+ .*\.$/);
    });
});

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
