import { browser } from "./browser.ts";
import { byPattern } from "./by-pattern.ts";
import { dart } from "./dart.ts";
import { dotnet } from "./dotnet.ts";
import { elixir } from "./elixir.ts";
import { faulthandler } from "./faulthandler.ts";
import { go } from "./go.ts";
import { hotspot } from "./hotspot.ts";
import { mayBeIps, writeIps } from "./ips.ts";
import { java } from "./java.ts";
import { javascript } from "./javascript.ts";
import { kernel } from "./kernel.ts";
import { lua } from "./lua.ts";
import { native } from "./native.ts";
import { perl } from "./perl.ts";
import { php } from "./php.ts";
import { python } from "./python.ts";
import { isFolded, plain, readFolded, readLines } from "./read-lines.ts";
import { ruby } from "./ruby.ts";
import { rubyBug } from "./ruby-bug.ts";
import { rust } from "./rust.ts";
import type { Found, ParsedStack, StackParser } from "./stack.ts";
import { swift } from "./swift.ts";
import { tcl } from "./tcl.ts";

export type { Language, ParsedStack } from "./stack.ts";

/**
 * The commonest first: where one reaches the end of the text, the others are not asked. Where two end
 * on the same line, the earlier of this list wins.
 */
const PARSERS: readonly StackParser[] = [
  hotspot,
  rubyBug,
  java,
  javascript,
  python,
  faulthandler,
  kernel,
  native,
  go,
  rust,
  ruby,
  php,
  dotnet,
  elixir,
  dart,
  swift,
  lua,
  tcl,
  ...byPattern,
  perl,
  browser,
];

/** Finds the crash in a piece of stderr or a stack text; null when there is none. Linear and bounded. */
export function parseStack(given: string): ParsedStack | null {
  const text = (mayBeIps(given) ? writeIps(given) : null) ?? given;
  const folded = isFolded(text) ? readFolded(text) : null;
  let lines = folded?.lines ?? null;
  const shown = folded?.shown ?? plain(text);
  let end = lines === null ? 0 : endOf(lines);
  let best: Found | null = null;
  let language: ParsedStack["language"] = "javascript";
  for (const parser of PARSERS) {
    if (!mayHold(shown, parser.hints)) continue;
    if (lines === null) {
      lines = readLines(text);
      end = endOf(lines);
    }
    const found = parser.parse(lines);
    if (found === null || (best !== null && !outdoes(found, best))) continue;
    best = found;
    language = parser.language;
    if (found.line >= end && found.follows !== true) break;
  }
  return best === null ? null : { language, errors: best.errors };
}

function endOf(lines: readonly string[]): number {
  let end = lines.length;
  while (end > 0 && lines[end - 1]!.trim() === "") end--;
  return end;
}

/** The later crash, unless one of the two is but the last words of the other. */
function outdoes(found: Found, best: Found): boolean {
  if (found.follows === true && saysMore(best, found)) return false;
  if (best.follows === true && saysMore(found, best)) return true;
  return found.line > best.line;
}

function saysMore(one: Found, lastWords: Found): boolean {
  return hasOwn(one) || (hasFrames(one) && !hasOwn(lastWords));
}

function hasOwn({ errors }: Found): boolean {
  return errors.some(({ frames }) => frames.some((each) => each.in_app === true && each.function !== null));
}

function hasFrames({ errors }: Found): boolean {
  return errors.some(({ frames }) => frames.some((each) => each.function !== null));
}

function mayHold(text: string, hints: readonly string[]): boolean {
  for (let i = 0; i < hints.length; i++) if (text.includes(hints[i]!)) return true;
  return false;
}
