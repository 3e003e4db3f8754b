import { SWITCH, STORM, asGrant, budget, ceiling, storming, showEach, type Case } from "./checks-fixture.ts";
import { aCase, aLamp, anEnvelope, aTrigger, byAnswer, byHand, HALL, NOW, seen } from "./facts-fixture.ts";

const CASES: Readonly<Record<string, readonly Case[]>> = {
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

showEach(CASES);
