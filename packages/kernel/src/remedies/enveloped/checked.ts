import type { FixHands, FixSeen, FixTold } from "@prunella/contract";

/**
 * How a target is by the check that its envelope names. Without one nobody can say, so it counts as not well:
 * what was done about it is then inconclusive, and that is a failure.
 */
export async function lookByCheck(
  target: string,
  { action }: FixTold,
  hands: FixHands,
  signal: AbortSignal,
): Promise<FixSeen | null> {
  if (action.check === null) return { isHealthy: false, isUnknown: true, state: { target, check: "none" } };
  const checked = await hands.spawn({ command: action.check }, signal);
  // A check that cannot run says nothing about the target.
  if (!checked.ok) return null;
  return { isHealthy: checked.code === 0, state: { target, check_exit: checked.code } };
}

export const ENDED_WELL = 0;

/** Whether a command was run and ended well. */
export async function runs(command: readonly string[], hands: FixHands, signal: AbortSignal): Promise<boolean> {
  const done = await hands.spawn({ command }, signal);
  return done.ok && done.code === ENDED_WELL;
}

/** Whether an address was called and answered that it is done. */
export async function calls({ action }: FixTold, hands: FixHands, signal: AbortSignal): Promise<boolean> {
  if (action.url === null) return false;
  const answer = await hands.http({ url: action.url, method: action.method, body: action.body }, signal);
  return answer.ok && answer.status >= 200 && answer.status < 300;
}
