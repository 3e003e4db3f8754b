import { javascript } from "./javascript.ts";
import { python } from "./python.ts";
import { MAX_LINE, MAX_LINES, type ParsedStack, type StackParser } from "./stack.ts";

export type { ParsedStack } from "./stack.ts";

const PARSERS: readonly StackParser[] = [javascript, python];

/** Finds the last crash in a piece of stderr or a stack text; null when there is none. Linear. */
export function parseStack(text: string): ParsedStack | null {
  // ANSI colours of terminals would hide the patterns.
  const lines = text
    // oxlint-disable-next-line no-control-regex
    .replace(/\u001b\[[0-9;]{0,16}m/g, "")
    .split(/\r\n|\n|\r/)
    .slice(-MAX_LINES)
    .map((line) => (line.length > MAX_LINE ? line.slice(0, MAX_LINE) : line));
  let best: { language: ParsedStack["language"]; errors: ParsedStack["errors"]; line: number } | null = null;
  for (const parser of PARSERS) {
    const found = parser.parse(lines);
    if (found !== null && (best === null || found.line > best.line)) best = { language: parser.language, ...found };
  }
  return best === null ? null : { language: best.language, errors: best.errors };
}
