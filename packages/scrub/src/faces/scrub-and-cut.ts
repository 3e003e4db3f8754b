import { applyCuts, type Engine } from "../engine/engine.ts";
import type { Cut } from "../engine/pieces.ts";
import { DEFAULT_ENGINE, scrubString } from "./scrub-text.ts";
import { markScrubbed, type Scrubbed } from "./scrubbed.ts";

/** Characters behind a cut that are read, so that no secret is judged by its first half. */
export const CUT_SLACK = 4_096;
/** What stands where something was left out. */
export const CUT_MARK = "…[cut]";

/**
 * Text of at most `max` characters (UTF-16 units), scrubbed and then cut, never the other way: half of a
 * token looks like no token. Of a longer text at most `CUT_SLACK` characters more than `max` are read.
 */
export function scrubAndCut(text: string, max: number, engine: Engine = DEFAULT_ENGINE): Scrubbed<string> {
  return markScrubbed(cutString(text, max, ignore, engine));
}

/** The same for values inside a structure. What is not too long is only scrubbed, placeholders or not. */
export function cutString(
  text: string,
  max: number,
  count: (rule: string) => void,
  engine: Engine,
  note?: (text: string, cuts: readonly Cut[]) => void,
): string {
  if (text.length <= max) return scrubString(text, count, engine, note);
  const window = text.slice(0, max + CUT_SLACK);
  const found = engine.findCuts(window) ?? [];
  note?.(window, found);
  const room = Math.max(0, max - CUT_MARK.length);
  // What begins in front of the cut goes whole.
  const kept = found.filter(({ start }) => start < room);
  for (const { rule } of kept) count(rule.name);
  const end = Math.max(room, kept.at(-1)?.end ?? 0);
  let safe = shortened(applyCuts(window.slice(0, end), kept), room);
  // What a cut leaves may look different without its end, so it is scrubbed again.
  for (let round = 0; round < 8; round++) {
    const cut = safe + CUT_MARK;
    const again = scrubString(cut, count, engine, note);
    if (again === cut) return cut;
    // The mark itself may have been taken for a value.
    safe = shortened(
      again.endsWith(CUT_MARK) ? again.slice(0, -CUT_MARK.length) : safe.replace(/\S{0,64}\s{0,8}$/, ""),
      room,
    );
  }
  return CUT_MARK;
}

/** Leaves neither half a placeholder nor half a character. */
function shortened(text: string, max: number): string {
  let end = Math.min(text.length, max);
  const opened = text.lastIndexOf("[REDACTED:", end);
  if (opened >= 0 && opened < end && text.length > end && text.indexOf("]", opened) >= end) end = opened;
  return text.slice(0, end).replace(/[\ud800-\udbff]$/, "");
}

function ignore(): void {}
