import type { Refusal } from "@prunella/contract";
import type { Remedy } from "./remedy.ts";

/** What would change a refusal whatever the remedy is; nothing is named here that cannot be set. */
const WAYS: Partial<Record<string, string>> = {
  killed: "prunella unkill",
  paused: "prunella resume <project>; `prunella pause --list` names what stands",
  outside_window: "prunella maintenance list",
  dry_run: "mode: act",
  observed: "prunella envelopes promote <probe> --reason …",
  proposed: "prunella autofix <probe> <action> <target> --reason …, or prunella envelopes promote <probe> --reason …",
  untrusted_source: "Failures that the supervisor sees itself are believed: run the program with `prunella run`.",
};

/** The switch or command that would change a refusal; null when there is none. */
export function changeWith(refusal: Refusal, remedy: Remedy | undefined): string | null {
  const words = remedy?.words;
  return WAYS[refusal] ?? words?.settings[refusal] ?? (refusal === "target_not_found" ? (words?.reach ?? null) : null);
}
