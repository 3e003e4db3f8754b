import type { LadderRung, Trigger } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import type { Request } from "./request.ts";
import { PERMIT_LIFE_MS } from "./work.ts";

export interface RungAt extends LadderRung {
  /** From 0. */
  readonly at: number;
}

export type Tried = Pick<Tables["self_heal_attempts"], "rung" | "state" | "verification" | "not_before" | "ended_at">;

/** A ladder that nobody stood on for this long is begun anew: what failed then says nothing of today. */
export const FORGOTTEN_MS = 24 * 3_600_000;

type Climbing = Pick<Request, "projectId" | "subject" | "action" | "target">;

/**
 * Which remedy of a trigger is asked for: the first, or the one after a remedy that failed or did not help.
 * The last is tried as often as the budgets allow. Whatever held on the target, by whoever's authority, begins
 * the ladder anew.
 */
export async function readRung(
  db: Engine["reader"],
  given: { readonly now: number; readonly request: Climbing; readonly trigger: Trigger | null },
): Promise<RungAt | null> {
  const { request, trigger } = given;
  if (!trigger) return null;
  const { remedies } = trigger;
  // A person or a caller names the remedy; where they leave it to the trigger it is the first.
  const named = request.action === null ? 0 : remedies.findIndex(({ action }) => action === request.action);
  if (request.subject.kind !== "trigger") return rungOf(remedies, named);
  if (remedies.length < 2) return rungOf(remedies, 0);
  const since = given.now - FORGOTTEN_MS;
  const [last] = await rows<Tried>(db)`select rung, state, verification, not_before, ended_at from self_heal_attempts
    where project_id = ${request.projectId} and target = ${request.target} and refusal is null and created_at > ${since}
      and (verification = 'held' or trigger_id = ${trigger.id} and subject_kind = 'trigger')
    order by created_at desc, fence desc limit 1`;
  return rungOf(remedies, nextRung(last, remedies.length));
}

export function rungOf(remedies: readonly LadderRung[], at: number): RungAt | null {
  const rung = remedies[at];
  return rung ? { ...rung, at } : null;
}

export function nextRung(last: Tried | undefined, length: number): number {
  if (!last || last.verification === "held") return 0;
  return Math.min(last.rung + (hasFailed(last) ? 1 : 0), length - 1);
}

/** Doubt counts as failure: nobody reported, or nobody began. What was taken back before its time was never tried. */
function hasFailed({ state, verification, not_before: notBefore, ended_at: endedAt }: Tried): boolean {
  if (state === "expired") return endedAt !== null && endedAt >= (notBefore ?? 0) + PERMIT_LIFE_MS;
  return verification === "ineffective" || state === "failed" || state === "abandoned";
}
