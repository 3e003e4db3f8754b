import type { ActionWindow, EnvelopeRow, Maintenance, Override, Pause, TriggerPage } from "@prunella/contract";
import { refusalWords } from "../parts/words.ts";

export type TriggerRow = TriggerPage["triggers"][number];

/** Why nothing would be done now; `until`: it passes by itself then. */
export type Hindrance = { readonly refusal: string; readonly words: string; readonly until: number | null };

/** What people said beside the policy. */
export type Standing = {
  readonly isKilled: boolean;
  readonly pauses: readonly Pause[];
  readonly windows: readonly Maintenance[];
  readonly overrides: readonly Override[];
};

const hindered = (refusal: string, more = "", until: number | null = null): Hindrance => ({
  refusal,
  words: refusalWords(refusal) + more,
  until,
});

export const pausesOf = (trigger: Pick<TriggerRow, "id" | "project_id">, pauses: readonly Pause[]): Pause[] =>
  pauses.filter(
    (pause) =>
      pause.project_id === trigger.project_id && (pause.trigger_id === null || pause.trigger_id === trigger.id),
  );

export const overridesOf = (
  trigger: Pick<TriggerRow, "id" | "project_id">,
  overrides: readonly Override[],
): Override[] =>
  overrides.filter(
    ({ project_id: project, trigger_id: id, taken, extra }) =>
      project === trigger.project_id && id === trigger.id && taken < extra,
  );

/** What a trigger acts on, where it is one thing. */
export const targetOf = ({ target, condition }: Pick<TriggerRow, "target" | "condition">): string | null =>
  target ?? condition.target ?? null;

/**
 * What the gate would say to a trigger now, in the order of its checks, as far as the lists tell it: what a failure
 * itself brings along, such as its trust or the state of its target, nobody knows before.
 */
export function triggerHindrances(
  trigger: TriggerRow,
  { isKilled, pauses, windows, overrides }: Standing,
): Hindrance[] {
  // What only watches has nothing that could be held back.
  if (trigger.remedies.length === 0) return [hindered("detect_only")];
  const found: Hindrance[] = [];
  if (isKilled) found.push(hindered("killed"));
  const standing = pausesOf(trigger, pauses);
  if (standing.length > 0) found.push(pausedBy(standing));
  const { now } = trigger;
  if (!trigger.envelope.enabled) found.push(hindered("envelope_disabled"));
  if (now.envelope?.is_on === false && now.envelope.stage !== null)
    found.push(hindered("envelope_disabled", ` (${now.envelope.probe})`));
  if (now.lacks !== null) found.push(hindered(now.lacks));
  if (now.envelope?.stage === null) found.push(hindered("action_not_in_envelope"));
  const open = openWindow(windows, trigger.project_id, targetOf(trigger));
  if (open !== null) found.push(hindered("outside_window", `: ${open.reason}`, open.open_until));
  if (now.maintenance_until !== null)
    found.push({ refusal: "outside_window", words: "its own maintenance", until: now.maintenance_until });
  if (now.quiet_until !== null)
    found.push({ refusal: "outside_window", words: "its quiet hours", until: now.quiet_until });
  if (now.storm_until !== null) found.push(hindered("storm", "", now.storm_until));
  const isWidened = overridesOf(trigger, overrides).length > 0;
  for (const { scope, used, max, next_free_at: at } of trigger.budgets) {
    // What a project or all share no person widens.
    if (used < max || (isWidened && (scope === "trigger" || scope === "target"))) continue;
    found.push(
      max === 0
        ? { refusal: "budget_exhausted", words: "its budget is none, a person is asked each time", until: null }
        : hindered("budget_exhausted", "", at),
    );
  }
  if (trigger.ceilings.some(({ active, max }) => active >= max)) found.push(hindered("ceiling_reached"));
  if (now.is_asked && !isWidened)
    found.push({ refusal: "awaiting_approval", words: "a question about it waits for a person", until: null });
  if (now.is_left_to_person)
    found.push({ refusal: "awaiting_approval", words: "a person decided last, and decides on the next", until: null });
  if (trigger.mode === "dry_run") found.push(hindered("dry_run"));
  const untrusted = now.envelope?.stage ? UNTRUSTED[now.envelope.stage] : null;
  if (untrusted !== null) found.push(hindered(untrusted, ` (${now.envelope?.probe} is at ${now.envelope?.stage})`));
  return found;
}

/** What would be said now to whoever asks for an action of an envelope; a person is not held up by a pause or a window. */
export function envelopeHindrances(
  envelope: EnvelopeRow,
  action: EnvelopeRow["actions"][number],
  { isKilled, pauses, windows }: Omit<Standing, "overrides">,
): Hindrance[] {
  const found: Hindrance[] = [];
  if (action.lacks === "unknown_remedy") found.push(hindered("unknown_remedy"));
  if (isKilled) found.push(hindered("killed"));
  const standing = pauses.filter((pause) => pause.project_id === envelope.project_id && pause.trigger_id === null);
  if (standing.length > 0) found.push(pausedBy(standing, ", for whoever is no person"));
  if (!envelope.is_on) found.push(hindered("envelope_disabled"));
  if (action.lacks !== null && action.lacks !== "unknown_remedy") found.push(hindered(action.lacks));
  for (const target of action.targets) {
    const open = openWindow(windows, envelope.project_id, target);
    if (open !== null)
      found.push(hindered("outside_window", ` (${target}: ${open.reason}), for whoever is no person`, open.open_until));
  }
  const untrusted = UNTRUSTED[envelope.stage];
  if (untrusted !== null) found.push(hindered(untrusted, ", for whoever is no person"));
  return found;
}

/** What is said to policy and callers, as far as the envelope is trusted. */
const UNTRUSTED = { observe: "observed", propose: "proposed", approve: "awaiting_approval", auto: null } as const;

/** What an envelope's switch permits once it is on: no more than the stage that it is trusted with. */
export function turnedOnWords({ actions, stage }: Pick<EnvelopeRow, "actions" | "stage">): string {
  if (actions.length === 0) return "It lists no action: on, it still permits nothing.";
  const what = actions.map(({ name, targets }) => `${name} of ${targets.join(", ")}`).join("; ");
  return `From then on ${what} ${AT_STAGE[stage]}`;
}

const AT_STAGE = {
  observe: "may be done by a person, by hand. By itself nothing acts: it only observes.",
  propose: "may be done by a person, by hand. By itself nothing acts: it proposes, and people are told.",
  approve: "may be done when a person says yes to it, each time within its budgets.",
  auto: "may be done without a person, each time within its budgets.",
} as const satisfies Record<EnvelopeRow["stage"], string>;

function pausedBy(standing: readonly Pause[], more = ""): Hindrance {
  const ends = standing.map(({ until }) => until).filter((until) => until !== null);
  return hindered(
    "paused",
    `: ${standing.map(({ reason }) => reason).join("; ")}${more}`,
    ends.length === standing.length ? Math.max(...ends) : null,
  );
}

const openWindow = (windows: readonly Maintenance[], project: string, target: string | null): Maintenance | null =>
  windows.find(
    (one) =>
      one.open_until !== null &&
      (one.project_id === null || one.project_id === project) &&
      (one.target === null || one.target === target),
  ) ?? null;

/** Windows that will open, of what a trigger acts on. */
export const pendingWindows = (trigger: TriggerRow, windows: readonly Maintenance[]): Maintenance[] =>
  windows.filter(
    (one) =>
      one.open_until === null &&
      (one.project_id === null || one.project_id === trigger.project_id) &&
      (one.target === null || one.target === targetOf(trigger)),
  );

/** `each day 22:00 to 04:00 (Europe/Berlin)`. */
export function windowWords(window: ActionWindow): string {
  if ("cron" in window) return `${window.cron} for ${inWords(window.lasts_ms)} (${window.zone})`;
  if ("zone" in window) return `each day ${window.from} to ${window.to} (${window.zone})`;
  return `${momentWords(window.from)} to ${momentWords(window.to)}`;
}

/** In UTC to the minute: a moment may be written in any zone. */
const momentWords = (moment: string): string => `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** Exact, unlike a moment's distance: 90 min stay 90 min. */
export function inWords(ms: number): string {
  const [worth, unit] = UNITS.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / worth} ${unit}`;
}
