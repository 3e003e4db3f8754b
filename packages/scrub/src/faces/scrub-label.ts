import { markScrubbed, type Scrubbed } from "./scrubbed.ts";
import { scrubString } from "./scrub-text.ts";

/**
 * One line for titles, culprits and releases: control and direction-changing characters become
 * blanks, blanks collapse, and what is longer than `max` characters (UTF-16 units) ends in "…".
 */
export function scrubLabel(text: string, max: number): Scrubbed<string> {
  const scrubbed = scrubString(text, ignore);
  // Cleaning may join what was apart, so the cleaned line is scrubbed once more.
  const line = scrubString(
    scrubbed
      .toWellFormed()
      .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\s]+/gu, " ")
      .trim(),
    ignore,
  );
  let safe = line;
  // What a cut leaves may look different without its end, so every cut line is scrubbed again.
  for (let round = 0; safe.length > max && round < 8; round++) safe = scrubString(cut(safe, max), ignore);
  return markScrubbed(safe.length <= max ? safe : "…".slice(0, max));
}

/** Leaves neither half a placeholder nor half a character. */
function cut(line: string, max: number): string {
  let end = Math.max(0, max - 1);
  const opened = line.lastIndexOf("[REDACTED:", end);
  if (opened >= 0 && opened < end && line.indexOf("]", opened) >= end) end = opened;
  const kept = line.slice(0, end).replace(/[\ud800-\udbff]$/, "");
  return `${kept.trimEnd()}…`;
}

function ignore(): void {}
