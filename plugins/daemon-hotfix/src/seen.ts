import { numberAt, textAt, valueAt } from "./read.ts";

/** How often one failure was seen, and what its comment says of it. */
export interface Seen {
  readonly count: number;
  readonly first: string;
  readonly last: string;
  /** The release, version or commit that named it last. */
  readonly seenIn: string | null;
  /** Epoch milliseconds of the last change of the comment; of the filing, before there is one. */
  readonly toldAt: number;
  /** What `count` was then. */
  readonly told: number;
  /** How many an hour came before that; null: nothing was told yet. */
  readonly rate: number | null;
  /** Epoch milliseconds at which the host was asked last how its issue is. */
  readonly askedAt: number;
}

/** A comment is put right at most once an hour. */
export const TELL_EACH_MS = 3_600_000;

/** So often the host is asked whether somebody closed it: a flood of one failure is no flood of questions. */
const ASK_EACH_MS = 60_000;

export interface Again {
  readonly seen: Seen;
  /** The host is asked: it is the first, or it was not asked for a while. */
  readonly isAsked: boolean;
  readonly isTold: boolean;
}

/** Pure: so many more, whether the host is asked how its issue is, and whether its comment is put right. */
export function seenAgain(
  before: Seen | null,
  { more, at, seenIn, now }: { more: number; at: string; seenIn: string | null; now: number },
): Again {
  const isTold = before !== null && now - before.toldAt >= TELL_EACH_MS;
  const isAsked = before === null || now - before.askedAt >= ASK_EACH_MS;
  const count = (before?.count ?? 0) + more;
  const seen = {
    count,
    first: before?.first ?? at,
    last: at,
    seenIn: seenIn ?? before?.seenIn ?? null,
    toldAt: before === null || isTold ? now : before.toldAt,
    told: before === null || isTold ? count : before.told,
    rate: before === null ? null : isTold ? rateOf(before, count, now) : before.rate,
    askedAt: isAsked ? now : before.askedAt,
  };
  return { seen, isAsked, isTold };
}

/** How many an hour since the last telling. */
const rateOf = ({ told, toldAt }: Seen, count: number, now: number): number =>
  (count - told) / Math.max(1, (now - toldAt) / TELL_EACH_MS);

/** What became of it since it was told last, in words. */
export function trendOf(seen: Seen, before: Seen | null): string | null {
  if (before === null || seen.rate === null || seen.told === before.told) return null;
  const many = (rate: number) => (rate >= 10 ? String(Math.round(rate)) : String(Math.round(rate * 10) / 10));
  const now = `${seen.count - before.told} since it was told last, ${many(seen.rate)} an hour`;
  if (before.rate === null) return `${now}.`;
  const how = seen.rate > before.rate * 1.5 ? "rising" : seen.rate * 1.5 < before.rate ? "falling" : "steady";
  return `${now}; ${many(before.rate)} an hour before: ${how}.`;
}

export function readSeen(value: unknown): Seen | null {
  const [first, last] = [textAt(value, "first"), textAt(value, "last")];
  const [count, toldAt, askedAt] = [numberAt(value, "count"), numberAt(value, "toldAt"), numberAt(value, "askedAt")];
  const [told, rate] = [numberAt(value, "told"), valueAt(value, "rate")];
  if (told === null || (rate !== null && typeof rate !== "number")) return null;
  if (first === null || last === null || count === null || toldAt === null || askedAt === null) return null;
  return { count, first, last, seenIn: textAt(value, "seenIn"), toldAt, told, rate, askedAt };
}
