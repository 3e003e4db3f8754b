import { Target, type FixEnvelope, type Refusal } from "@prunella/contract";
import { definitionIn, enableEnv, holdsTarget, lists } from "./envelope-book.ts";
import type { Facts } from "./facts.ts";
import { kindOf, type Barred, type Remedy } from "./remedy.ts";
import { EVIDENCE_MAX_AGE_MS } from "./request.ts";
import { stormUntil } from "./storm.ts";

export interface Refused {
  readonly refusal: Refusal;
  /** One sentence of our own making. */
  readonly detail: string;
  /** It passes by itself at this moment; null: nobody can say when. */
  readonly passesAt: number | null;
  /** Somebody knows and sees to it, or it goes on by itself: nobody has to be asked. */
  readonly isExpected: boolean;
  /** Its trigger or envelope is not to act by itself: every check before let it pass, and this is the answer that is meant. */
  readonly isAsMeant: boolean;
}

type Check = (facts: Facts) => Refused | null;

const no = (refusal: Refusal, detail: string, more: Partial<Refused> = {}): Refused => ({
  refusal,
  detail,
  passesAt: null,
  isExpected: false,
  isAsMeant: false,
  ...more,
});

/** Targets of this kind speak of Prunella itself and never trigger anything. */
export const OURSELVES = "prunella";

/** Known by name, and done by nothing so far. */
const RESERVED: ReadonlySet<string> = new Set(["file_issue", "propose_fix"]);

const isKnown: Check = ({ policy: { trigger }, request, action, remedy, governing }) => {
  if (request.envelope !== undefined) {
    if (!governing?.envelope) return no("unknown_probe", "There is no envelope of this name.");
    // What the envelope does not list is said to be outside of it, whether or not something could do it.
    if (!lists(governing.envelope, action) && !RESERVED.has(action ?? "")) return null;
  }
  if (request.triggerId !== null && !trigger) return no("unknown_trigger", `There is no trigger ${request.triggerId}.`);
  if (action === null)
    return no("detect_only", `The trigger ${request.triggerId} has no remedy: it only watches.`, { isAsMeant: true });
  if (!remedy) return no("unknown_remedy", `Nothing here can carry out ${action}.`);
  return null;
};

const isBelievable: Check = ({ policy: { trigger }, request, remedy, activeOnTarget }) => {
  if (kindOf(request.target) === OURSELVES) return no("self", "Events about Prunella itself never trigger anything.");
  const { cause } = request;
  if (cause === null) return null;
  const symptoms = [...(trigger?.envelope.expected_symptoms ?? []), ...(remedy?.symptoms ?? [])];
  if (request.subject.kind === "trigger" && activeOnTarget > 0 && symptoms.includes(cause.source)) {
    return no("expected_symptom", "A remedy that is at work on this target causes such events itself.");
  }
  if (cause.trust === "public" && !trigger?.envelope.allow_public) {
    return no(
      "untrusted_source",
      "Anyone who knows the public DSN key could have sent this event, and effects need a source that can be believed.",
    );
  }
  return null;
};

/** Anything but an explicit yes is no; off beats on. */
const isSwitchedOn: Check = ({ policy: { trigger }, request, isKilled, pauses, governing, barred }) => {
  if (isKilled) return no("killed", "The kill switch is on: nothing acts.");
  // A pause holds what goes by itself, and callers from outside; a person may still act.
  if (pauses.length > 0 && request.subject.kind !== "person") {
    const ends = pauses.map(({ until }) => until).filter((until) => until !== null);
    return no(
      "paused",
      `${pauses.every((pause) => pause.isOfTrigger) ? "The trigger" : "The project"} is paused: ${pauses.map(({ reason }) => reason).join("; ")}.`,
      { passesAt: ends.length === pauses.length ? Math.max(...ends) : null },
    );
  }
  if (trigger && trigger.envelope.enabled !== true)
    return no("envelope_disabled", "The envelope of this trigger is not switched on.");
  if (governing?.envelope && !governing.isOn)
    return no("envelope_disabled", `The envelope ${governing.name} is off: ${enableEnv(governing.name)} says no.`);
  return barred?.refusal === "plugin_disabled" ? no("plugin_disabled", barred.detail) : null;
};

const isGranted: Check = (facts) => {
  const { barred } = facts;
  const refused = isAllowed(facts) ?? (barred === null ? null : ofBar(barred));
  if (refused || facts.lacks === null) return refused;
  return no(`${facts.lacks}_token_unset`, `The token that ${facts.lacks} is asked with is not set.`);
};

const ofBar = ({ refusal, detail }: Barred): Refused =>
  refusal === "artifact_changed" ? no("artifact_changed", detail) : no("not_granted", detail);

const isAllowed: Check = ({ now, policy: { grant }, request, action }) => {
  if (request.subject.kind !== "grant") return null;
  if (!grant || grant.revoked_at !== null) return no("not_granted", `There is no grant ${request.subject.id}.`);
  if (grant.expires_at !== null && grant.expires_at <= now) return no("not_granted", `The grant ${grant.id} is over.`);
  if (action === null || !grant.actions.includes(action) || !holdsTarget(grant.targets, request.target))
    return no("not_granted", `The grant ${grant.id} does not list ${action ?? "this"} of ${request.target}.`);
  return null;
};

const isInsideEnvelope: Check = ({ policy: { trigger }, request, action, remedy, governing }) => {
  if (governing && (!governing.envelope || !lists(governing.envelope, action)))
    return no("action_not_in_envelope", outsideWords(governing.envelope, action));
  if (action === null || (trigger && !trigger.envelope.actions.includes(action)))
    return no("action_not_in_envelope", `The envelope does not list ${action ?? "this action"}.`);
  if (!Target.safeParse(request.target).success || !actsOn(remedy, request.target))
    return no("target_id_invalid", `${action} does not act on such a target.`);
  // The list holds exact names, compared code unit by code unit: a look-alike is a different target.
  if (trigger && !trigger.envelope.targets.includes(request.target))
    return no("target_id_invalid", "The envelope does not list this target.");
  if (governing?.envelope && !definitionIn(governing.envelope, action, request.target))
    return no("target_id_invalid", `The envelope ${governing.name} does not list this target for ${action}.`);
  return null;
};

const actsOn = (remedy: Remedy | null, target: string): boolean =>
  remedy?.targetKinds.some((kind) => kind === "*" || kind === kindOf(target)) ?? false;

/** What stands in it, so that whoever asked knows what could be. */
function outsideWords(envelope: FixEnvelope | null, action: string | null): string {
  const inside = envelope?.actions.map((one) => one.do) ?? [];
  const lists = inside.length === 0 ? "no action: it only observes" : `only ${[...new Set(inside)].join(", ")}`;
  return envelope ? `The envelope ${envelope.probe} lists ${lists}.` : `No envelope lists ${action ?? "this action"}.`;
}

/** Somebody works there, or it is not the time, or most of it is down at once. */
const isTimely: Check = (facts) => {
  const { policy, request, maintenanceUntil, quietUntil } = facts;
  if (request.subject.kind === "person") return null;
  if (maintenanceUntil !== null)
    return no("outside_window", `${request.target} is under maintenance.`, {
      passesAt: maintenanceUntil,
      isExpected: true,
    });
  if (quietUntil !== null)
    return no("outside_window", "These are the trigger's quiet hours.", { passesAt: quietUntil });
  const { trigger } = policy;
  const peers = facts.evidence?.peers;
  if (!trigger?.storm || !peers) return null;
  const until = stormUntil(facts.now, request.target, trigger.storm, facts.storm, peers);
  if (until === null) return null;
  const all = peers.healthy + peers.bad.length;
  return no("storm", `${peers.healthy} of ${all} targets are well, and ${trigger.storm.min_healthy} should be.`, {
    passesAt: until,
    isExpected: true,
  });
};

const isDue: Check = ({ policy: { trigger }, rung, request, recentFailures }) => {
  if (request.subject.kind !== "trigger" || !trigger || recentFailures >= trigger.debounce.count) return null;
  // Enough of them came in before the first rung, and nothing more need come for the next.
  if (rung !== null && rung.at > 0) return null;
  return no(
    "debounced",
    `${recentFailures} of ${trigger.debounce.count} failures within ${inWords(trigger.debounce.window_ms)}.`,
  );
};

/** Budgets of its own that an attempt goes beyond by a person's override. */
export const widened = ({ budgets, override }: Pick<Facts, "budgets" | "override">): Facts["budgets"] =>
  override === null
    ? []
    : budgets.filter(({ scope, used, max }) => (scope === "trigger" || scope === "target") && used >= max);

const isWithinBudget: Check = (facts) => {
  const { request, budgets, ceilings } = facts;
  const beyond = widened(facts);
  const spent = budgets.find((budget) => budget.used >= budget.max && !beyond.includes(budget));
  if (spent) {
    return no(
      "budget_exhausted",
      request.subject.kind === "person"
        ? `${spent.used} attempts by hand within ${inWords(spent.window_ms)} are enough; repair the cause.`
        : `${spent.used} of ${spent.max} attempts ${OVER[spent.scope]}within ${inWords(spent.window_ms)} are used up.`,
    );
  }
  const full = ceilings.find((ceiling) => ceiling.active >= ceiling.max);
  return full
    ? no("ceiling_reached", `${full.active} of ${full.max} attempts ${OVER[full.scope]}are active already.`)
    : null;
};

const OVER = { trigger: "", target: "on this target ", project: "in this project ", global: "in all " } as const;

/** No evidence, or evidence that is too old, counts as no. While screening nothing was looked up yet. */
const isTargetInNeed: Check = ({ now, evidence, request, remedy }) => {
  if (evidence === null || !remedy) return null;
  const { observation, observedAt } = evidence;
  if (!observation?.isReachable || now - observedAt > EVIDENCE_MAX_AGE_MS)
    return no("target_not_found", remedy.words.missing(request.target));
  const isByHand = remedy.mayTouchHealthy && request.subject.kind === "person" && request.because.kind === "call";
  if (observation.hinders !== undefined)
    return no(
      `target_is_${observation.hinders}`,
      `The target is ${observation.hinders}, and is left alone until that is over.`,
    );
  return observation.isHealthy && !isByHand ? no("target_already_healthy", remedy.words.healthy(request.target)) : null;
};

/** What was right when a person said so may be wrong when it could be done at last. */
const isInTime: Check = ({ now, request: { approvedUntil } }) =>
  approvedUntil !== undefined && now > approvedUntil
    ? no("approval_expired", "It could not be carried out within the time for which the decision holds.")
    : null;

/** An approval is for what was asked, and for nothing more or other. */
export const isOther = (target: string): Refused =>
  no(
    "approval_expired",
    `What would be done about ${target} now is not what was approved: it, or the configuration, has changed since.`,
  );

/** Whoever answered "once more" is asked again before policy goes on: that is what the answer promises. */
const isForPolicy: Check = ({ request, isLeftToPerson, isAsked, override }) => {
  if (request.subject.kind !== "trigger") return null;
  if (isAsked && override === null)
    return no("awaiting_approval", "A person was asked about this target and has not answered: policy waits for them.");
  return isLeftToPerson
    ? no(
        "awaiting_approval",
        "A person decided on the last attempt, which has not held: the person decides on the next.",
      )
    : null;
};

/**
 * How far its envelope is trusted with what nobody asks for by hand; said after every check before. An answer to a
 * question is no asking by hand: it is what `approve` waits for, and does nothing before that stage.
 */
const isTrusted: Check = ({ request, action, evidence, governing, stage }) => {
  if (stage === null || stage === "auto" || evidence === null) return null;
  const isAnswer = request.because.kind === "escalation";
  if (request.subject.kind === "person" && (!isAnswer || stage === "approve")) return null;
  const name = governing?.name ?? "";
  const what = `${action} ${request.target}`;
  if (stage === "observe")
    return no("observed", `It would have been permitted to ${what}; the envelope ${name} only observes.`, {
      isExpected: true,
      isAsMeant: true,
    });
  const right = `It would be right to ${what}; the envelope ${name}`;
  return stage === "propose"
    ? no("proposed", `${right} only proposes, and a person does it by hand.`, { isAsMeant: true })
    : no("awaiting_approval", `${right} asks a person first.`, { isAsMeant: true });
};

/** It went through every check; what it would have done is recorded, and that is all. */
const isMeant: Check = ({ policy: { trigger }, request, action, evidence }) =>
  evidence !== null && request.subject.kind === "trigger" && trigger?.mode === "dry_run"
    ? no("dry_run", `It would have been permitted to ${action} ${request.target}; the trigger only tries.`, {
        isExpected: true,
        isAsMeant: true,
      })
    : null;

/** The gate's checks in their one order; the first that fails decides. */
const CHECKS: readonly Check[] = [
  isKnown,
  isBelievable,
  isSwitchedOn,
  isGranted,
  isInsideEnvelope,
  isTimely,
  isDue,
  isWithinBudget,
  isTargetInNeed,
  isForPolicy,
  isInTime,
  isMeant,
  isTrusted,
];

/** The one predicate of admission and enforcement. */
export function firstRefusal(facts: Facts): Refused | null {
  for (const check of CHECKS) {
    const refused = check(facts);
    if (refused) return refused;
  }
  return null;
}

function inWords(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} s`;
}
