import type { Finds } from "./finds.ts";
import { LOOK_AHEAD, LOOK_BACK, type Rule } from "./rule.ts";

/** What goes, in places of the text, and what the placeholder will say. */
export type Cut = { start: number; end: number; rule: Rule; type: string };
/** A keyword that was met, and the rule it belongs to. */
export type Hit = {
  start: number;
  end: number;
  rule: Rule;
  /** Where the longest keyword of the rule that begins here ends; only for rules that want no other. */
  longest: number;
};

/**
 * Placeholders, old and new, cut the text into pieces, and a piece is judged as if nothing stood
 * around it. After every cut the hits near the new edges are judged again, until nothing is found:
 * exactly what a second run over the result would do, so a second run changes nothing.
 */
export function cutPieces(
  text: string,
  hits: readonly Hit[],
  barriers: readonly number[] | null,
  strict: boolean,
  finds: Finds,
): Cut[] | null {
  const done: Cut[] = [];
  const pieces: [lo: number, hi: number, everything: boolean][] = [];
  let from = 0;
  for (let i = 0; barriers !== null && i < barriers.length; i += 2) {
    pieces.push([from, barriers[i]!, true]);
    from = barriers[i + 1]!;
  }
  pieces.push([from, text.length, true]);
  // In order of the text, as what it may cost grows with it.
  pieces.reverse();

  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const [lo, hi, everything] = piece;
    const cuts = cutsWithin(text, hits, lo, hi, everything, strict, finds);
    // Judged no further, so all of it goes.
    if (finds.exhausted()) return [{ start: 0, end: text.length, rule: hits[0]!.rule, type: "SECRET" }];
    let edge = lo;
    for (const cut of cuts) {
      if (cut.start > edge) pieces.push([edge, cut.start, false]);
      edge = cut.end;
      done.push(cut);
    }
    if (cuts.length > 0 && edge < hi) pieces.push([edge, hi, false]);
  }
  if (done.length === 0) return null;
  return done.sort((a, b) => a.start - b.start);
}

const SHORTEST_PLACEHOLDER = "[REDACTED:IP]".length;

/** Merged, sorted cuts of one piece. Without `everything`, only hits whose window touches an edge are judged. */
function cutsWithin(
  text: string,
  hits: readonly Hit[],
  lo: number,
  hi: number,
  everything: boolean,
  strict: boolean,
  finds: Finds,
): Cut[] {
  const found: Cut[] = [];
  let coveredTo = -1;
  let whole: Cut | null = null;
  let removed = 0;
  if (!everything) finds.goBack();
  for (let i = firstEndingAfter(hits, lo); i < hits.length; i++) {
    const hit = hits[i]!;
    if (hit.end > hi) break;
    if (hit.start < lo || (hit.longest > hit.end && hit.longest <= hi)) continue;
    if (!everything && hit.start - lo > LOOK_BACK && hi - hit.start > LOOK_AHEAD) {
      // Jump over the middle, it was judged before and nothing near it has changed.
      i = Math.max(i, firstEndingAfter(hits, hi - LOOK_AHEAD) - 1);
      continue;
    }
    // Deep inside something long that goes anyway.
    if (hit.end <= coveredTo - LOOK_AHEAD) continue;
    if (hit.rule.findsWhole === true && whole !== null && whole.rule === hit.rule && hit.end <= whole.end) continue;
    const windowEnd = Math.min(hi, hit.start + LOOK_AHEAD);
    if (everything) finds.reach(hit.end, removed);
    const span = finds.at(text, hit.rule, hit.start, hit.end, lo, hi);
    if (finds.exhausted()) return found;
    if (span === null || span.end <= span.start || (span.strictOnly === true && !strict)) continue;
    const { start, end } =
      span.open && hit.rule.grow !== undefined
        ? hit.rule.grow(text, span, lo, hi)
        : {
            start: span.start,
            end: span.open && span.end >= windowEnd ? goOn(text, span.end, hi, hit.rule) : span.end,
          };
    removed += Math.max(0, end - Math.max(start, coveredTo)) - (start >= coveredTo ? SHORTEST_PLACEHOLDER : 0);
    // What goes with others leaves one placeholder for all.
    if (start < coveredTo) removed += placeholdersBehind(found, start) * SHORTEST_PLACEHOLDER;
    if (end > coveredTo) coveredTo = end;
    const type = span.type ?? hit.rule.type;
    const cut: Cut = { start, end, rule: hit.rule, type };
    if (hit.rule.findsWhole === true) whole = { ...cut };
    found.push(cut);
    for (const each of span.more ?? []) {
      removed += each.end - each.start;
      found.push({ start: each.start, end: each.end, rule: hit.rule, type });
    }
  }
  return found.length < 2 ? found : merge(found);
}

/** At most how many of the placeholders of what was found so far vanish in a find that begins there. */
function placeholdersBehind(found: readonly Cut[], start: number): number {
  let at = found.length;
  while (at > 0 && found.length - at < MOST_BEHIND && found[at - 1]!.end > start) at--;
  return found.length - at < MOST_BEHIND ? found.length - at : found.length;
}

const MOST_BEHIND = 32;

function goOn(text: string, at: number, hi: number, { tail }: Rule): number {
  if (tail === undefined) return at;
  while (at < hi && tail(text.charCodeAt(at))) at++;
  return at;
}

/** Overlapping cuts go together, so that nothing any rule wanted gone is left; the highest rank names them. */
function merge(found: Cut[]): Cut[] {
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Cut[] = [];
  let last: Cut | undefined;
  for (const cut of found) {
    if (last !== undefined && cut.start < last.end) {
      if (cut.rule.rank > last.rule.rank) {
        last.rule = cut.rule;
        last.type = cut.type;
      }
      if (cut.end > last.end) last.end = cut.end;
    } else merged.push((last = { ...cut }));
  }
  return merged;
}

/** Hits stand in order of their end. */
function firstEndingAfter(hits: readonly Hit[], position: number): number {
  let low = 0;
  let high = hits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hits[middle]!.end <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
