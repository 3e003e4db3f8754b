/**
 * Text of strangers in what is filed: it stands in code, where neither GitHub nor Gitea reads mentions, references,
 * links, images, HTML or markers (CommonMark 0.31, 4.5 "Fenced code blocks" and 6.1 "Code spans"), and what nobody
 * sees in it is written out.
 */

/** Direction, joiners, tags and other characters that are there and not seen; and controls. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** What cannot be seen, by its code point; the same text otherwise. */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(UNSEEN, (one) => `\\u{${one.codePointAt(0)?.toString(16) ?? ""}}`);

/** A block of code around the text, with a fence longer than any run of backticks in it. */
export function fenced(text: string): string {
  const inner = visible(text).replace(/\n+$/, "");
  const fence = "`".repeat(Math.max(3, longestRun(inner) + 1));
  return `${fence}text\n${inner}\n${fence}`;
}

/** A span of code on one line, at most so many characters long. Not for cells of tables, which end at a bar. */
export function inline(text: string, most = 200): string {
  const inner = short(visible(text).replaceAll(/\s+/g, " ").trim(), most);
  if (inner === "") return "``(nothing)``";
  const fence = "`".repeat(longestRun(inner) + 1);
  // One space on either side is taken off again (6.1), and one is needed where the text begins or ends with a backtick.
  return inner.startsWith("`") || inner.endsWith("`") ? `${fence} ${inner} ${fence}` : `${fence}${inner}${fence}`;
}

/**
 * A title, which knows no code: what hosts make links and mentions of is kept apart by a space that is not seen as
 * one word's end, so that `@acme/billing` stays readable and nobody is called.
 */
export function inertTitle(text: string, most = 200): string {
  const line = short(visible(text).replaceAll(/\s+/g, " ").trim(), most);
  return line
    .replaceAll(/[<>]/g, (one) => (one === "<" ? "‹" : "›"))
    .replaceAll(/([@#!~&:])(?=[\w/])/g, "$1\u2060")
    .replaceAll(/\b(GH)-(?=\d)/gi, "$1\u2060-")
    .replaceAll(/\b(https?|ftp|mailto|www)(?=[:.])/gi, "$1\u2060")
    .replaceAll(/\b[0-9a-f]{7,64}\b/gi, (hash) => `${hash.slice(0, 4)}\u2060${hash.slice(4)}`)
    .replaceAll("`", "'");
}

const longestRun = (text: string): number =>
  text.match(/`+/g)?.reduce((longest, run) => Math.max(longest, run.length), 0) ?? 0;

const short = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
