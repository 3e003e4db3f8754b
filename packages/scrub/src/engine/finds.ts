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

type Last = { window: string; offset: number; length: number; start: number; span: Span | null };

export function createFinds(length: number): Finds {
  let left = FREE + (length * A_THOUSAND) / 1_000;
  const enough = left - FREE / 2;
  const last = new Map<Rule, Last[]>();
  return {
    exhausted: () => left < 0,
    many: () => left < enough,
    at(text, rule, start, end, lo, hi) {
      const from = Math.max(lo, start - LOOK_BACK);
      const to = Math.min(hi, start + LOOK_AHEAD);
      const window = text.slice(from, to);
      // The same words again and again: what stands around a hit decides, and it stood there before. The edges
      // of the text are something a rule may ask for.
      const isInside = from > 0 && to < text.length;
      const known = isInside ? last.get(rule) : undefined;
      const before = known?.find(
        (each) => each.offset === start - from && each.length === end - start && each.window === window,
      );
      if (before !== undefined) {
        left -= AGAIN;
        return shifted(before.span, start - before.start);
      }
      left -= rule.rank === RANK.personal ? PERSONAL : 1;
      const span = rule.find(text, start, end, from, to);
      if (!isInside) return span;
      const now = { window, offset: start - from, length: end - start, start, span };
      if (known === undefined) last.set(rule, [now]);
      else if (known.unshift(now) > REMEMBERED) known.pop();
      return span;
    },
  };
}

function shifted(span: Span | null, by: number): Span | null {
  if (span === null || by === 0) return span;
  const { start, end, more } = span;
  const moved = { ...span, start: start + by, end: end + by };
  return more === undefined
    ? moved
    : { ...moved, more: more.map((each) => ({ start: each.start + by, end: each.end + by })) };
}
