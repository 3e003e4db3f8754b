import { LOOK_AHEAD, RANK, type Rule } from "../engine/rule.ts";
import { PatternFault, waysOf } from "./pattern-ways.ts";
import { RULES, TYPES } from "./index.ts";

/** A rule of one's own, as it stands in a file of rules. */
export type CustomRule = {
  /** Kebab-case, unlike any built-in rule; redactions are counted under it. */
  readonly name: string;
  /** What the placeholder says: capitals, digits and `_`. */
  readonly type: string;
  /** One of them, in any case, stands in everything the rule finds. */
  readonly keywords: readonly string[];
  /** Bounded; what it matches around a keyword goes, or only its first group when it has one. */
  readonly pattern: string;
  /** Texts the rule must change, and texts it must leave alone: `prunella scrub test` tries them. */
  readonly examples?: readonly string[] | undefined;
  readonly negatives?: readonly string[] | undefined;
};

/** How far in front of its keyword a match may begin, in characters. */
const BEFORE = 64;
const MAX_PATTERN = 400;
/** Ways to try one place; more would let a hostile text slow the scrubber down. */
const MAX_WAYS = 20_000;

/** Throws an Error that names the rule and what is wrong with it. */
export function compileRule(given: CustomRule): Rule {
  const wrong = (what: string): never => {
    throw new Error(`rule ${JSON.stringify(given.name)}: ${what}`);
  };
  if (!/^[a-z][a-z0-9-]{1,60}$/.test(given.name))
    wrong("the name must be 2 to 61 of a-z, 0-9 and -, beginning with a letter");
  if (RULES.some((rule) => rule.name === given.name)) wrong("a built-in rule has this name");
  if (!/^[A-Z][A-Z0-9_]{0,39}$/.test(given.type))
    wrong("the type must be 1 to 40 of A-Z, 0-9 and _, beginning with a letter");
  if (given.keywords.length === 0 || given.keywords.length > 64) wrong("1 to 64 keywords are needed");
  for (const keyword of given.keywords)
    if (!/^[ -~]{2,40}$/.test(keyword))
      wrong(`keyword ${JSON.stringify(keyword)} must be 2 to 40 printable ASCII characters`);
  const fault = patternFault(given.pattern);
  if (fault !== null) wrong(`pattern ${fault}`);
  let pattern: RegExp;
  try {
    pattern = new RegExp(given.pattern, "dg");
  } catch (error) {
    return wrong(`pattern is not valid: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (new RegExp(`${given.pattern}|`).exec("")![0] !== "" || new RegExp(`^(?:${given.pattern})$`).test(""))
    wrong("pattern matches the empty text");
  return {
    name: given.name,
    type: given.type,
    rank: RANK.token,
    keywords: [...new Set(given.keywords.map((keyword) => keyword.toLowerCase()))],
    find(text, start, end, lo, hi) {
      const from = Math.max(lo, start - BEFORE);
      const window = text.slice(from, Math.min(hi, start + LOOK_AHEAD));
      pattern.lastIndex = 0;
      for (let match = pattern.exec(window); match !== null; match = pattern.exec(window)) {
        if (from + match.index >= end) return null;
        if (match[0] === "") pattern.lastIndex++;
        if (from + match.index + match[0].length <= start) continue;
        const span = match.indices![1] ?? match.indices![0]!;
        return { start: from + span[0], end: from + span[1], open: false };
      }
      return null;
    },
  };
}

export function customTypes(rules: readonly CustomRule[]): ReadonlySet<string> {
  return new Set([...TYPES, ...rules.map((rule) => rule.type)]);
}

/** What makes a pattern unsafe or unportable, or null. Named with its place, for the person who wrote it. */
export function patternFault(pattern: string): string | null {
  if (pattern.length === 0 || pattern.length > MAX_PATTERN) return `must be 1 to ${MAX_PATTERN} characters long`;
  try {
    const { ways } = waysOf(pattern);
    if (ways <= MAX_WAYS) return null;
    return `can be tried in ${ways >= 1e6 ? "millions of" : ways} ways at one place, which can take very long; fix some of the lengths, or let alternatives begin with different characters`;
  } catch (fault) {
    if (fault instanceof PatternFault) return fault.message;
    throw fault;
  }
}
