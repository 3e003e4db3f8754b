import { LOOK_AHEAD, LOOK_BACK, RANK, type Rule, type Span } from "./rule.ts";

/**
 * What looking costs, in looks. Of ordinary text, documentation included, no four thousand characters ask
 * for more than 90 looks a thousand; a file of nothing but passwords asks for 95.
 */
const FREE = 400;
const A_THOUSAND = 120;
/** Rules for addresses go over a few characters; lists of addresses hold little else. */
const PERSONAL = 1 / 8;
/** Comparing a window with the last one of the same rule, against reading it. */
const AGAIN = 1 / 16;
/** Nothing repeats in a text of a few hits. */
const FEW = 64;
/** Windows of one rule; more than one of its words may stand in what repeats. */
const REMEMBERED = 4;

/** Hands hits to their rules, and keeps count: a text that asks for more than any real one is hostile. */
export type Finds = {
  /** What the rule says about this hit; `lo` and `hi` are the edges of the piece. */
  readonly at: (text: string, rule: Rule, start: number, end: number, lo: number, hi: number) => Span | null;
  readonly exhausted: () => boolean;
  /** So much was asked for that what is left must be judged on its own, too. */
  readonly many: () => boolean;
};

type Last = { readonly start: number; readonly end: number; readonly span: Span | null };

export function createFinds(length: number): Finds {
  let left = FREE + (length * A_THOUSAND) / 1_000;
  const enough = left - FREE / 2;
  let last: Map<Rule, Last[]> | undefined;
  let looks = 0;
  return {
    exhausted: () => left < 0,
    many: () => left < enough,
    at(text, rule, start, end, lo, hi) {
      const from = Math.max(lo, start - LOOK_BACK);
      const to = Math.min(hi, start + LOOK_AHEAD);
      // The edges of the text are something a rule may ask for, so only whole windows are compared.
      const isWhole = looks++ > FEW && from > 0 && to < text.length && to - from === LOOK_BACK + LOOK_AHEAD;
      const known = isWhole ? last?.get(rule) : undefined;
      const before = known?.find((each) => isSame(text, each, start, end));
      if (before !== undefined) {
        left -= AGAIN;
        return shifted(before.span, start - before.start);
      }
      left -= rule.rank === RANK.personal ? PERSONAL : 1;
      const span = rule.find(text, start, end, from, to);
      if (!isWhole) return span;
      const now = { start, end, span };
      if (known === undefined) (last ??= new Map()).set(rule, [now]);
      else {
        known.unshift(now);
        if (known.length > REMEMBERED) known.pop();
      }
      return span;
    },
  };
}

/**
 * The same words again and again: what stands around a hit decides, and it stood there before. A few
 * characters tell most places apart.
 */
function isSame(text: string, before: Last, start: number, end: number): boolean {
  const by = start - before.start;
  if (end - before.end !== by) return false;
  for (let at = end; at < end + 12; at += 3) if (text.charCodeAt(at) !== text.charCodeAt(at - by)) return false;
  for (let at = start - 1; at > start - 12; at -= 3) if (text.charCodeAt(at) !== text.charCodeAt(at - by)) return false;
  return (
    text.slice(start - LOOK_BACK, start + LOOK_AHEAD) ===
    text.slice(before.start - LOOK_BACK, before.start + LOOK_AHEAD)
  );
}

function shifted(span: Span | null, by: number): Span | null {
  if (span === null || by === 0) return span;
  const { start, end, more } = span;
  const moved = { ...span, start: start + by, end: end + by };
  return more === undefined
    ? moved
    : { ...moved, more: more.map((each) => ({ start: each.start + by, end: each.end + by })) };
}
