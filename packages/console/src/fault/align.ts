export type Pair<T> = { left: T | null; right: T | null };

/** Longer lists are cut: the table of the comparison grows with their product. */
const MOST = 400;

/**
 * Lays two lists beside each other: what both have in the same order stands in one row, the rest in
 * rows of its own, as a longest common subsequence leaves it.
 */
export function align<T>(left: readonly T[], right: readonly T[], same: (a: T, b: T) => boolean): Pair<T>[] {
  const a = left.slice(0, MOST);
  const b = right.slice(0, MOST);
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [x, y, row] = [a[i], b[j], lengths[i]];
      if (x === undefined || y === undefined || row === undefined) continue;
      row[j] = same(x, y) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const rows: Pair<T>[] = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
    const [x, y] = [a[i] ?? null, b[j] ?? null];
    if (x !== null && y !== null && same(x, y)) {
      rows.push({ left: x, right: y });
      i++;
      j++;
    } else if (y === null || (x !== null && at(i + 1, j) >= at(i, j + 1))) {
      rows.push({ left: x, right: null });
      i++;
    } else {
      rows.push({ left: null, right: y });
      j++;
    }
  }
  return rows;
}

/** Puts what only the one has beside what only the other has at the same place, so that a change is one row. */
export function pairUp<T>(rows: readonly Pair<T>[]): (Pair<T> & { same: boolean })[] {
  const out: (Pair<T> & { same: boolean })[] = [];
  for (const row of rows) {
    const open =
      row.left === null ? out.find((each) => each.right === null && !each.same && isLast(out, each)) : undefined;
    if (open !== undefined) open.right = row.right;
    else out.push({ ...row, same: row.left !== null && row.right !== null });
  }
  return out;
}

/** Whether nothing that both have stands after this row. */
const isLast = <R extends { same: boolean }>(rows: readonly R[], row: R) =>
  rows.slice(rows.indexOf(row)).every((each) => !each.same);

/** The words of two texts, and which of them are not in the other: the parameters that vary. */
export function varying(left: string, right: string): { left: Word[]; right: Word[] } {
  const words = (text: string) => text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
  const rows = align(words(left), words(right), (a, b) => a === b);
  const side = (pick: (row: Pair<string>) => string | null): Word[] => {
    const out: Word[] = [];
    for (const row of rows) {
      const text = pick(row);
      if (text === null) continue;
      const varies = row.left === null || row.right === null;
      const last = out.at(-1);
      if (last !== undefined && last.varies === varies) last.text += text;
      else out.push({ text, varies });
    }
    return out;
  };
  return { left: side((row) => row.left), right: side((row) => row.right) };
}
export type Word = { text: string; varies: boolean };
