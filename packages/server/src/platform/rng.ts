import { randomFillSync } from "node:crypto";
import type { Rng } from "@prunella/kernel";

/** Bytes drawn at a time: one call into the system serves some hundred ids. */
const POOL = 8_192;

export function systemRng(): Rng {
  const pool = new Uint8Array(POOL);
  let used = POOL;
  return {
    bytes(size) {
      if (size > POOL) return randomFillSync(new Uint8Array(size));
      if (used + size > POOL) {
        randomFillSync(pool);
        used = 0;
      }
      used += size;
      return pool.slice(used - size, used);
    },
  };
}
