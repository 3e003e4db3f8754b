import { TargetId, type Refusal } from "@prunella/contract";
import { EVIDENCE_MAX_AGE_MS, PERSON_CAP, type Facts } from "./facts.ts";

export interface Refused {
  readonly refusal: Refusal;
  /** One sentence of our own making, with the switch that would change it. */
  readonly detail: string;
  readonly changeWith: string | null;
}

type Check = (facts: Facts) => Refused | null;

const no = (refusal: Refusal, detail: string, changeWith: string | null = null): Refused => ({
  refusal,
  detail,
  changeWith,
});

/** Events that name this target speak of Prunella itself and never trigger anything. */
const OURSELVES = "prunella";

const isKnown: Check = ({ trigger, request, remedies }) => {
  if (!trigger) return no("unknown_trigger", `There is no trigger ${request.triggerId}.`);
  if (trigger.remedy === null) return no("detect_only", `The trigger ${trigger.id} has no remedy: it only watches.`);
  if (!remedies.has(trigger.remedy)) return no("unknown_remedy", `Nothing here can carry out ${trigger.remedy}.`);
  return null;
};

const isBelievable: Check = ({ trigger, request, activeOnTarget }) => {
  if (request.target === OURSELVES) return no("self", "Events about Prunella itself never trigger anything.");
  if (activeOnTarget > 0 && trigger?.envelope.expected_symptoms.includes(request.cause.source)) {
    return no("expected_symptom", "A remedy that is at work on this target causes such events itself.");
  }
  if (request.cause.trust === "public" && !trigger?.envelope.allow_public) {
    return no(
      "untrusted_source",
      "Anyone who knows the public DSN key could have sent this event, and effects need a source that can be believed.",
      "Report it from the supervisor or with a secret key; or set envelope.allow_public for this trigger.",
    );
  }
  return null;
};

/** Anything but an explicit yes is no; off beats on. */
const isSwitchedOn: Check = ({ trigger, isKilled, pauses }) => {
  if (isKilled) return no("killed", "The kill switch is on: nothing acts.", "prunella unkill");
  if (pauses.length > 0) return no("paused", "This project is paused.");
  if (trigger?.envelope.enabled !== true)
    return no("envelope_disabled", "The envelope of this trigger is not switched on.", "Set envelope.enabled to true.");
  return null;
};

const isInsideEnvelope: Check = ({ trigger, request }) => {
  if (!trigger?.remedy || !trigger.envelope.actions.includes(trigger.remedy)) {
    return no("action_not_in_envelope", `The envelope does not list ${trigger?.remedy ?? "this action"}.`);
  }
  // The list holds exact names, compared code unit by code unit: a look-alike is a different target.
  if (!TargetId.safeParse(request.target).success || !trigger.envelope.targets.includes(request.target)) {
    return no("target_id_invalid", "The envelope does not list this target.");
  }
  return null;
};

const isDue: Check = ({ trigger, request, recentFailures }) => {
  if (request.authority === "person" || !trigger || recentFailures >= trigger.debounce.count) return null;
  return no(
    "debounced",
    `${recentFailures} of ${trigger.debounce.count} failures within ${seconds(trigger.debounce.window_ms)}.`,
    "restart.debounce",
  );
};

const isWithinBudget: Check = ({ trigger, request, used, usedByPerson, active }) => {
  if (!trigger) return null;
  if (request.authority === "policy" && used >= trigger.budget.max) {
    return no(
      "budget_exhausted",
      `${used} of ${trigger.budget.max} attempts within ${seconds(trigger.budget.window_ms)} are used up.`,
      "restart.budget, or decide the escalation",
    );
  }
  if (request.authority === "person" && usedByPerson >= PERSON_CAP.max) {
    return no(
      "budget_exhausted",
      `${usedByPerson} attempts by hand within ${seconds(PERSON_CAP.window_ms)} are enough; repair the cause.`,
    );
  }
  if (active >= trigger.ceiling)
    return no("ceiling_reached", `${active} of ${trigger.ceiling} attempts are active already.`, "restart.ceiling");
  return null;
};

/** No evidence, or evidence that is too old, counts as no. While screening nothing was looked up yet. */
const isTargetInNeed: Check = ({ now, evidence, request }) => {
  if (evidence === null) return null;
  if (evidence.target === null || now - evidence.observedAt > EVIDENCE_MAX_AGE_MS)
    return no("target_not_found", `No supervised program ${request.target} is connected.`, "prunella run");
  if (evidence.target.isHealthy) return no("target_already_healthy", `The program ${request.target} is running.`);
  return null;
};

/**
 * The gate's checks in their one order; the first that fails decides. Rows 4 (grants) and 9
 * (approvals) of DESIGN have no subject in this version and are absent, so nothing says yes for them.
 */
export const CHECKS: readonly Check[] = [
  isKnown,
  isBelievable,
  isSwitchedOn,
  isInsideEnvelope,
  isDue,
  isWithinBudget,
  isTargetInNeed,
];

/** The one predicate of admission and enforcement. */
export function firstRefusal(facts: Facts): Refused | null {
  for (const check of CHECKS) {
    const refused = check(facts);
    if (refused) return refused;
  }
  return null;
}

function seconds(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
