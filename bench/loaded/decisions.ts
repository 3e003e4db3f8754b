import { crashNow } from "../cells/decision.ts";
import type { Supervisors, Told } from "./client.ts";

export interface Decided {
  /** From the moment at which the program should have crashed, so a stall counts for all that it held up, ms. */
  readonly fromCrash: Float64Array;
  /** From the answer that says that the crash is durable, ms. */
  readonly fromCommit: Float64Array;
  readonly failures: readonly string[];
}

/**
 * `perSecond` crashes, each of another program, whether or not earlier ones were answered: from the crash
 * until its supervisor is told of the permit. What follows, redeeming and reporting, comes after the clock
 * has stopped, so that the programs run again.
 */
export async function decideOpen(
  supervisors: Supervisors,
  runs: readonly string[],
  perSecond: number,
): Promise<Decided> {
  const fromCrash = new Float64Array(runs.length);
  const fromCommit = new Float64Array(runs.length);
  const failures: string[] = [];
  const permitted: Told[] = [];
  const failed = (error: unknown) => void failures.push(error instanceof Error ? error.message : "unknown");
  const startedAt = performance.now();

  async function decide(run: string, at: number): Promise<void> {
    await supervisors.crash(run, crashNow());
    const committedAt = performance.now();
    permitted.push(await supervisors.next(run, null));
    const toldAt = performance.now();
    fromCrash[at] = toldAt - startedAt - (at * 1000) / perSecond;
    fromCommit[at] = toldAt - committedAt;
  }

  const turns: Promise<void>[] = [];
  while (turns.length < runs.length) {
    const due = Math.min(runs.length, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
    for (const [at, run] of runs.slice(turns.length, due).entries())
      turns.push(decide(run, turns.length + at).catch(failed));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(turns);
  await carryOut(supervisors, permitted).catch(failed);
  return { fromCrash, fromCommit, failures };
}

const SIDE_BY_SIDE = 32;

async function carryOut(supervisors: Supervisors, permitted: Told[]): Promise<void> {
  const one = async (): Promise<void> => {
    for (let told = permitted.shift(); told !== undefined; told = permitted.shift()) {
      await supervisors.redeem(told);
      await supervisors.succeeded(told);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
}
