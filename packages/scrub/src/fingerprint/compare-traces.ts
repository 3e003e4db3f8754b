/** One cleaned frame, taken apart once: where it lives, and the words of its name. */
export type ReadLine = {
  readonly text: string;
  readonly owner: string;
  readonly words: readonly string[];
  /** The function alone, where its name tells what it does; else "". */
  readonly name: string;
};
export type ReadTrace = {
  readonly type: string;
  readonly said: string;
  /** Words of `said` that are no values. */
  readonly words: readonly string[];
  readonly lines: readonly ReadLine[];
};

/**
 * How alike two traces are, 0 to 1. Frames are compared place by place with weights that fall from
 * the crash end, as in ReBucket (Dang et al., 2012), and with their rarity, as in TraceSim (Vasiliev
 * et al., 2020); a neighbouring place counts a little less. Two functions of one class or file are
 * kin by the words of their names: `padLeft` and `padRight` break together; so are those of other
 * classes with one telling name, less. Another class of error
 * halves it; the fewer words two messages share, the less they can be one. The numbers below were tried one by one on known bugs.
 */
export function compareTraces(a: ReadTrace, b: ReadTrace, rarity: (line: string) => number): number {
  const length = Math.max(a.lines.length, b.lines.length);
  let reached = 0;
  let possible = 0;
  for (let i = 0; i < length; i++) {
    const place = PLACES[i] ?? 0;
    for (let side = 0; side < 2; side++) {
      const from = side === 0 ? a.lines : b.lines;
      const to = side === 0 ? b.lines : a.lines;
      const line = from[i];
      if (line === undefined) continue;
      const weight = place * rarity(line.text);
      possible += weight;
      reached += weight * bestNear(line, to, i);
    }
  }
  if (possible === 0) return 0;
  let score = reached / possible;
  if (a.type !== b.type)
    score *=
      a.type !== "" && b.type !== ""
        ? OTHER_TYPE
        : Math.min(a.lines.length, b.lines.length) < 4
          ? UNKNOWN_TYPE
          : UNKNOWN_TYPE_LONG;
  if (a.said === b.said) score += a.said === "" ? 0 : SAME_SAID;
  else if (a.said === "" || b.said === "") score -= OTHER_SAID / 2;
  else score -= Math.max(OTHER_SAID, OTHER_WORDS * (1 - overlap(a.words, b.words)));
  return Math.max(0, Math.min(1, score));
}

/** Weights of places: (1 + i)^-1.5. */
const PLACES = Array.from({ length: 6 }, (_, i) => (1 + i) ** -1.5);
const SHIFTED = 0.7;
/** All nameless code of a file looks the same. */
const NAMELESS = 0.4;
const NO_NAME = /^(?:\?|<module>) · /;
const SAME_OWNER = 0.25;
const SAME_WORDS = 0.6;
/** Functions of other classes that are called the same, or nearly, by a name of so many words. Only tests may be joined by it. */
const NAMESAKE = 0.7;
const NEARLY = 0.5;
const TELLING = 3;
const OTHER_TYPE = 0.5;
/** Firefox and Safari write no class above their frames: a short stack alone is kin enough to rank, too little to join. */
const UNKNOWN_TYPE = 0.62;
const UNKNOWN_TYPE_LONG = 0.8;
const SAME_SAID = 0.08;
const OTHER_SAID = 0.06;
const OTHER_WORDS = 0.5;

function bestNear(line: ReadLine, lines: readonly ReadLine[], at: number): number {
  let best = 0;
  for (let k = Math.max(0, at - 1); k <= at + 1 && k < lines.length; k++) {
    const value = kinship(line, lines[k]!) * (k === at ? 1 : SHIFTED);
    if (value > best) best = value;
  }
  return best;
}

function kinship(a: ReadLine, b: ReadLine): number {
  if (a.text === b.text) return NO_NAME.test(a.text) ? NAMELESS : 1;
  if (a.owner === "" || a.owner !== b.owner) return namesakes(a, b);
  return SAME_OWNER + (a.words.length + b.words.length === 0 ? 0 : SAME_WORDS * overlap(a.words, b.words));
}

function namesakes(a: ReadLine, b: ReadLine): number {
  if (a.name === "" || b.name === "") return 0;
  if (a.name === b.name) return NAMESAKE;
  const shared = overlap(a.words, b.words);
  return shared >= 0.5 ? NEARLY * shared : 0;
}

/** Words in both by words in either; all, when there are none. */
function overlap(a: readonly string[], b: readonly string[]): number {
  let shared = 0;
  for (const word of a) if (b.includes(word)) shared++;
  const all = a.length + b.length - shared;
  return all === 0 ? 1 : shared / all;
}

/** Many faults say the same; what is remembered is a template, without values. */
const knownWords = new Map<string, string[]>();

/** The words of a message's template, without what stands for values; the first ones are enough. */
export function wordsOf(said: string): string[] {
  const there = knownWords.get(said);
  if (there !== undefined) return there;
  const found = said
    .replace(/<[a-z]{1,10}>/g, " ")
    .toLowerCase()
    .match(/[\p{L}_]{2,}/gu);
  const words = [...new Set(found)].slice(0, 24);
  if (knownWords.size >= 4096) knownWords.clear();
  knownWords.set(said, words);
  return words;
}

/** The same frames come with every event of a fault; what is remembered holds only cleaned text. */
const known = new Map<string, ReadLine>();

/** `a.b.C.padLeft` lives in `a.b.C`; `pad_left · text.c` in `text.c`. */
export function readLine(text: string): ReadLine {
  const there = known.get(text);
  if (there !== undefined) return there;
  const dot = text.indexOf(" · ");
  const call = dot < 0 ? text : text.slice(0, dot);
  const cut = Math.max(call.lastIndexOf("."), call.lastIndexOf("::"), call.lastIndexOf("#"));
  const scope = cut <= 0 ? "" : call.slice(0, cut);
  const file = dot < 0 ? "" : text.slice(dot + 3);
  const name = call.slice(cut + 1).replace(/^[:.#]+/, "");
  const words = (name.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [])
    .map((word) => word.toLowerCase())
    .filter((word) => !FILLING.has(word));
  const line = {
    text,
    owner: scope === "" && file === "" ? "" : `${scope}·${file}`,
    words: [...new Set(words)].slice(0, 24),
    name: new Set(words).size >= TELLING ? name : "",
  };
  if (known.size >= 16_384) known.clear();
  known.set(text, line);
  return line;
}

/** By the names that test frameworks find tests by. */
const TEST =
  /(?:^|[./])(?:\w*Tests?|Test[A-Z]\w*|\w*TestCase|\w*Spec)(?:\$[\w?$]*)?\.|[\w-](?:[._]test|[._]spec)s?\.|(?:^|[ ./])test_/;

export function isTest(line: string): boolean {
  return TEST.test(line);
}

/** Words of every test's name. */
const FILLING = new Set(["test", "tests", "should"]);

export type Explanation = {
  readonly score: number;
  /** Pairs of frames that are the same, or kin: of one class or file, with words in common. */
  readonly frames: readonly {
    readonly a: string;
    readonly b: string;
    readonly kind: "same" | "kin";
    readonly likeness: number;
  }[];
  readonly only_a: readonly string[];
  readonly only_b: readonly string[];
  readonly same_type: boolean;
  readonly same_message: boolean;
};

export function explainTraces(a: ReadTrace, b: ReadTrace): Explanation {
  const frames: Explanation["frames"][number][] = [];
  const taken = new Set<number>();
  const onlyA: string[] = [];
  for (const [i, line] of a.lines.entries()) {
    let best = -1;
    let likeness = 0;
    for (let k = Math.max(0, i - 1); k <= i + 1 && k < b.lines.length; k++) {
      const value = taken.has(k) ? 0 : kinship(line, b.lines[k]!) * (k === i ? 1 : SHIFTED);
      if (value > likeness) [best, likeness] = [k, value];
    }
    if (best < 0) onlyA.push(line.text);
    else {
      taken.add(best);
      const other = b.lines[best]!.text;
      frames.push({
        a: line.text,
        b: other,
        kind: line.text === other ? "same" : "kin",
        likeness: Math.round(likeness * 100) / 100,
      });
    }
  }
  return {
    score: Math.round(compareTraces(a, b, () => 1) * 1000) / 1000,
    frames,
    only_a: onlyA,
    only_b: b.lines.filter((_, k) => !taken.has(k)).map((line) => line.text),
    same_type: a.type === b.type,
    same_message: a.said === b.said,
  };
}
