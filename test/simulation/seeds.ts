import type { Defect } from "./defects.ts";
import { FAULT_NAMES, type Fault } from "./faults.ts";
import { play, type Played } from "./play.ts";
import type { Store } from "./store.ts";

export interface Failure {
  readonly seed: number;
  readonly steps: number;
  readonly violations: readonly string[];
}

/** What a row of seeds came to. */
export interface Seeds {
  readonly seeds: number;
  readonly steps: number;
  readonly violations: number;
  readonly failures: readonly Failure[];
  readonly reached: readonly Fault[];
}

/** One of so many is played twice, and must come to the same end. */
const TWICE = 100;
/** Of so many failing seeds the shortest prefix is looked for; more would say the same. */
const SHORTENED = 3;

/** Plays `seeds`, one after the other. `until` ends it early. */
export async function playSeeds(
  store: Store,
  seeds: Iterable<number>,
  given: {
    readonly defect?: Defect | undefined;
    readonly limit?: number | undefined;
    readonly isFirstEnough?: boolean;
  } = {},
): Promise<Seeds> {
  const { defect, limit } = given;
  const reached = new Set<Fault>();
  const failures: Failure[] = [];
  let [count, steps, violations] = [0, 0, 0];
  for (const seed of seeds) {
    const played = await play(store, seed, defect, limit);
    count += 1;
    steps += played.steps;
    for (const fault of played.reached) reached.add(fault);
    const found = [...played.violations, ...(seed % TWICE === 0 ? await playAgain(store, played, defect, limit) : [])];
    violations += found.length;
    if (found.length === 0) continue;
    const isShortened = played.violations.length > 0 && failures.length < SHORTENED;
    failures.push(
      isShortened ? await shorten(store, played, defect) : { seed, steps: played.steps, violations: found },
    );
    if (given.isFirstEnough) break;
  }
  return { seeds: count, steps, violations, failures, reached: FAULT_NAMES.filter((fault) => reached.has(fault)) };
}

async function playAgain(store: Store, first: Played, defect?: Defect, limit?: number): Promise<string[]> {
  const again = await play(store, first.seed, defect, limit);
  return again.root === first.root ? [] : ["the same seed led to another ledger"];
}

/** The fewest steps after which the seed still fails: a run that is cut short goes the same way up to there. */
async function shorten(
  store: Store,
  { seed, steps: all, violations: found }: Played,
  defect?: Defect,
): Promise<Failure> {
  for (let steps = 0; steps < all; steps += 1) {
    const { violations } = await play(store, seed, defect, steps);
    if (violations.length > 0) return { seed, steps, violations };
  }
  return { seed, steps: all, violations: found };
}
