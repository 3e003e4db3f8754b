import type { Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";

/** Undoes the unit that it is thrown in. */
class TakenBack extends Error {}

/**
 * Carries out a unit as any other, and takes back all that it wrote: nothing of it is ever committed, so there is
 * no permit to redeem, no question, no message and no use of a budget that anybody could see.
 */
export async function takenBack<T>(writer: Writer, unit: (tx: Tx) => Promise<T>): Promise<T> {
  // A unit may run again.
  let found: readonly T[] = [];
  try {
    await writer.run(async (tx) => {
      found = [await unit(tx)];
      throw new TakenBack("a drill's unit is taken back");
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  for (const one of found) return one;
  throw new Error("a drill's unit ended without an answer");
}
