import { environment } from "../environment.ts";

const isColoured = process.stdout.isTTY === true && !environment.isPlain();
const colour = (code: number) => (text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = colour(1);
export const dim = colour(2);
export const red = colour(31);
export const green = colour(32);
export const yellow = colour(33);

/**
 * Text that others wrote, made safe for a terminal: no escape sequences, no line breaks, nothing
 * that turns the direction of writing around, nothing that cannot be seen.
 */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]+/gu, " ")
    .trim();
}

export function clip(text: string, limit: number): string {
  const points = [...text];
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join("")}…`;
}

/** Like {@link plain}, for several lines. */
export const plainLines = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) =>
      plain(line.replaceAll("\t", "  ").replace(/^ +/, (indent) => "\u00a0".repeat(indent.length))).replaceAll(
        "\u00a0",
        " ",
      ),
    );
