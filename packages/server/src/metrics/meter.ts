import type { Meter } from "@prunella/kernel";

/** What one thread did since it was last asked. */
export interface Measured {
  readonly counted: number;
  readonly duplicates: number;
  readonly lost: Readonly<Record<string, number>>;
  /** Units and seconds of each batch. */
  readonly batches: readonly (readonly [units: number, seconds: number])[];
}

/** Far more batches than one thread commits between two looks; beyond it they are no longer told apart. */
const MAX_BATCHES = 10_000;

/** A meter that adds up until somebody takes. */
export function createMeter(): Meter & { take(this: void): Measured | null } {
  let counted = 0;
  let duplicates = 0;
  let lost: Record<string, number> = {};
  let batches: [number, number][] = [];
  return {
    appended(fresh, again) {
      counted += fresh;
      duplicates += again;
    },
    lost(reason, quantity) {
      lost[reason] = (lost[reason] ?? 0) + quantity;
    },
    batch(units) {
      const begunAt = performance.now();
      return () => {
        if (batches.length < MAX_BATCHES) batches.push([units, (performance.now() - begunAt) / 1_000]);
      };
    },
    take() {
      if (counted + duplicates + batches.length === 0 && Object.keys(lost).length === 0) return null;
      const taken = { counted, duplicates, lost, batches };
      counted = duplicates = 0;
      lost = {};
      batches = [];
      return taken;
    },
  };
}
