import type { Rule } from "../../engine/rule.ts";
import type { Family } from "./family.ts";
import { FAMILIES } from "./index.ts";

/** A number in [0, 1) per call; tests pass a seeded one. */
export type Random = () => number;

/** Small and seeded, so that tables of examples stay the same. */
export function seeded(seed: number): Random {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) & 0xffffff) / 0x1000000;
  };
}

/** A made-up token of this family: put together at run time, so that no scanner trips over a file. */
export function sampleToken(family: Family, random: Random): string {
  return sample(family.pattern, random);
}

/** A text the rule changes. Families without a prefix get their vendor's name in front. */
export function exampleOf(
  rule: Rule,
  random: Random = seeded(rule.name.length * 7919 + rule.name.charCodeAt(0)),
): string {
  if (rule.example !== undefined) return rule.example();
  const family = FAMILIES.find(({ name }) => name === rule.name)!;
  const token = withDigit(family, random);
  return family.near === true ? `${family.keywords[0]!.toUpperCase()}_API_KEY=${token}` : token;
}

/** Families without a prefix need a digit to be told from a word; real tokens nearly always hold one. */
function withDigit(family: Family, random: Random): string {
  let token = sampleToken(family, random);
  for (let i = 0; i < 20 && !/\d/.test(token); i++) token = sampleToken(family, random);
  return token;
}

/** Text that a pattern of the table matches: literals, classes, groups, choices, bounded quantifiers. */
export function sample(pattern: string, random: Random): string {
  let at = 0;
  return choice();

  function choice(): string {
    const options = [sequence()];
    while (pattern[at] === "|") {
      at++;
      options.push(sequence());
    }
    return options[Math.floor(random() * options.length)]!;
  }

  function sequence(): string {
    let out = "";
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") out += repeated();
    return out;
  }

  function repeated(): string {
    const from = at;
    let once = unit();
    const times = /^(?:\{(\d+)(?:,(\d*))?\}|([?*+]))\??/.exec(pattern.slice(at));
    if (times === null) return once;
    const end = at + times[0].length;
    const least = times[1] === undefined ? (times[3] === "+" ? 1 : 0) : Number(times[1]);
    const most = times[3] === "?" ? 1 : times[1] === undefined ? 8 : times[2] === undefined ? least : Number(times[2]);
    const count = least + Math.floor(random() * (Math.min(most, least + 24) - least + 1));
    let out = count > 0 ? once : "";
    for (let i = 1; i < count; i++) {
      at = from;
      once = unit();
      out += once;
    }
    at = end;
    return out;
  }

  function unit(): string {
    const char = pattern[at]!;
    if (char === "(") {
      at += pattern.startsWith("(?:", at) ? 3 : 1;
      const inside = choice();
      at++;
      return inside;
    }
    if (char === "[") {
      const end = /(?:\\.|[^\]\\])+\]/y;
      end.lastIndex = at + 1;
      const body = end.exec(pattern)![0].slice(0, -1);
      at = end.lastIndex;
      const set = members(body);
      return set[Math.floor(random() * set.length)]!;
    }
    at += char === "\\" ? 2 : 1;
    if (char !== "\\") return char === "." ? "x" : char;
    const escaped = pattern[at - 1]!;
    return escaped === "n" ? "\n" : escaped === "d" ? String(Math.floor(random() * 10)) : escaped;
  }
}

const ALPHABET = Array.from({ length: 62 }, (_, i) => (i < 10 ? String(i) : (i % 36).toString(36)));

function members(body: string): string[] {
  if (body.startsWith("^") || /\\[sSwWdD]/.test(body)) return ALPHABET.filter((char) => !body.includes(char));
  const out: string[] = [];
  for (let i = 0; i < body.length; i++) {
    if (body[i] === "\\") i++;
    else if (body[i + 1] === "-" && i + 2 < body.length) {
      for (let code = body.charCodeAt(i); code <= body.charCodeAt(i + 2); code++) out.push(String.fromCharCode(code));
      i += 2;
      continue;
    }
    out.push(body[i]!);
  }
  return out;
}
