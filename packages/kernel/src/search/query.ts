import type { Phrase } from "../store/full-text.ts";
import { aliasOf, HAS_VALUES, isPlainKey, KEYS, nearest, PLAIN_KEYS, type PlainKey } from "./keys.ts";
import { momentOf, type Moment } from "./moment.ts";
import { tokensOf, type Token } from "./tokens.ts";
import { wordsOf } from "./words.ts";

/** Text that is searched for. `hex`: as it stands it could be an event's id. */
export interface Term extends Phrase {
  readonly isNegated: boolean;
  readonly hex: string | null;
}

/** `name` is a key of the language; `tag.browser` is one too. One of `values` fits, or none when negated. */
export interface Condition {
  readonly name: Exclude<PlainKey, "since" | "before"> | `tag.${string}`;
  readonly values: readonly string[];
  readonly isNegated: boolean;
}

export interface Query {
  /** Signs alone, such as `%`: no text has them as a word. */
  readonly isWordless: boolean;
  readonly terms: readonly Term[];
  readonly conditions: readonly Condition[];
  readonly since: Moment | null;
  readonly before: Moment | null;
}

export interface QueryProblem {
  /** Where in the text it begins, and what stands there. */
  readonly at: number;
  readonly text: string;
  readonly says: string;
  /** What was probably meant. */
  readonly nearest: string | null;
}

export interface ParsedQuery {
  readonly query: Query;
  readonly problems: readonly QueryProblem[];
}

/** More than these nobody types. */
const MOST_TOKENS = 50;
const EVENT_ID = /^[0-9a-f]{32}$/;

/**
 * Understands a search as people know it: `release:shop@1.4.0 level:error -is:muted "cart timeout" retry`.
 * Words must all be found, each as the beginning of one; values of one key are alternatives, `-` and `!`
 * say not. Never throws; what it does not understand is said and left out.
 */
export function parseQuery(text: string): ParsedQuery {
  const problems: QueryProblem[] = [];
  const terms: Term[] = [];
  const conditions = new Map<string, { name: Condition["name"]; values: string[]; isNegated: boolean }>();
  const span: { since: Moment | null; before: Moment | null } = { since: null, before: null };
  const tokens = tokensOf(text);
  for (const token of tokens.slice(0, MOST_TOKENS)) {
    const refuse = (says: string, near: string | null = null): void =>
      void problems.push({ at: token.at, text: text.slice(token.at, token.end), says, nearest: near });
    if (token.key === null) {
      const term = termOf(token);
      if (term !== null) terms.push(term);
      continue;
    }
    const small = token.key.toLowerCase();
    const key = isPlainKey(small) ? small : aliasOf(small);
    const tag = /^tags?\.(.+)$/is.exec(token.key)?.[1];
    if (key === null && tag === undefined) {
      const near = nearest(small, [...PLAIN_KEYS, "tag."]);
      refuse(
        `There is no key ${token.key}. To search for it as text, put it in quotes.`,
        near === null ? null : near === "tag." ? near : `${near}:`,
      );
      continue;
    }
    if (key === "since" || key === "before") {
      const moment = momentOf(token.value);
      if (moment === null) refuse(`${key} takes a time such as 24h, 7d, 2026-11-01 or 2026-11-01T08:00Z.`);
      else if (token.isNegated) refuse(`${key} cannot be turned round.`, key === "since" ? "before:" : "since:");
      else span[key] = moment;
      continue;
    }
    const name: Condition["name"] = key ?? `tag.${tag ?? ""}`;
    const values = valuesOf(token);
    const known = key === "has" ? HAS_VALUES : key === null ? null : KEYS[key].values;
    if (values.length === 0) {
      refuse(`${name} needs a value.`);
      continue;
    }
    const wrong = known === null ? undefined : values.find((value) => !fits(value, key, known));
    if (known !== null && wrong !== undefined) {
      const near = nearest(wrong, known);
      refuse(`${name} is one of ${known.join(", ")}.`, near === null ? null : `${name}:${near}`);
      continue;
    }
    // What must be there at all is asked one by one; other values of a key are alternatives.
    const group = `${name} ${token.isNegated}${key === "has" ? ` ${values.join()}` : ""}`;
    const before = conditions.get(group);
    if (before === undefined) conditions.set(group, { name, values, isNegated: token.isNegated });
    else before.values.push(...values);
  }
  if (tokens.length > MOST_TOKENS) {
    const rest = tokens[MOST_TOKENS];
    problems.push({
      at: rest?.at ?? 0,
      text: text.slice(rest?.at ?? 0, rest?.end),
      says: `A search has at most ${MOST_TOKENS} parts.`,
      nearest: null,
    });
  }
  // Between words signs are passed over, as in a message that was pasted. What is only begun asks for nothing yet.
  const isWordless =
    terms.length === 0 &&
    tokens.some(({ key, value }) => key === null && !/^[-!"]?$/.test(value) && wordsOf(value).length === 0);
  return { query: { isWordless, terms, conditions: [...conditions.values()], ...span }, problems };
}

function termOf({ value, isQuoted, isNegated }: Token): Term | null {
  const words = wordsOf(value);
  if (words.length === 0) return null;
  const hex = value.replaceAll("-", "").toLowerCase();
  return { words, isOpen: !isQuoted, isNegated, hex: EVENT_ID.test(hex) ? hex : null };
}

/** `level:error,fatal` are two; in quotes a comma is a comma. */
const valuesOf = ({ value, isQuoted }: Token): string[] =>
  isQuoted ? [value] : value.split(",").filter((part) => part !== "");

const fits = (value: string, key: PlainKey | null, known: readonly string[]): boolean =>
  known.includes(value) || (key === "has" && /^tag\../.test(value));
