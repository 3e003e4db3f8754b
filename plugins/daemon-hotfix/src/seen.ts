import { numberAt, textAt } from "./read.ts";

/** How often one failure was seen, and what its comment says of it. */
export interface Seen {
  readonly count: number;
  readonly first: string;
  readonly last: string;
  /** Epoch milliseconds of the last change of the comment; of the filing, before there is one. */
  readonly toldAt: number;
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
export function seenAgain(before: Seen | null, more: number, at: string, now: number): Again {
  const isTold = before !== null && now - before.toldAt >= TELL_EACH_MS;
  const isAsked = before === null || now - before.askedAt >= ASK_EACH_MS;
  const seen = {
    count: (before?.count ?? 0) + more,
    first: before?.first ?? at,
    last: at,
    toldAt: before === null || isTold ? now : before.toldAt,
    askedAt: isAsked ? now : before.askedAt,
  };
  return { seen, isAsked, isTold };
}

export function readSeen(value: unknown): Seen | null {
  const [first, last] = [textAt(value, "first"), textAt(value, "last")];
  const [count, toldAt, askedAt] = [numberAt(value, "count"), numberAt(value, "toldAt"), numberAt(value, "askedAt")];
  if (first === null || last === null || count === null || toldAt === null || askedAt === null) return null;
  return { count, first, last, toldAt, askedAt };
}
