import type { Actor, Attempt, Choice, Decision, Escalation, FaultStatus, REFUSALS } from "@prunella/contract";

/** The console's plain words for the contract's terms. */
export const STATUS_WORDS: Record<FaultStatus, string> = {
  open: "open",
  resolved: "resolved",
  regressed: "regressed",
  muted: "muted",
};

const REFUSAL_WORDS: Record<keyof typeof REFUSALS | "ineffective" | "step_failed", string> = {
  unknown_trigger: "the trigger is not registered",
  unknown_remedy: "the remedy does not exist",
  unknown_plugin: "the plugin is not installed",
  unknown_probe: "the probe does not exist",
  detect_only: "this trigger only watches",
  self: "the event came from Prunella itself",
  expected_symptom: "the remedy itself causes this",
  untrusted_source: "anyone could have sent this event",
  killed: "the kill switch is on",
  paused: "the project or its trigger is paused",
  envelope_disabled: "the switch of this remedy is off",
  plugin_disabled: "the plugin is disabled",
  not_granted: "nobody granted this",
  artifact_changed: "the plugin changed since it was granted",
  action_not_in_envelope: "the envelope does not list this action",
  target_id_invalid: "the envelope does not list this target",
  outside_window: "under maintenance, or in quiet hours",
  storm: "too many targets are down at once",
  debounced: "too few failures yet",
  budget_exhausted: "the budget was used up",
  ceiling_reached: "as many attempts as allowed are active",
  target_not_found: "the target was not found",
  target_already_healthy: "the target is healthy again",
  awaiting_approval: "a person is to decide",
  dry_run: "the trigger only tries",
  observed: "the envelope only observes",
  proposed: "a person is to do it by hand",
  approval_expired: "the approval came too late",
  ineffective: "the last remedy did not help",
  step_failed: "a step of Prunella keeps failing",
};

/** A refusal, or `ineffective`, in words; takes any text because a newer server may know more. */
export function refusalWords(refusal: string): string {
  const words: Record<string, string> = REFUSAL_WORDS;
  return (
    words[refusal] ??
    (refusal.endsWith("_token_unset") ? `no token for ${refusal.slice(0, -12)}` : refusal.replaceAll("_", " "))
  );
}

/** One of the answers that a question offers. */
export const choiceOf = ({ options }: Escalation, decision: Decision | null): Choice | undefined =>
  options.find(({ name }) => name === decision);

/** Who decided or switched: "a person", "the grant ci". */
export function actorWords({ kind, id }: Actor): string {
  if (kind === "person") return id === null || id === "operator" ? "a person" : id;
  return kind === "grant" ? `the grant ${id}` : kind === "default" ? "default" : "Prunella";
}

/** A program by its name, anything else with its kind. */
export const targetWords = (target: string): string =>
  target.startsWith("program:") ? target.slice("program:".length) : target;

export function actionWords(action: Attempt["action"]): string {
  return action === null ? "watch only" : action.replaceAll("_", " ");
}

/** 12345 → "12,345". By hand: the first number that a browser's own tables format holds up the first page. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");

const SIZES = [
  ["K", 1e3],
  ["M", 1e6],
  ["B", 1e9],
] as const;

/** 12345 → "12,345"; a hundred thousand and more → "123.5K", "1.2M". Cut numbers carry the exact one in a title. */
export function shortCount(count: number): string {
  if (count < 100_000) return grouped(count);
  for (const [sign, size] of SIZES) {
    const cut = Math.round(count / (size / 10)) / 10;
    if (cut < 1_000) return `${cut}${sign}`;
  }
  return `${grouped(Math.round(count / 1e9))}B`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A title for a sentence of ours: one line, no control characters, cut with an ellipsis. */
export function brief(title: string, most = 60): string {
  const points = [...title.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ")];
  return points.length <= most ? points.join("") : `${points.slice(0, most - 1).join("")}…`;
}

const STATE_WORDS: Record<Attempt["state"], string> = {
  refused: "held back",
  permitted: "permitted",
  running: "running",
  succeeded: "done",
  failed: "failed",
  expired: "never started, permit ran out",
  abandoned: "outcome unknown",
};
const WATCH_WORDS = { held: "held", ineffective: "did not help", watching: "is watched" } as const;

/** How far an attempt came, in a few words. */
export const cameOfIt = ({ state, verification }: Pick<Attempt, "state" | "verification">): string =>
  `${STATE_WORDS[state]}${verification === null ? "" : `, ${WATCH_WORDS[verification]}`}`;
