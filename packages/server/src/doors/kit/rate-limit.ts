/** How many senders are remembered; beyond it the one that was quiet longest is forgotten. */
const MAX_KEYS = 10_000;

export interface RateLimit {
  /** True when `key` may go on; counts the try. */
  take(key: string): boolean;
}

/** A token bucket a key: `perMinute` at once, refilled evenly. Bounded in memory, whoever knocks. */
export function createRateLimit(perMinute: number, now: () => number): RateLimit {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(key) {
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: perMinute, at };
      const tokens = Math.min(perMinute, bucket.tokens + ((at - bucket.at) / 60_000) * perMinute);
      buckets.delete(key);
      const oldest = buckets.size >= MAX_KEYS ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at });
      return tokens >= 1;
    },
  };
}
