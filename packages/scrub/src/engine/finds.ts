import { createRepeats } from "./repeats.ts";
import { LOOK_AHEAD, LOOK_BACK, RANK, type Rule, type Span } from "./rule.ts";
import { looksFor, type Work } from "./work.ts";

/** Rules for addresses go over a few characters; lists of addresses hold little else. */
const PERSONAL = 1 / 8;
/** Comparing a window with an earlier one of the same rule, against reading it. */
const AGAIN = 1 / 16;
/** Nothing repeats in a text of a few hits. */
const FEW = 64;
/** Windows of one rule that are compared. */
const REMEMBERED = 4;
/** Comparing ends when so many windows were compared and hardly any was known. */
const IN_VAIN = 256;

/** Hands hits to their rules, and keeps count: a text that asks for more than any real one is hostile. */
export type Finds = {
  /** What the rule says about this hit; `lo` and `hi` are the edges of the piece. */
  readonly at: (text: string, rule: Rule, start: number, end: number, lo: number, hi: number) => Span | null;
  readonly exhausted: () => boolean;
  /** Looks that were asked for, those that were known included: what is left of the text asks for no more. */
  readonly asked: () => number;
};

type Last = { start: number; end: number; span: Span | null };

export function createFinds(text: string, work: Work): Finds {
  let left = looksFor(text.length);
  let last: Map<Rule, Last[]> | undefined;
  let repeats: ReturnType<typeof createRepeats> | undefined;
  let asked = 0;
  let compared = 0;
  let known = 0;
  const spend = (looks: number): void => {
    left -= looks;
    work.look(looks);
  };
  return {
    exhausted: () => left < 0 || work.exhausted(),
    asked: () => asked,
    at(of, rule, start, end, lo, hi) {
      const from = Math.max(lo, start - LOOK_BACK);
      const to = Math.min(hi, start + LOOK_AHEAD);
      const price = (rule.rank === RANK.personal ? PERSONAL : 1) * (rule.price?.(of, start, end) ?? 1);
      asked += price;
      // The edges of the text are something a rule may ask for, so only whole windows are compared.
      const isWhole = asked > FEW && from > 0 && to < of.length && to - from === LOOK_BACK + LOOK_AHEAD;
      if (!isWhole || (compared > IN_VAIN && known * 16 < compared)) {
        spend(price);
        return rule.find(of, start, end, from, to);
      }
      repeats ??= createRepeats(of);
      compared++;
      const windows = (last ??= new Map<Rule, Last[]>()).get(rule);
      if (windows !== undefined)
        for (const before of windows) {
          const by = start - before.start;
          if (end - before.end !== by) continue;
          spend(AGAIN);
          if (by !== 0 && !repeats(by, from, to)) continue;
          known++;
          // The nearest one counts from now on, so that what repeats has one shift.
          before.span = shifted(before.span, by);
          before.start = start;
          before.end = end;
          return before.span;
        }
      spend(price);
      const span = rule.find(of, start, end, from, to);
      const now = { start, end, span };
      if (windows === undefined) last.set(rule, [now]);
      else {
        windows.unshift(now);
        if (windows.length > REMEMBERED) windows.pop();
      }
      return span;
    },
  };
}

function shifted(span: Span | null, by: number): Span | null {
  if (span === null) return span;
  const { start, end, more } = span;
  const moved = { ...span, start: start + by, end: end + by };
  return more === undefined
    ? moved
    : { ...moved, more: more.map((each) => ({ start: each.start + by, end: each.end + by })) };
}
