import type { Rng } from "@prunella/kernel";
import { createSeeded } from "../crashloop/seeded.ts";

/** Everything of a run that could have gone otherwise is asked here, so that a seed says all of it. */
export interface Chance extends Rng {
  /** True so often, from 0 to 1. */
  is(probability: number): boolean;
  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<T>(list: readonly T[]): T;
}

export function createChance(seed: number): Chance {
  const next = createSeeded(Math.imul(seed, 0x9e37_79b1));
  const between = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  return {
    // Asked also where the answer is known: what is drawn next never depends on a setting.
    is: (probability) => next() < probability,
    between,
    pick(list) {
      const picked = list[between(0, list.length - 1)];
      if (picked === undefined) throw new Error("nothing to pick from");
      return picked;
    },
    bytes: (size) => Uint8Array.from({ length: size }, () => Math.floor(next() * 256)),
  };
}
