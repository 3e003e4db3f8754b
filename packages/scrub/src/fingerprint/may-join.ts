import { isTest, type ReadTrace } from "./compare-traces.ts";

/**
 * Whether likeness may say that two faults are one at all. Own code that fails in two functions is two
 * faults, however alike they are named, and so is one helper that fails its callers in two files: only
 * what is added around the same place counts. Tests are another matter: those of one class that end in
 * one message mostly fail of one thing, and who calls a function in a test says nothing of the function.
 * `docs/decisions/0009` has what this costs and gains.
 */
export function mayJoin(a: ReadTrace, b: ReadTrace): boolean {
  const [topA, nextA] = a.lines;
  const [topB, nextB] = b.lines;
  if (topA === undefined || topB === undefined) return false;
  if (topA.text !== topB.text && !(isTest(topA.text) && isTest(topB.text))) return false;
  if (nextA === undefined || nextB === undefined) return true;
  if (nextA.owner !== "" && nextA.owner === nextB.owner) return true;
  if (!isTest(topA.text) && (isTest(nextA.text) || isTest(nextB.text))) return true;
  const below = new Set(a.lines.slice(1).map(({ text }) => text));
  return b.lines.slice(1).some(({ text }) => below.has(text));
}
