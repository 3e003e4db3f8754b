import { openArena } from "./arena.ts";
import type { Defect } from "./defects.ts";
import { RACES } from "./races.ts";
import type { Store } from "./store.ts";

/**
 * So often what meets in a world meets from the same beginning, in one order after the other: to come there costs most
 * of the time. What the processes remember goes on, as it would for any that look at a database which others change.
 */
const IN_ONE_WORLD = 50;

export interface Ran {
  readonly race: string;
  readonly interleavings: number;
  readonly violations: readonly { readonly seed: number; readonly what: string }[];
}

/** Plays one race so many times, each time in another order. */
export async function runRace(
  store: Store,
  given: { race: string; count: number; seed: number; defect?: Defect },
): Promise<Ran> {
  const run = RACES[given.race];
  if (!run) throw new Error(`there is no race ${given.race}`);
  const violations: Ran["violations"][number][] = [];
  let interleavings = 0;
  for (let seed = given.seed; interleavings < given.count; seed += 1) {
    const arena = await openArena(store, seed, given.defect);
    try {
      const meeting = await run(arena);
      store.mark();
      for (let nth = 0; nth < IN_ONE_WORLD && interleavings < given.count; nth += 1) {
        interleavings += 1;
        const wrong = await meeting();
        if (wrong !== null) violations.push({ seed, what: wrong });
        store.back();
      }
    } finally {
      await arena.end();
    }
    for (const what of arena.violations) violations.push({ seed, what });
  }
  return { race: given.race, interleavings, violations };
}
