import type { ProbeStatus, StripCell, WatchChange } from "@prunella/contract";
import { dim, green, plain, red, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

const PAINT: Readonly<Record<ProbeStatus, (text: string) => string>> = {
  healthy: green,
  degraded: yellow,
  unhealthy: red,
  unknown: dim,
};

const isStatus = (text: string): text is ProbeStatus => Object.hasOwn(PAINT, text);
export const paintStatus = (text: string): string => (isStatus(text) ? PAINT[text](text) : text);

const SIGNS: Readonly<Record<ProbeStatus, string>> = { healthy: "·", degraded: "!", unhealthy: "X", unknown: "?" };
const WORST: readonly ProbeStatus[] = ["unhealthy", "degraded", "unknown", "healthy"];
const CELLS_A_SIGN = 4;

/** A day in 24 signs, an hour each: the worst that was found in it; a blank where nobody looked. */
export function stripText(strip: readonly StripCell[]): string {
  const signs: string[] = [];
  for (let at = 0; at < strip.length; at += CELLS_A_SIGN) {
    const hour = strip.slice(at, at + CELLS_A_SIGN).map(({ status }) => status);
    const worst = WORST.find((status) => hour.includes(status));
    signs.push(worst === undefined ? " " : SIGNS[worst]);
  }
  return `[${signs.join("")}]`;
}

export const toldChanges = (changes: readonly WatchChange[], now: number): string[] =>
  changes
    .slice(0, 10)
    .map(({ at, status, detail }) => `${relative(at, now)}: ${paintStatus(status)}. ${plain(detail)}`);
