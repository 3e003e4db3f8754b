import { hash } from "node:crypto";
import type { LedgerEntry } from "@prunella/contract";

/** What an entry breaks, in our own words; empty when it fits everything before it. */
export interface Laws {
  check(entry: LedgerEntry, index: number): string[];
}

type Intent = {
  readonly attempt: string;
  readonly trigger: string;
  started: boolean;
  ended: boolean;
  verified: boolean;
};

/**
 * The promises that a reader of the entries alone can check, one pass, first entry first:
 * entry 0 and no other is the genesis and names this origin and key; whatever was started, ended or
 * verified points to an earlier intent of the same attempt, each at most once; an attempt that ended
 * never starts; and at no prefix are more attempts of a trigger active than its ceiling (law 2).
 * Memory grows with the number of intents.
 */
export function createLaws({ origin, vkey }: { readonly origin: string; readonly vkey: string }): Laws {
  const vkeySha256 = hash("sha256", vkey.trimEnd(), "hex");
  const intents = new Map<number, Intent>();
  const attempts = new Set<string>();
  const active = new Map<string, number>();

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
    if (step === "started" && intent.ended) return ["starts an attempt that had ended"];
    if (step === "ended") active.set(intent.trigger, (active.get(intent.trigger) ?? 1) - 1);
    return [];
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
        case "attempt_intent": {
          const found: string[] = [];
          const attempt = `${entry.project}/${entry.attempt}`;
          const trigger = `${entry.project}/${entry.trigger}`;
          const now = (active.get(trigger) ?? 0) + 1;
          if (attempts.has(attempt)) found.push("announces an attempt for the second time");
          if (now > entry.ceiling)
            found.push(`makes ${now} attempts of a trigger active, over its ceiling of ${entry.ceiling}`);
          attempts.add(attempt);
          active.set(trigger, now);
          intents.set(index, { attempt, trigger, started: false, ended: false, verified: false });
          return found;
        }
        case "attempt_started":
          return follow(entry, "started");
        case "attempt_outcome":
          return follow(entry, "ended");
        case "attempt_verified":
          return follow(entry, "verified");
        default:
          return [];
      }
    },
  };
}
