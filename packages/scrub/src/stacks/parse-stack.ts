import { browser } from "./browser.ts";
import { dart } from "./dart.ts";
import { dotnet } from "./dotnet.ts";
import { elixir } from "./elixir.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import { kernel } from "./kernel.ts";
import { lua } from "./lua.ts";
import { native } from "./native.ts";
import { perl } from "./perl.ts";
import { php } from "./php.ts";
import { python } from "./python.ts";
import { readLines } from "./read-lines.ts";
import { ruby } from "./ruby.ts";
import { rust } from "./rust.ts";
import type { Found, ParsedStack, StackParser } from "./stack.ts";
import { swift } from "./swift.ts";

export type { Language, ParsedStack } from "./stack.ts";

/** Where two end on the same line, the earlier of this list wins: the more telling format stands first. */
const PARSERS: readonly StackParser[] = [
  kernel,
  native,
  java,
  javascript,
  python,
  go,
  rust,
  ruby,
  php,
  dotnet,
  elixir,
  dart,
  swift,
  lua,
  perl,
  browser,
];

/** Finds the crash in a piece of stderr or a stack text; null when there is none. Linear and bounded. */
export function parseStack(text: string): ParsedStack | null {
  let lines: string[] | null = null;
  let best: Found | null = null;
  let language: ParsedStack["language"] = "javascript";
  for (const parser of PARSERS) {
    if (!parser.hints.some((hint) => text.includes(hint))) continue;
    lines ??= readLines(text);
    const found = parser.parse(lines);
    if (found === null || (best !== null && found.line <= best.line)) continue;
    best = found;
    language = parser.language;
  }
  return best === null ? null : { language, errors: best.errors };
}
