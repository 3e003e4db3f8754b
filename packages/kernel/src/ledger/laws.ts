import { hash } from "node:crypto";
import type { LedgerEntry, Scope } from "@prunella/contract";

/** What an entry breaks, in our own words; empty when it fits everything before it. */
export interface Laws {
  check(entry: LedgerEntry, index: number): string[];
}

type Of<T extends LedgerEntry["type"]> = Extract<LedgerEntry, { type: T }>;
type IntentEntry = Of<"attempt_intent">;
type Intent = {
  readonly attempt: string;
  /** The names of every scope that it counts in. */
  readonly scopes: readonly string[];
  started: boolean;
  ended: boolean;
  verified: boolean;
};

/**
 * The promises that a reader of the entries alone can check, one pass, first entry first:
 * entry 0 and no other is the genesis and names this origin and key; whatever was started, ended or
 * verified points to an earlier intent of the same attempt, each at most once; an attempt that ended
 * never starts; at no prefix are more attempts active within a scope than an intent's ceilings say
 * (law 2), and none exceeds its budgets within their windows (law 3), but by an override that a person made
 * for its trigger, in its time and no more often than it says; whatever is done because of an
 * escalation has an earlier decision for it, which serves once and for what it approves alone; an approval that
 * came before its question answers one question, once, in its time; only an open escalation is held; a run of a
 * plugin that ended had begun, and ends once; a fault is made public once, and that and the word that it is fixed were
 * announced by an earlier intent for its public issue, of a person, a decision or a grant, which had begun.
 * Memory grows with the number of intents.
 */
export function createLaws({ origin, vkey }: { readonly origin: string; readonly vkey: string }): Laws {
  const vkeySha256 = hash("sha256", vkey.trimEnd(), "hex");
  const intents = new Map<number, Intent>();
  const attempts = new Set<string>();
  const active = new Map<string, number>();
  /** When intents of a kind of subject stood in a scope. */
  const spent = new Map<string, number[]>();
  /** Questions that wait for an answer. */
  const open = new Set<string>();
  /** What people allowed beyond a budget, by the index of its entry. */
  const overrides = new Map<number, Of<"budget_overridden"> & { taken: number }>();
  /** Decisions that ask for an effect and have not been used, with the digest of what they approve. */
  const decided = new Map<string, string | undefined>();
  /** What people approved beforehand and has not ended. */
  const approvals = new Map<string, Of<"approval_changed">>();

  /** Runs of plugins that have begun and not ended, by the index of their beginning. */
  const running = new Map<number, string>();

  /** Attempts at public issues, by their name. */
  const publishing = new Map<string, { readonly target: string; readonly by: string; begun: boolean }>();
  /** Faults that were made public. */
  const isPublic = new Set<string>();

  const follow = (
    entry: { project: string; attempt: string; intent: number },
    step: "started" | "ended" | "verified",
  ): string[] => {
    const intent = intents.get(entry.intent);
    if (intent === undefined || intent.attempt !== `${entry.project}/${entry.attempt}`) {
      return [`refers to ${entry.intent}, which is no earlier intent of its attempt`];
    }
    if (intent[step]) return [`says again that an attempt was ${step}`];
    intent[step] = true;
    const published = step === "started" ? publishing.get(intent.attempt) : undefined;
    if (published !== undefined) published.begun = true;
    if (step === "started" && intent.ended) return ["starts an attempt that had ended"];
    if (step === "ended") for (const scope of intent.scopes) active.set(scope, (active.get(scope) ?? 1) - 1);
    return [];
  };

  const announce = (entry: IntentEntry, index: number): string[] => {
    const found: string[] = [];
    const attempt = `${entry.project}/${entry.attempt}`;
    if (attempts.has(attempt)) found.push("announces an attempt for the second time");
    attempts.add(attempt);
    const scopes = SCOPES.map((scope) => nameOf(scope, entry));
    for (const scope of scopes) active.set(scope, (active.get(scope) ?? 0) + 1);
    for (const { scope, max } of entry.ceilings) {
      const now = active.get(nameOf(scope, entry)) ?? 0;
      if (now > max) found.push(`makes ${now} attempts active for its ${scope}, over the ceiling of ${max}`);
    }
    for (const scope of scopes) {
      const name = `${entry.subject.kind} ${scope}`;
      const times = spent.get(name);
      if (times) times.push(entry.at);
      else spent.set(name, [entry.at]);
    }
    for (const { scope, max, window_ms } of entry.budgets) {
      const times = spent.get(`${entry.subject.kind} ${nameOf(scope, entry)}`) ?? [];
      const used = countSince(times, entry.at - window_ms);
      const isWidened = entry.override !== undefined && (scope === "trigger" || scope === "target");
      if (used > max && !isWidened)
        found.push(`is number ${used} for its ${scope} within ${window_ms} ms, over the budget of ${max}`);
    }
    if (entry.override !== undefined) found.push(...useOverride(entry, entry.override));
    if (entry.target.startsWith(PUBLIC))
      publishing.set(attempt, { target: entry.target, by: entry.subject.kind, begun: false });
    intents.set(index, { attempt, scopes, started: false, ended: false, verified: false });
    return [...found, ...authorise(entry)];
  };

  const useOverride = ({ project, trigger, at }: IntentEntry, index: number): string[] => {
    const override = overrides.get(index);
    if (override?.project !== project || override.trigger !== trigger)
      return ["names an override that nobody made for its trigger"];
    override.taken += 1;
    if (at >= override.expires_at) return ["uses an override whose time is over"];
    return override.taken > override.extra ? [`is number ${override.taken} of an override for ${override.extra}`] : [];
  };

  const authorise = ({ project, subject, because, args_sha256: digest }: IntentEntry): string[] => {
    if (because.kind === "escalation") {
      const name = `${project}/${because.id}`;
      const approved = decided.get(name);
      if (!decided.delete(name)) return ["names an escalation that was not decided for it, or has served already"];
      return approved === undefined || approved === digest ? [] : ["does other than what its decision approves"];
    }
    return subject.kind === "person" && because.kind === "evaluation"
      ? ["is by a person and names no decision or call"]
      : [];
  };

  const approve = (entry: Of<"approval_changed">): string[] => {
    const name = `${entry.project}/${entry.approval}`;
    const given = approvals.get(name);
    if (entry.change === "given") {
      approvals.set(name, entry);
      return given ? ["gives an approval for the second time"] : [];
    }
    approvals.delete(name);
    if (given?.args_sha256 !== entry.args_sha256) return ["ends an approval that nobody gave, or that had ended"];
    if (entry.change !== "used") return [];
    if (entry.at >= given.expires_at) return ["uses an approval whose time is over"];
    return open.has(`${entry.project}/${entry.escalation ?? ""}`) ? [] : ["uses an approval for no open question"];
  };

  const goPublic = ({ project, fault, change, attempt }: Of<"promotion_changed">): string[] => {
    if (change !== "promoted" && change !== "fixed") return [];
    const name = `${project}/${fault}`;
    const found: string[] = [];
    const by = publishing.get(`${project}/${attempt ?? ""}`);
    if (by?.begun !== true || by.target !== `${PUBLIC}${fault}`)
      found.push(`says that a fault was ${change} by no attempt that had begun at its public issue`);
    else if (by.by === "trigger") found.push("makes public what no person, decision or grant asked for");
    if (change === "fixed" && !isPublic.has(name)) found.push("says of a fault that is not public that it is fixed");
    if (change === "promoted" && isPublic.has(name)) found.push("makes a fault public for the second time");
    if (change === "promoted") isPublic.add(name);
    return found;
  };

  const endRun = (entry: Of<"plugin_completed"> | Of<"plugin_failed">): string[] => {
    const isBlocked = entry.type === "plugin_failed" && entry.reason === "blocked";
    if (entry.invoked === null) return isBlocked ? [] : ["ends a run that never began"];
    const run = running.get(entry.invoked);
    running.delete(entry.invoked);
    if (run !== `${entry.project}/${entry.plugin}/${entry.invocation}`)
      return [`refers to ${entry.invoked}, which is no run of it that goes on`];
    return isBlocked ? ["says of a run that has begun that it was blocked"] : [];
  };

  return {
    check(entry, index) {
      if ((entry.type === "genesis") !== (index === 0)) {
        return [index === 0 ? "is the first and not the genesis" : "is a genesis and not the first"];
      }
      switch (entry.type) {
        case "genesis": {
          const found: string[] = [];
          if (entry.origin !== origin) found.push("names another origin than the key");
          if (entry.vkey_sha256 !== vkeySha256) found.push("names another verifier key");
          return found;
        }
        case "budget_overridden":
          overrides.set(index, { ...entry, taken: 0 });
          return [];
        case "attempt_intent":
          return announce(entry, index);
        case "attempt_started":
          return follow(entry, "started");
        case "attempt_outcome":
          return follow(entry, "ended");
        case "attempt_verified":
          return follow(entry, "verified");
        case "escalation_opened":
          open.add(`${entry.project}/${entry.escalation}`);
          return [];
        case "escalation_held":
          return open.has(`${entry.project}/${entry.escalation}`) ? [] : ["holds an escalation that is not open"];
        case "escalation_decided":
          open.delete(`${entry.project}/${entry.escalation}`);
          if (entry.acts) decided.set(`${entry.project}/${entry.escalation}`, entry.args_sha256);
          return [];
        case "approval_changed":
          return approve(entry);
        case "promotion_changed":
          return goPublic(entry);
        case "plugin_invoked":
          running.set(index, `${entry.project}/${entry.plugin}/${entry.invocation}`);
          return [];
        case "plugin_completed":
        case "plugin_failed":
          return endRun(entry);
        default:
          return [];
      }
    },
  };
}

/** Of a fault's public issue, as a target: `publicTarget` of the promotions. */
const PUBLIC = "issue:public/";
const SCOPES: readonly Scope[] = ["trigger", "target", "project", "global"];

/** Without a trigger an attempt stands alone in that scope. */
function nameOf(scope: Scope, { project, trigger, target, attempt }: IntentEntry): string {
  switch (scope) {
    case "trigger":
      return `trigger ${project} ${trigger ?? attempt}`;
    case "target":
      return `target ${project} ${target}`;
    case "project":
      return `project ${project}`;
    case "global":
      return "global";
  }
}

/** Clocks of several servers may differ, so the times are not quite in order; far back they are. */
function countSince(times: readonly number[], since: number): number {
  let count = 0;
  let older = 0;
  for (let at = times.length - 1; at >= 0 && older < 100; at -= 1) {
    if ((times[at] ?? 0) > since) {
      count += 1;
      older = 0;
    } else older += 1;
  }
  return count;
}
