import { buildKeywordTable, type KeywordTable } from "./keyword-scan.ts";
import { placeholder, PLACEHOLDER_OPENING, placeholderEnd } from "./placeholder.ts";
import { LOOK_AHEAD, LOOK_BACK, type Rule } from "./rule.ts";
import { RULES } from "./rules/index.ts";
import { markScrubbed, type Scrubbed } from "./scrubbed.ts";

/** What was taken out: the rule, and where it stood in the original text. Never the value. */
export type Redaction = { rule: string; start: number; length: number };

/** Removes secrets and personal data; what goes leaves a typed placeholder. Linear, idempotent. */
export function scrubText(text: string): { text: Scrubbed<string>; redactions: Redaction[] } {
  const cuts = findCuts(text);
  if (cuts === null) return { text: markScrubbed(text), redactions: [] };
  return {
    text: markScrubbed(applyCuts(text, cuts)),
    redactions: cuts.map(({ rule, start, end }) => ({ rule: rule.name, start, length: end - start })),
  };
}

/** The same for values inside a structure: returns the very same string when nothing was found. */
export function scrubString(text: string, count: (rule: string) => void): string {
  const cuts = findCuts(text);
  if (cuts === null) return text;
  for (const cut of cuts) count(cut.rule.name);
  return applyCuts(text, cuts);
}

type Cut = { start: number; end: number; rule: Rule; type: string };
type Hit = { start: number; end: number; rule: Rule };

/** What ends in a state: every rule whose keyword ends there, and how long that keyword is. */
type Ending = { readonly rule: Rule | null; readonly length: number };
type Engine = KeywordTable & { readonly endings: readonly (readonly Ending[])[]; readonly shift: number };
let engine: Engine | undefined;

/** The table is built at the first text, not at import. */
function getEngine(): Engine {
  if (engine !== undefined) return engine;
  // A keyword without a rule: the placeholder's opening.
  const rulesOf = new Map<string, (Rule | null)[]>([[PLACEHOLDER_OPENING, [null]]]);
  for (const rule of RULES) {
    for (const keyword of rule.keywords) {
      const there = rulesOf.get(keyword);
      if (there === undefined) rulesOf.set(keyword, [rule]);
      else there.push(rule);
    }
  }
  const keywords = [...rulesOf];
  const table = buildKeywordTable(keywords.map(([keyword]) => keyword));
  engine = {
    ...table,
    shift: Math.log2(table.width),
    endings: table.outputs.map((ends) =>
      ends.flatMap((end) => keywords[end]![1].map((rule) => ({ rule, length: keywords[end]![0].length }))),
    ),
  };
  return engine;
}

function findCuts(text: string): Cut[] | null {
  const { classes, next, firstOutput, endings, shift } = engine ?? getEngine();
  let hits: Hit[] | null = null;
  let barriers: number[] | null = null;
  let state = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    state = next[state + (code < 128 ? classes[code]! : 0)]!;
    if (state < firstOutput) continue;
    const ends = endings[(state - firstOutput) >>> shift]!;
    for (let k = 0; k < ends.length; k++) {
      const { rule, length } = ends[k]!;
      const start = i + 1 - length;
      if (rule === null) {
        const end = placeholderEnd(text, start);
        if (end > 0) (barriers ??= []).push(start, end);
      } else if (rule.guard === undefined || rule.guard(text, start, i + 1))
        (hits ??= []).push({ start, end: i + 1, rule });
    }
  }
  return hits === null ? null : cutAll(text, hits, barriers);
}

/**
 * Placeholders, old and new, cut the text into pieces, and a piece is judged as if nothing stood
 * around it. After every cut the hits near the new edges are judged again, until nothing is found:
 * exactly what a second run over the result would do, so a second run changes nothing.
 */
function cutAll(text: string, hits: readonly Hit[], barriers: readonly number[] | null): Cut[] | null {
  const done: Cut[] = [];
  const pieces: [lo: number, hi: number, everything: boolean][] = [];
  let from = 0;
  for (let i = 0; barriers !== null && i < barriers.length; i += 2) {
    pieces.push([from, barriers[i]!, true]);
    from = barriers[i + 1]!;
  }
  pieces.push([from, text.length, true]);

  for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
    const [lo, hi, everything] = piece;
    const cuts = cutsWithin(text, hits, lo, hi, everything);
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

/** Merged, sorted cuts of one piece. Without `everything`, only hits whose window touches an edge are judged. */
function cutsWithin(text: string, hits: readonly Hit[], lo: number, hi: number, everything: boolean): Cut[] {
  const found: Cut[] = [];
  let coveredTo = -1;
  for (let i = firstEndingAfter(hits, lo); i < hits.length; i++) {
    const hit = hits[i]!;
    if (hit.end > hi) break;
    if (hit.start < lo) continue;
    if (!everything && hit.start - lo > LOOK_BACK && hi - hit.start > LOOK_AHEAD) {
      // Jump over the middle, it was judged before and nothing near it has changed.
      i = Math.max(i, firstEndingAfter(hits, hi - LOOK_AHEAD) - 1);
      continue;
    }
    // Deep inside something long that goes anyway.
    if (hit.end <= coveredTo - LOOK_AHEAD) continue;
    const windowEnd = Math.min(hi, hit.start + LOOK_AHEAD);
    const span = hit.rule.find(text, hit.start, hit.end, Math.max(lo, hit.start - LOOK_BACK), windowEnd);
    if (span === null || span.end <= span.start) continue;
    const end = span.open && span.end >= windowEnd ? goOn(text, span.end, hi, hit.rule) : span.end;
    if (end > coveredTo) coveredTo = end;
    found.push({ start: span.start, end, rule: hit.rule, type: span.type ?? hit.rule.type });
  }
  return found.length < 2 ? found : merge(found);
}

function goOn(text: string, at: number, hi: number, { tail, tailEnd }: Rule): number {
  if (tail === undefined) return at;
  for (; at < hi && tail(text.charCodeAt(at)); at++) {
    if (tailEnd === undefined) continue;
    const stop = tailEnd(text, at, hi);
    if (stop >= 0) return stop;
  }
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

function applyCuts(text: string, cuts: readonly Cut[]): string {
  let out = "";
  let from = 0;
  for (const cut of cuts) {
    out += text.slice(from, cut.start) + placeholder(cut.type);
    from = cut.end;
  }
  return out + text.slice(from);
}
