/**
 * A moment as SDKs write it, as epoch milliseconds: float seconds, ISO text with or without a zone
 * (without means UTC: old Python clients), or seconds as text. Null when it is none of them.
 */
export function readMoment(value: unknown): number | null {
  if (typeof value === "number") return fromSeconds(value);
  if (typeof value !== "string" || value.length === 0 || value.length > 40) return null;
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(value)) return fromSeconds(Number(value));
  const zoned = /(?:z|[+-][0-9]{2}:?[0-9]{2})$/i.test(value) ? value : `${value}Z`;
  const parsed = Date.parse(zoned);
  return Number.isNaN(parsed) || parsed < 0 ? null : parsed;
}

/** A sender's clock may be wrong, by more than a minute ahead or a month behind: then receipt is the better guess. */
export function clampMoment(at: number | null, receivedAt: number): number {
  return at === null || at > receivedAt + AHEAD_MAX_MS || at < receivedAt - BEHIND_MAX_MS ? receivedAt : at;
}

const AHEAD_MAX_MS = 60_000;
const BEHIND_MAX_MS = 30 * 24 * 3_600_000;
/** Above this, seconds would be the year 5138: the sender means milliseconds. */
const SECONDS_MAX = 1e11;
/** The last moment a Date can hold (ECMA-262, 21.4.1.1). */
const MILLIS_MAX = 8.64e15;

function fromSeconds(value: number): number | null {
  const millis = Math.floor(value > SECONDS_MAX ? value : value * 1000);
  return millis >= 0 && millis <= MILLIS_MAX ? millis : null;
}
