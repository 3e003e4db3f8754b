import { openArena } from "./arena.ts";
import type { Defect } from "./defects.ts";
import { RACES } from "./races.ts";
import type { Store } from "./store.ts";

/** So many meet in one world before the next begins: names never come again, but rows grow. */
const IN_ONE_WORLD = 25;

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
      for (let nth = 0; nth < IN_ONE_WORLD && interleavings < given.count; nth += 1) {
        interleavings += 1;
        const wrong = await run(arena);
        if (wrong !== null) violations.push({ seed, what: wrong });
      }
    } finally {
      await arena.end();
    }
    for (const what of arena.violations) violations.push({ seed, what });
  }
  return { race: given.race, interleavings, violations };
}
