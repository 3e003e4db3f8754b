import { createRepeats } from "./repeats.ts";
import { LOOK_AHEAD, LOOK_BACK, RANK, type Rule, type Span } from "./rule.ts";
import { looksFor, type Work } from "./work.ts";

/** Rules for addresses go over a few characters; lists of addresses hold little else. */
const PERSONAL = 1 / 8;
/** Most rules for tokens end at their prefix or their first blank. */
const TOKEN = 1 / 2;
/** Nothing is left behind the keyword: what stood there went already. */
const AT_END = 1 / 16;
const LEAST_BEHIND = 6;
/** Comparing a window with an earlier one of the same rule, against reading it; and what is left when it is the same. */
const COMPARED = 1 / 40;
const AGAIN = 1 / 12;
/** Nothing repeats in a text of a few hits. */
const FEW = 64;
/** Windows of one rule that are compared. */
const REMEMBERED = 4;
/** Comparing ends when so many windows were compared and hardly any was known. */
const IN_VAIN = 256;

/** What a look at this hit counts, where the rule may read up to `hi`. */
export function priceOf(rule: Rule, text: string, start: number, end: number, hi: number): number {
  const kind = rule.rank === RANK.personal ? PERSONAL : rule.rank === RANK.token ? TOKEN : 1;
  return kind * (rule.price?.(text, start, end) ?? 1) * (hi - end < LEAST_BEHIND ? AT_END : 1);
}

type Last = { start: number; end: number; span: Span | null };

/** Hands hits to their rules, and keeps count: a text that asks for more than any real one is hostile. */
export class Finds {
  readonly #work: Work;
  readonly #all: number;
  /** What may have been spent by now. */
  #limit: number;
  #spent = 0;
  #asked = 0;
  #isEven = true;
  #compared = 0;
  #known = 0;
  #last: Map<Rule, Last[]> | undefined;
  #repeats: ReturnType<typeof createRepeats> | undefined;

  constructor(length: number, work: Work) {
    this.#work = work;
    this.#all = this.#limit = looksFor(length);
  }

  exhausted(): boolean {
    return this.#spent > this.#limit || this.#work.exhausted();
  }

  /** True when what is left asks for no more than its length allows, nor does any beginning of it. */
  isSettled(left: number): boolean {
    return this.#isEven && this.#asked <= looksFor(left);
  }

  /**
   * Going through the text for the first time, a beginning may cost no more than a text of its length:
   * what is hostile from its start on is told after a few pages. `removed`: so much of it went.
   */
  reach(position: number, removed: number): void {
    this.#limit = looksFor(position);
    if (this.#asked > looksFor(Math.max(0, position - removed))) this.#isEven = false;
  }

  /** Going back to edges; the whole text counts. */
  goBack(): void {
    this.#limit = this.#all;
  }

  /** What the rule says about this hit; `lo` and `hi` are the edges of the piece. */
  at(text: string, rule: Rule, start: number, end: number, lo: number, hi: number): Span | null {
    const from = Math.max(lo, start - LOOK_BACK);
    const to = Math.min(hi, start + LOOK_AHEAD);
    const price = priceOf(rule, text, start, end, to);
    this.#asked += price;
    // The edges of the text are something a rule may ask for, so only whole windows are compared.
    const isWhole = this.#asked > FEW && from > 0 && to < text.length && to - from === LOOK_BACK + LOOK_AHEAD;
    if (!isWhole || (this.#compared > IN_VAIN && this.#known * 16 < this.#compared)) {
      this.#spend(price);
      return rule.find(text, start, end, from, to);
    }
    return this.#again(text, rule, start, end, from, to, price);
  }

  #again(text: string, rule: Rule, start: number, end: number, from: number, to: number, price: number): Span | null {
    this.#repeats ??= createRepeats(text);
    this.#compared++;
    const windows = (this.#last ??= new Map<Rule, Last[]>()).get(rule);
    if (windows !== undefined)
      for (const before of windows) {
        const by = start - before.start;
        if (end - before.end !== by) continue;
        this.#spend(COMPARED);
        if (by !== 0 && !this.#repeats(by, from, to)) continue;
        this.#spend(AGAIN);
        this.#known++;
        // The nearest one counts from now on, so that what repeats has one shift.
        before.span = shifted(before.span, by);
        before.start = start;
        before.end = end;
        return before.span;
      }
    this.#spend(price);
    const span = rule.find(text, start, end, from, to);
    const now = { start, end, span };
    if (windows === undefined) this.#last.set(rule, [now]);
    else {
      windows.unshift(now);
      if (windows.length > REMEMBERED) windows.pop();
    }
    return span;
  }

  #spend(looks: number): void {
    this.#spent += looks;
    this.#work.look(looks);
  }
}

function shifted(span: Span | null, by: number): Span | null {
  if (span === null) return span;
  const { start, end, more } = span;
  const moved = { ...span, start: start + by, end: end + by };
  return more === undefined
    ? moved
    : { ...moved, more: more.map((each) => ({ start: each.start + by, end: each.end + by })) };
}
