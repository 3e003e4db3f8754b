const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** `3 min ago`, `in 20 s`, `now`. */
export function relative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const [size, unit] = UNITS.find(([each]) => distance >= each) ?? [0, ""];
  if (size === 0) return "now";
  const amount = `${Math.floor(distance / size)} ${unit}`;
  return at > now ? `in ${amount}` : `${amount} ago`;
}

/** `2026-11-21 08:30:12` in UTC. */
export const exact = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

const DURATION: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `500ms`, `30s`, `10m`, `2h`, `1d`; null for anything else. */
export function parseDuration(text: string): number | null {
  const [, amount, unit = ""] = /^(\d{1,9})(ms|s|m|min|h|d)$/.exec(text.trim()) ?? [];
  return amount === undefined ? null : Number(amount) * (DURATION[unit] ?? 1);
}
