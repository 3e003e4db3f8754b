import type { Refusal } from "@prunella/contract";
import type { Remedy } from "./remedy.ts";

/** What would change a refusal whatever the remedy is; nothing is named here that cannot be set. */
const WAYS: Partial<Record<string, string>> = {
  killed: "prunella unkill",
  outside_window: "prunella maintenance list",
  dry_run: "mode: act",
  observed: "`prunella envelopes list` names it, `prunella envelopes promote --help` how it is trusted further.",
  proposed:
    "`prunella autofix --help` says how it is done by hand, `prunella envelopes promote --help` how to trust it.",
  untrusted_source:
    "Failures that the supervisor sees itself are believed: run the program under `prunella run --name shop -- ./shop`, with its own name and command.",
};

/** The switch or command that would change a refusal; null when there is none. */
export function changeWith(refusal: Refusal, remedy: Remedy | undefined, projectId: string): string | null {
  if (refusal === "paused") return `\`prunella resume ${projectId}\`; \`prunella pause --list\` names what stands.`;
  const words = remedy?.words;
  return WAYS[refusal] ?? words?.settings[refusal] ?? (refusal === "target_not_found" ? (words?.reach ?? null) : null);
}
