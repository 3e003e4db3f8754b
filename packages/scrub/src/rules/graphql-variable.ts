import { RANK, type Rule } from "../engine/rule.ts";
import { classifyKey, type SecretKey } from "../keys/secret-key.ts";
import { isHarmless, isLabel } from "../keys/value.ts";

const NAME = "[A-Za-z_]\\w{0,60}";
const BOUND = new RegExp(`(${NAME})\\s{0,4}:\\s{0,4}\\$(${NAME})`, "g");
const MOST = 64;

/** Variables that a query of GraphQL hands to arguments named like a secret: `login(password: $p)`. */
export function secretVariables(query: string): ReadonlyMap<string, SecretKey> | null {
  if (!query.includes("$")) return null;
  let found: Map<string, SecretKey> | null = null;
  let seen = 0;
  for (const [, argument, variable] of query.matchAll(BOUND)) {
    if (++seen > MOST) break;
    const kind = classifyKey(argument!);
    if (kind !== null && kind.needsRandom !== true) (found ??= new Map()).set(variable!, kind);
  }
  return found;
}

/** The same in one text: the argument's name says what the variable is, its value stands under the variable's. */
export const GRAPHQL_VARIABLE: Rule = {
  name: "graphql-variable",
  type: "SECRET",
  rank: RANK.context,
  keywords: [":$", ": $"],
  guard: (text, _start, end) => /[A-Za-z_]/.test(text.charAt(end)),
  find(text, start, end, lo, hi) {
    const argument = /[A-Za-z_]\w{0,60}$/.exec(text.slice(lo, start));
    const kind = argument === null ? null : classifyKey(argument[0]);
    if (kind === null || kind.needsRandom === true) return null;
    const rest = text.slice(end, hi);
    const variable = /^\w{1,60}/.exec(rest)![0];
    const match = new RegExp(
      `\\\\{0,7}["']${variable}\\\\{0,7}["']\\s{0,4}:\\s{0,4}\\\\{0,7}["']([^"'\\\\\\n]{1,200})`,
    ).exec(rest);
    if (match === null || isHarmless(match[1]!) || isLabel(match[1]!)) return null;
    const stop = end + match.index + match[0].length;
    return { start: stop - match[1]!.length, end: stop, open: false, type: kind.type };
  },
  example: () => '{"query":"mutation($p: String!){ login(password: $p) }","variables":{"p":"' + 'hunter2"}}',
};
