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
  if (line.length <= max) return markScrubbed(line);
  let end = Math.max(0, max - 1);
  // Neither half a placeholder nor half a character.
  const opened = line.lastIndexOf("[REDACTED:", end);
  if (opened >= 0 && opened < end && line.indexOf("]", opened) >= end) end = opened;
  return markScrubbed(
    `${line
      .slice(0, end)
      .replace(/[\ud800-\udbff]$/, "")
      .trimEnd()}…`,
  );
}

function ignore(): void {}
