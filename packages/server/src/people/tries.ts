/** How many are remembered; beyond it the one that was quiet longest is forgotten. */
const MAX_KEYS = 10_000;
const HOUR_MS = 3_600_000;

export interface Tries {
  /** Whether another try may be made; counts it. */
  take(key: string): boolean;
  /** It was none of those that count: it was right. */
  giveBack(key: string): void;
}

/** `burst` at once, then so many an hour. Bounded in memory, whoever knocks. */
export function createTries(burst: number, perHour: number, now: () => number): Tries {
  const buckets = new Map<string, { left: number; at: number }>();
  const leftOf = (key: string): number => {
    const { left, at } = buckets.get(key) ?? { left: burst, at: now() };
    return Math.min(burst, left + ((now() - at) / HOUR_MS) * perHour);
  };
  function put(key: string, left: number): void {
    buckets.delete(key);
    const oldest = buckets.size >= MAX_KEYS ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    buckets.set(key, { left, at: now() });
  }
  return {
    take(key) {
      const left = leftOf(key);
      put(key, left >= 1 ? left - 1 : left);
      return left >= 1;
    },
    giveBack: (key) => put(key, Math.min(burst, leftOf(key) + 1)),
  };
}
