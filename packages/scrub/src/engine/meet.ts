import { DISGUISES, mayDisguise, UNSEEN } from "../disguise/plain-view.ts";
import { buildKeywordTable, foldDigits, type KeywordTable } from "./keyword-scan.ts";
import type { Hit } from "./pieces.ts";
import { PLACEHOLDER_OPENING, placeholderEnd } from "./placeholder.ts";
import type { Rule } from "./rule.ts";

/** What ends in a state: every rule whose keyword ends there, and how long that keyword is. */
type Ending = {
  readonly rule: Rule | null;
  readonly guard: Rule["guard"];
  readonly mark: 0 | 1 | 2;
  readonly length: number;
};
export type Table = KeywordTable & {
  readonly endings: readonly (readonly Ending[])[];
  readonly foreign: ReadonlyMap<RegExp, readonly Rule[]>;
  readonly contexts: readonly RegExp[];
};

/** What stands in a text: keywords whose rules may find something, placeholders (begin, end, begin …), disguises. */
export type Met = {
  readonly hits: readonly Hit[] | null;
  readonly barriers: readonly number[] | null;
  readonly disguises: readonly number[] | null;
  /** How many keywords were looked at that need more than themselves; more than allowed, and the rest was not read. */
  readonly guarded: number;
};

/** Reads a text once. Without `judged`, only for disguises and placeholders. `most`: see `guardsFor`. */
export function meet(text: string, table: Table, types: ReadonlySet<string>, judged: boolean, most: number): Met {
  const { classes, next, shift, firstOutput, endings } = table;
  let hits: Hit[] | null = null;
  let barriers: number[] | null = null;
  let disguises: number[] | null = null;
  let state = 0;
  let others = false;
  let letters = false;
  let longest: Hit | null = null;
  let guarded = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128) state = next[(state << shift) + classes[code]!]!;
    else {
      state = 0;
      others = true;
      // Not the dashes, quotes and arrows that stand in any text.
      if (code < 0x2000 || code > 0x2bff) letters = true;
    }
    if (state < firstOutput) continue;
    if (guarded > most) break;
    const ends = endings[state - firstOutput]!;
    for (let k = 0; k < ends.length; k++) {
      const { rule, guard, mark, length } = ends[k]!;
      const start = i + 1 - length;
      if (rule !== null) {
        if (!judged) continue;
        // A rule or a mask of one character costs little, and stands in many a text.
        if (guard !== undefined && !isRun(text, i)) guarded++;
        if (guard === undefined || guard(text, start, i + 1)) {
          const hit: Hit = { start, end: i + 1, rule, longest: i + 1 };
          (hits ??= []).push(hit);
          if (rule.longestOnly !== true) continue;
          if (longest !== null && longest.start === start && longest.rule === rule) longest.longest = i + 1;
          longest = hit;
        }
      } else if (mark === 1) {
        const end = placeholderEnd(text, start, types);
        if (end > 0) (barriers ??= []).push(start, end);
      } else if (mayDisguise(text, start, i + 1)) (disguises ??= []).push(start);
    }
  }
  if (others) disguises = withUnseen(text, disguises);
  if (letters && judged) for (const [words, rules] of table.foreign) hits = withForeign(text, hits, words, rules);
  return { hits, barriers, disguises, guarded };
}

function isRun(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === text.charCodeAt(at - 1) && code === text.charCodeAt(at - 2);
}

/** True when a rule goes by a word that stands in the name of a key. */
export function speaksOf(key: string, { classes, next, shift, firstOutput, endings, contexts }: Table): boolean {
  if (contexts.some((words) => words.test(key))) return true;
  let state = 0;
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    state = code < 128 ? next[(state << shift) + classes[code]!]! : 0;
    if (state >= firstOutput && endings[state - firstOutput]!.some(({ rule, length }) => rule !== null && length > 2))
      return true;
  }
  return false;
}

export function buildTable(given: readonly Rule[]): Table {
  const rules = given.map(shaped);
  const endingsOf = new Map<string, Omit<Ending, "length">[]>([
    [PLACEHOLDER_OPENING, [{ rule: null, guard: undefined, mark: 1 }]],
  ]);
  const add = (given: string, ending: Omit<Ending, "length">): void => {
    const keyword = foldDigits(given);
    const there = endingsOf.get(keyword);
    if (there === undefined) endingsOf.set(keyword, [ending]);
    else if (there.every((each) => each.rule !== ending.rule || each.mark !== ending.mark)) there.push(ending);
  };
  for (const rule of rules) for (const keyword of rule.keywords) add(keyword, { rule, guard: rule.guard, mark: 0 });
  for (const disguise of DISGUISES) add(disguise, { rule: null, guard: undefined, mark: 2 });
  const keywords = [...endingsOf];
  const table = buildKeywordTable(keywords.map(([keyword]) => keyword));
  return {
    ...table,
    foreign: byForeignWords(rules),
    contexts: rules.flatMap(({ context }) => context ?? []),
    endings: table.outputs.map((ends) =>
      ends.flatMap((end) =>
        keywords[end]![1].map(({ rule, guard, mark }) => ({ rule, guard, mark, length: keywords[end]![0].length })),
      ),
    ),
  };
}

/** Rules that go by the same words share one search. */
function byForeignWords(rules: readonly Rule[]): Map<RegExp, Rule[]> {
  const by = new Map<RegExp, Rule[]>();
  for (const rule of rules)
    if (rule.foreign !== undefined) by.set(rule.foreign, [...(by.get(rule.foreign) ?? []), rule]);
  return by;
}

/** Hits of the words that the table cannot hold; all hits stand in order of their end. */
function withForeign(text: string, hits: Hit[] | null, words: RegExp, rules: readonly Rule[]): Hit[] | null {
  const found = [...text.matchAll(words)];
  if (found.length === 0) return hits;
  const all = hits ?? [];
  for (const { 0: word, index } of found)
    for (const rule of rules) {
      const end = index + word.length;
      all.push({ start: index, end, rule, longest: end });
    }
  return all.sort((a, b) => a.end - b.end);
}

function withUnseen(text: string, disguises: number[] | null): number[] | null {
  const at = text.search(UNSEEN);
  if (at < 0) return disguises;
  const all = disguises ?? [];
  for (let i = at; i < text.length; i++) if (text.charCodeAt(i) > 127 && UNSEEN.test(text[i]!)) all.push(i);
  return all.sort((a, b) => a - b);
}

/** All with the same members in the same order: the engine reads them at every hit, and objects of one shape are read fastest. */
function shaped(rule: Rule): Rule {
  const same = {
    name: rule.name,
    type: rule.type,
    rank: rule.rank,
    keywords: rule.keywords,
    longestOnly: rule.longestOnly,
    findsWhole: rule.findsWhole,
    foreign: rule.foreign,
    guard: rule.guard,
    find: rule.find,
    price: rule.price,
    tail: rule.tail,
    grow: rule.grow,
    context: rule.context,
    example: rule.example,
  };
  return same as Rule;
}
