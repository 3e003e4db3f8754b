import { classifyKey } from "../keys/secret-key.ts";
import { isNoSecret, isRandom } from "../keys/value.ts";
import { RANK, type Rule } from "../engine/rule.ts";

const ITEM = "[A-Za-z0-9+/=_.~-]{16,128}";
/** A list in YAML or JSON: all of it goes. */
const LIST = new RegExp(
  `^(?<name>)["']?[ \\t]{0,3}[:=][ \\t]{0,3}(?:\\[\\s{0,20}["']?|\\n[ \\t]{0,40}-[ \\t]{1,4}["']?)(?<value>${ITEM}(?:["']?(?:,\\s{0,40}["']?|[ \\t]{0,4}\\n[ \\t]{0,40}-[ \\t]{1,4}["']?)${ITEM}){0,5})`,
  "d",
);

/** Where a declaration puts its name and its value; what stands behind the keyword, within one declaration. */
const FORMS: readonly (readonly [keyword: string, pattern: RegExp])[] = [
  ["#define ", /^[ \t]{0,20}(?<name>\w{3,60})[ \t]{1,40}[LuU8]{0,2}"(?<value>[^"\n]{4,200})"/d],
  [
    "buildconfigfield",
    /^[ \t(]{1,4}(["'])\w{1,20}\1[ \t]{0,3},[ \t]{0,3}["'](?<name>[\w.]{3,60})["'][ \t]{0,3},[ \t]{0,3}["'\\]{1,4}(?<value>[^"'\\\n]{4,200})["'\\]/d,
  ],
  [
    "resvalue",
    /^[ \t(]{1,4}(["'])\w{1,20}\1[ \t]{0,3},[ \t]{0,3}["'](?<name>[\w.]{3,60})["'][ \t]{0,3},[ \t]{0,3}["'\\]{1,4}(?<value>[^"'\\\n]{4,200})["'\\]/d,
  ],
  // Terraform: the default of a variable, behind its type and description.
  [
    'variable "',
    /^(?<name>[\w-]{3,60})"\s{0,4}\{\s{0,40}(?:(?:type|description|sensitive|nullable)[ \t]{0,20}=[^\n{}]{0,100}\n\s{0,40}){0,4}default[ \t]{0,20}=[ \t]{0,20}"(?<value>[^"\n$]{4,200})"/d,
  ],
  // The value in front of its name.
  [
    'value="',
    /^(?<value>[^"<>\n]{3,200})"(?:\s{1,4}[\w:.-]{1,30}="[^"<>\n]{0,60}"){0,3}?\s{1,4}(?:type|name|key|id)="(?<name>[\w.-]{2,60})"/d,
  ],
  ['"value":', /^[ ]?"(?<value>[^"\n\\]{3,200})",\s{0,20}"(?:name|key|Name|Key)":[ ]?"(?<name>[\w.-]{3,60})"/d],
  ["android:name=", /^"(?<name>[\w.]{3,80})"\s{1,80}android:value="(?<value>[^"\n@]{4,200})"/d],
  // PHP's own format: names and values with their lengths.
  ["s:", /^\d{1,3}:\\?"(?<name>[\w-]{3,40})\\?";s:\d{1,3}:\\?"(?<value>[^"\n\\]{4,200})\\?"/d],
  ["_pat", /^(?<name>)["'\]]{0,2}[ \t]{0,8}[:=][ \t]{0,8}["']?(?<value>[A-Za-z0-9+/=_.~-]{20,200})/d],
  // A scheme of one's own in front of the value.
  [
    "authorization",
    /^(?<name>)["']{0,2}[ \t]{0,4}[:=,][ \t]{0,4}["']?[A-Za-z][\w-]{1,24}[ \t]{1,4}(?<value>[A-Za-z0-9+/=_.~-]{16,200})/d,
  ],
  // `.pgpass`
  [":5432:", /^(?<name>)[\w*.-]{1,60}:[\w*.@-]{1,60}:(?<value>[^\s:"']{4,200})(?=\s|$)/d],
  ...["api_keys", "api-keys", "apikeys", "access_keys", "tokens", "secrets"].map((keyword) => [keyword, LIST] as const),
];

const FIRST = /^[^\s"',]{0,200}/;

/** A name that says what its value is, and the value, in forms that put other words between the two. */
export const DECLARED_VALUE: Rule = {
  name: "declared-value",
  type: "SECRET",
  rank: RANK.context,
  keywords: FORMS.map(([keyword]) => keyword),
  guard(text, start, end) {
    const next = text.charCodeAt(end);
    // Of `s:` and `pat` nearly all are something else.
    if (end - start === 2) return next >= 48 && next <= 57;
    // Nothing is declared in front of these.
    if (next === 41 || next === 44 || next === 46 || next === 59) return false;
    return end - start > 4 || next === 32 || next === 61 || next === 58 || next === 34 || next === 39;
  },
  find(text, start, end, _lo, hi) {
    const hit = text.slice(start, end).toLowerCase();
    const form = FORMS.find(([keyword]) => keyword === hit);
    const match = form?.[1].exec(text.slice(end, hi));
    if (match === null || match === undefined) return null;
    const key = classifyKey(match.groups!["name"] || "access_token");
    const value = match.groups!["value"]!;
    if (key === null || isNoSecret(value, key)) return null;
    if (
      (key.needsRandom === true || hit.endsWith("pat") || form![1] === LIST || hit === "authorization") &&
      !isRandom(FIRST.exec(value)![0])
    )
      return null;
    if (form![1] !== LIST && /\s/.test(value) && !key.isPassword) return null;
    const [from, to] = match.indices!.groups!["value"]!;
    return { start: end + from, end: end + to, open: false, type: key.type };
  },
  // Its forms end nearly everywhere at the next character.
  price: () => 1 / 3,
  example: () => '#define WIFI_PASSWORD "' + 'hunter2"',
};

/** `name            = "value"`: columns of settings, wider than a reader of single lines expects. */
export const ALIGNED_VALUE: Rule = {
  name: "aligned-value",
  type: "SECRET",
  rank: RANK.context,
  // A blank must not begin a keyword: it would be looked at behind every word.
  keywords: ['= "', "= '", `:${" ".repeat(8)}`],
  find(text, start, end, lo, hi) {
    const isColon = text.charCodeAt(start) === 58;
    if (!isColon && (start - 8 < lo || text.charCodeAt(start - 1) !== 32 || text.charCodeAt(start - 8) !== 32))
      return null;
    const before = /([\w.-]{2,48})["'\]]{0,2}[ \t]{0,40}$/.exec(text.slice(lo, start));
    const key = before === null ? null : classifyKey(before[1]!);
    if (key === null) return null;
    const from = isColon ? end : end - 1;
    const match = /^[ \t]{0,40}(["'`])([^"'`\n]{4,200})\1/.exec(text.slice(from, hi));
    if (match === null) return null;
    const value = match[2]!;
    if (isNoSecret(value, key) || (/\s/.test(value) && !key.isPassword)) return null;
    if (!key.strong && !isRandom(value)) return null;
    const stop = from + match[0].length - 1;
    return { start: stop - value.length, end: stop, open: false, type: key.type };
  },
  example: () => `acme_password${" ".repeat(9)}= "` + 'hunter2"',
};
