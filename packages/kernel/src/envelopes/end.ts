import { State, type Attempt } from "@prunella/contract";
import { enableEnv } from "../gate/envelope-book.ts";
import type { Observation } from "../gate/remedy.ts";

export interface EndedFix {
  readonly probe: string;
  /** How the envelope's switch stands now. */
  readonly isOn: boolean;
  readonly tried: {
    readonly action_taken: string;
    readonly action_canonical: string;
    readonly before_state: State | null;
  };
  /** null: nobody looked, or nothing was there. */
  readonly after: Observation | null;
  readonly attempt: Pick<Attempt, "state" | "started_at" | "ended_at">;
}

/** What came of a fix, as its answer and its row say it, whichever of them is said first. */
export function endOf({ probe, isOn, tried, after, attempt }: EndedFix) {
  // Permitted, and turned away before anything was done.
  if (attempt.state === "expired") {
    const isOff = !isOn;
    return {
      status: "rejected" as const,
      rejection_reason: isOff ? "envelope_disabled" : "permit_expired",
      rejection_detail: {
        ...(isOff ? { enable_env: enableEnv(probe.slice(0, 48)) } : {}),
        fix_name: tried.action_canonical,
        message: isOff
          ? "The envelope was switched off after it was permitted. Nothing was done."
          : "What was permitted was taken back before it began. Nothing was done.",
      },
    };
  }
  const { started_at: begun, ended_at: ended } = attempt;
  const came = {
    ...tried,
    after_state: stateOf(after),
    executor_duration_ms: begun === null || ended === null ? null : ended - begun,
  };
  return attempt.state === "succeeded"
    ? { status: "attempted" as const, ...came }
    : { status: "execution_failed" as const, ...came };
}

/** What a provider says beyond what an answer takes is not repeated. */
export const stateOf = (seen: Observation | null | undefined): State | null =>
  State.safeParse(seen?.state).data ?? null;
