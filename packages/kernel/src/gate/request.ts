import type { Args, Because, Budget, Cause, Ceiling, Grant, Subject, Trigger } from "@prunella/contract";
import type { Observation } from "./remedy.ts";
import type { Peers } from "./storm.ts";

/** Somebody or something asks for an effect. */
export interface Request {
  readonly projectId: string;
  readonly subject: Subject;
  /** Whose envelope bounds it; null when a person or a grant asks without a trigger. */
  readonly triggerId: string | null;
  /** The envelope of the configuration that the caller names. */
  readonly envelope?: string;
  /** null: what the trigger says. */
  readonly action: string | null;
  readonly target: string;
  readonly args: Args;
  readonly because: Because;
  readonly faultId: string | null;
  readonly cause: Cause | null;
  /** Whether somebody waits for the answer; then the attempt gets a row of its own. */
  readonly isAwaited: boolean;
  /** Until when a person's answer holds; absent where nobody answered. */
  readonly approvedUntil?: number;
  /** All arguments of what the person was asked about, and said yes to; absent where they saw none. */
  readonly approved?: Args;
}

/** What had to be looked up outside the transaction; at most 5 s old at commit. */
export interface Evidence {
  readonly observedAt: number;
  readonly observation: Observation | null;
  /** Of the trigger's storm; null where it has no bounds for one. */
  readonly peers: Peers | null;
}

export const EVIDENCE_MAX_AGE_MS = 5_000;

/** What bounds a request, read fresh: its trigger or its grant, and the limits that follow from who asks. */
export interface Policy {
  readonly trigger: Trigger | null;
  readonly grant: Grant | null;
  readonly budgets: readonly Budget[];
  readonly ceilings: readonly Ceiling[];
}

/** A person may have one target acted on this often in an hour; more is a job for the cause. */
export const PERSON_BUDGET: Budget = { scope: "target", max: 10, window_ms: 3_600_000 };

/** What a person asks for by hand is theirs to repeat; more than this an hour is a script that runs away. */
const CALL_BUDGET: Budget = { scope: "target", max: 60, window_ms: 3_600_000 };

/** A person's attempts have a budget of their own and stay under the trigger's ceilings. */
export function policyFor(subject: Subject, trigger: Trigger | null, grant: Grant | null): Policy {
  if (subject.kind === "person")
    return {
      trigger,
      grant,
      budgets: [trigger ? PERSON_BUDGET : CALL_BUDGET],
      ceilings: trigger?.ceilings ?? [{ scope: "target", max: 1 }],
    };
  const source = subject.kind === "grant" ? grant : trigger;
  return { trigger, grant, budgets: source?.budgets ?? [], ceilings: source?.ceilings ?? [] };
}
