import { FaultStatus, Level, Source } from "@prunella/contract";

/** What can stand before the colon of a condition. A tag's key follows `tag.`, so there is no list of those. */
export const KEYS = {
  is: { values: [...FaultStatus.options, "snoozed", "active", "all"], says: "its state" },
  level: { values: Level.options, says: "how severe its newest events are" },
  project: { values: null, says: "whose it is" },
  environment: { values: null, says: "where it was seen" },
  release: { values: null, says: "in which version it was seen" },
  source: { values: Source.options, says: "where its events come from" },
  target: { values: null, says: "what its events speak of, such as program:shop" },
  user: { values: null, says: "whom it met" },
  assignee: { values: null, says: "who looks after it" },
  server: { values: null, says: "on which machine it was seen" },
  has: { values: null, says: "what its events name at all: user, release, tag.browser" },
  since: { values: null, says: "seen since: 24h, 7d or 2026-11-01" },
  before: { values: null, says: "seen before that" },
} as const satisfies Readonly<Record<string, { readonly values: readonly string[] | null; readonly says: string }>>;

export type PlainKey = keyof typeof KEYS;
export const PLAIN_KEYS = Object.keys(KEYS).filter(isPlainKey);

/** What `has:` can ask for, beside `tag.` and a key. `question`: a person is asked about it. */
export const HAS_VALUES = ["assignee", "environment", "question", "release", "server", "target", "user"] as const;

const ALIASES: Readonly<Record<string, PlainKey>> = {
  status: "is",
  state: "is",
  assigned: "assignee",
  env: "environment",
  version: "release",
  after: "since",
  until: "before",
};

export function isPlainKey(text: string): text is PlainKey {
  return Object.hasOwn(KEYS, text);
}

export function aliasOf(text: string): PlainKey | null {
  return Object.hasOwn(ALIASES, text) ? (ALIASES[text] ?? null) : null;
}

/** The one that needs the fewest strokes to be right; null when it would be another word. */
export function nearest(typed: string, known: readonly string[], most = Number.POSITIVE_INFINITY): string | null {
  const ranked = known
    .map((word) => ({ word, strokes: word.startsWith(typed) && typed !== "" ? 0.5 : strokesBetween(typed, word) }))
    .toSorted((a, b) => a.strokes - b.strokes);
  const best = ranked[0];
  return best !== undefined && best.strokes <= Math.min(most, Math.max(1, Math.floor(best.word.length / 2)))
    ? best.word
    : null;
}

/** Letters that are put in, left out, changed, or have changed places. */
function strokesBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 12) return Number.POSITIVE_INFINITY;
  let twoUp: number[] = [];
  let up = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min((up[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (up[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (twoUp[j - 2] ?? 0) + 1);
      row.push(least);
    }
    twoUp = up;
    up = row;
  }
  return up[b.length] ?? 0;
}
