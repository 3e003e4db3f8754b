/** Says what was meant, or what there is, behind a name that is not there. */
export function nearest(typed: string, known: readonly string[], what = "keys"): string {
  const [best] = known.toSorted((a, b) => distance(typed, a) - distance(typed, b));
  if (best === undefined) return "";
  return distance(typed, best) <= Math.max(2, typed.length / 3)
    ? `; did you mean ${best}`
    : `; known ${what} are ${known.join(", ")}`;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = Math.min(
        (next[j - 1] ?? 0) + 1,
        (row[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
