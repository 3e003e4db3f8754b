import type { FaultRow } from "@prunella/contract";
import { refusalWords } from "../parts/words.ts";

/** What the healer is doing about a fault, in a few words. */
export function healingWords(healing: FaultRow["healing"]): { text: string; tone: "quiet" | "good" | "warn" | "bad" } {
  if (healing === null) return { text: "", tone: "quiet" };
  if (healing.verification === "held") return { text: "healed", tone: "good" };
  if (healing.verification === "ineffective")
    return healing.came_back
      ? { text: "did not help", tone: "warn" }
      : { text: "acted, another followed", tone: "quiet" };
  switch (healing.state) {
    case "refused":
      return {
        text: healing.refusal === null ? "held back" : refusalWords(healing.refusal),
        tone: healing.refusal === "debounced" ? "quiet" : "warn",
      };
    case "permitted":
      return { text: "about to act", tone: "quiet" };
    case "running":
      return { text: "acting", tone: "quiet" };
    case "succeeded":
      return { text: healing.verification === "watching" ? "acted, watching" : "acted", tone: "quiet" };
    case "failed":
      return { text: "remedy failed", tone: "bad" };
    case "expired":
      return { text: "permit ran out", tone: "quiet" };
    case "abandoned":
      return { text: "outcome unknown", tone: "warn" };
    default:
      return { text: healing.state, tone: "quiet" };
  }
}

export const TONES = { quiet: "text-quiet", good: "text-good", warn: "text-warn", bad: "text-bad" } as const;
