import { crashNow } from "../cells/decision.ts";
import type { Supervisors } from "./client.ts";

export interface Decided {
  /** From the moment at which the program should have crashed, so a stall counts for all that it held up, ms. */
  readonly fromCrash: Float64Array;
  /** From the answer that says that the crash is durable, ms. */
  readonly fromCommit: Float64Array;
  readonly failures: readonly string[];
}

interface Program {
  readonly run: string;
  /** The attempt that it was told of last. */
  seen: string | null;
  /** Ends when it runs again. */
  turn: Promise<void>;
}

/**
 * `perSecond` crashes for `seconds` of the programs in turn, whether or not earlier ones were answered: crash,
 * permit, redeemed, restarted. A program that is still down when its turn comes crashes as soon as it runs again.
 */
export async function decideOpen(
  supervisors: Supervisors,
  runs: readonly string[],
  given: { perSecond: number; seconds: number },
): Promise<Decided> {
  const total = given.perSecond * given.seconds;
  const fromCrash = new Float64Array(total);
  const fromCommit = new Float64Array(total);
  const failures: string[] = [];
  const programs = runs.map((run): Program => ({ run, seen: null, turn: Promise.resolve() }));
  const startedAt = performance.now();

  async function decide(program: Program, at: number): Promise<void> {
    await supervisors.crash(program.run, crashNow());
    const committedAt = performance.now();
    const told = await supervisors.next(program.run, program.seen);
    program.seen = told.attempt;
    await supervisors.redeem(told);
    const redeemedAt = performance.now();
    fromCrash[at] = redeemedAt - startedAt - (at * 1000) / given.perSecond;
    fromCommit[at] = redeemedAt - committedAt;
    await supervisors.succeeded(told);
  }

  let begun = 0;
  const turns: Promise<void>[] = [];
  while (begun < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) * given.perSecond) / 1000) + 1);
    for (; begun < due; begun += 1) {
      const program = programs[begun % programs.length];
      if (!program) break;
      const at = begun;
      program.turn = program.turn.then(() =>
        decide(program, at).catch(
          (error: unknown) => void failures.push(error instanceof Error ? error.message : "unknown"),
        ),
      );
      turns.push(program.turn);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(turns);
  return { fromCrash, fromCommit, failures };
}
