import type { Clock } from "../../ports.ts";
import type { Run } from "./run.ts";

/** A supervisor whose program is down asks at least every 25 s; silent for longer means that nobody would restart it. */
const SILENT_MS = 60_000;
/** A run whose supervisor was silent for this long ended without saying so. */
const GONE_MS = 300_000;
/** After a start: supervisors that survived it are back by then. */
const RECONNECT_MS = 30_000;

/** Who is there, by what the database says: every process on it judges alike. */
export interface Presence {
  isConnected(run: Run): boolean;
  /** False once supervisors that survived a start of ours have had their time to come back. */
  mayExpect(): boolean;
  /** It should be there, and nobody could hear it before now: judging waits for a moment. */
  isExpected(run: Run): boolean;
  isGone(run: Run): boolean;
}

/**
 * `servingSince`: since when a process has been there to hear supervisors. A silence from before
 * then is ours, not theirs.
 */
export function createPresence({
  clock,
  servingSince,
}: {
  clock: Pick<Clock, "now">;
  servingSince: () => number;
}): Presence {
  const silence = (run: Run) => clock.now() - Math.max(run.heard_at, servingSince());
  const mayExpect = () => clock.now() - servingSince() <= RECONNECT_MS;
  return {
    isConnected: (run) =>
      run.heard_at >= servingSince() ? silence(run) < SILENT_MS : clock.now() - run.heard_at < SILENT_MS,
    mayExpect,
    isExpected: (run) => run.heard_at < servingSince() && mayExpect(),
    // While a program runs its supervisor has nothing to ask, so its silence says nothing.
    isGone: (run) => run.state !== "running" && silence(run) > GONE_MS,
  };
}
