import type { Clock } from "@prunella/kernel";
import { isRunning, signalAll, type Process } from "../platform/processes.ts";
import { sleep } from "./insist.ts";

/** Between two looks whether they are gone. */
const LOOK_MS = 50;
/** A killed process is gone at once, unless the kernel holds it (a dead disk) or it is another user's. */
const KILL_TRIES = 20;

export interface Ending {
  readonly clock: Clock;
  /** null: they were asked already. */
  readonly signal: NodeJS.Signals | null;
  /** When they are killed (epoch ms). */
  readonly deadline: number;
  /** Aborted when nobody will wait: they are killed now. */
  readonly hurry: AbortSignal;
}

export interface Ended {
  readonly ended: readonly Process[];
  /** What could not be ended. */
  readonly left: readonly Process[];
}

/** Ends what `find` finds until it finds nothing more: asks, waits until the deadline, kills. */
export async function endAll(find: () => Promise<readonly Process[]>, ending: Ending): Promise<Ended> {
  const { clock, deadline, hurry } = ending;
  const seen = new Map<number, Process>();
  const asked = new Set<number>();
  const look = async (): Promise<readonly Process[]> => {
    const found = await find().catch(() => []);
    for (const row of found) seen.set(row.pid, row);
    return found;
  };

  let running = await look();
  while (running.length > 0 && clock.now() < deadline && !hurry.aborted) {
    const fresh = running.filter((row) => !asked.has(row.pid));
    if (ending.signal !== null) signalAll(fresh, ending.signal);
    for (const row of fresh) asked.add(row.pid);
    await sleep(Math.min(LOOK_MS, deadline - clock.now()), { clock, signal: hurry });
    running = running.filter(isRunning);
    // What they started meanwhile is looked for once the ones we know are gone.
    if (running.length === 0) running = await look();
  }
  for (let tries = 0; running.length > 0 && tries < KILL_TRIES; tries += 1) {
    signalAll(running, "SIGKILL");
    await sleep(LOOK_MS, { clock, signal: new AbortController().signal });
    running = await look();
  }
  const left = new Set(running.map(({ pid }) => pid));
  return { ended: [...seen.values()].filter(({ pid }) => !left.has(pid)), left: running };
}
