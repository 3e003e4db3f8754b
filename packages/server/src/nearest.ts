import { nearest as nearestOf } from "@prunella/contract/nearest";

/** Says what was meant, or what there is, behind a name that is not there. */
export function nearest(typed: string, known: readonly string[], what = "keys"): string {
  if (known.length === 0) return "";
  const best = nearestOf(typed, known);
  return best === null ? `; known ${what} are ${known.join(", ")}` : `; did you mean ${best}`;
}
