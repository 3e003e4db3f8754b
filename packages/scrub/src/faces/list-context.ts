import type { Engine } from "../engine/engine.ts";
import type { Cut } from "../engine/pieces.ts";
import { placeholder } from "../engine/placeholder.ts";
import type { Note } from "./key-context.ts";

/** Longer lists are no command that somebody typed. */
const MOST_WORDS = 64;
const MOST = 4_096;
const OPTION = /^-{1,2}[A-Za-z]/;

/**
 * What a process was started with, as a list: what an option says of the word behind it, and a command of its
 * own options, shows only when the words are read as the line that they were. Returns the very same list when
 * nothing was found.
 */
export function wordsInContext(words: readonly unknown[], engine: Engine, note: Note): readonly unknown[] {
  if (words.length < 2 || words.length > MOST_WORDS) return words;
  let line = "";
  let isCommand = false;
  const places: number[] = [];
  for (const word of words) {
    if (typeof word !== "string" || word.includes("\n")) return words;
    isCommand ||= OPTION.test(word);
    const quote = /[\s;&|<>()]/.test(word) && !word.includes("[REDACTED:") ? (word.includes("'") ? '"' : "'") : "";
    places.push(line.length + quote.length);
    line += `${quote}${word}${quote} `;
    if (line.length > MOST) return words;
  }
  if (!isCommand) return words;
  const cuts = engine.findCuts(line);
  if (cuts === null) return words;
  note(line, cuts);
  return words.map((word, at) => (typeof word === "string" ? without(word, places[at]!, cuts) : word));
}

/** The part of each cut that lies in the word. */
function without(word: string, from: number, cuts: readonly Cut[]): string {
  let safe = "";
  let at = 0;
  for (const { start, end, type } of cuts) {
    const lo = Math.max(at, start - from);
    const hi = Math.min(word.length, end - from);
    if (lo >= hi) continue;
    safe += word.slice(at, lo) + placeholder(type);
    at = hi;
  }
  return at === 0 ? word : safe + word.slice(at);
}
