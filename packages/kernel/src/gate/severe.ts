import type { Refusal } from "@prunella/contract";
import type { Tx } from "../store/engine.ts";
import type { Refused } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { severity } from "./severity.ts";

/** What is wrong where once is enough. */
export interface Trouble {
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly faultId: string | null;
  readonly target: string;
}

/** Opens the repair of a cause in the unit of the verdict, unless one is open for it already. */
export type OpenSprint = (tx: Tx, trouble: Trouble) => Promise<unknown>;

/** Then it is not known to be true, or is no failure of theirs. */
const DISBELIEVED: ReadonlySet<Refusal> = new Set(["unknown_trigger", "self", "expected_symptom", "untrusted_source"]);

/**
 * A failure of at least the level that its trigger names asks for the repair of its cause at once, whatever the gate
 * says of a remedy: also where there is none, or it is switched off. A trigger that only tries leaves nothing behind.
 */
export async function openWhenSevere(
  tx: Tx,
  { request, policy: { trigger } }: Pick<Facts, "request" | "policy">,
  refused: Refused | null,
  { openSprint }: { readonly openSprint: OpenSprint },
): Promise<void> {
  const { projectId, triggerId, faultId, target, cause, subject } = request;
  if (!trigger || trigger.sprint_at === null || subject.kind !== "trigger" || cause === null) return;
  if (severity(cause.level) < severity(trigger.sprint_at) || trigger.mode === "dry_run") return;
  if (refused && DISBELIEVED.has(refused.refusal)) return;
  await openSprint(tx, { projectId, triggerId, faultId, target });
}
