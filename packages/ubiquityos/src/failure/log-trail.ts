/** The last lines of what was done for one request, for whoever has to find out why it failed. */
export interface LogTrail {
  readonly requestId: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly lines: readonly string[];
}

export interface LogTrails {
  note(requestId: string, line: string): void;
  /** The last forty lines; null of a request that nothing was noted of. */
  of(requestId: string): LogTrail | null;
}

/** Sizes of the original (FEATURES A7). */
const MOST_REQUESTS = 120;
const MOST_KEPT = 200;
const MOST_CARRIED = 40;
const LONGEST = 240;

/**
 * Lines of the last 120 requests, the last 200 of each. `clean` takes out what must not be kept, before a line is cut:
 * half a secret looks like none.
 */
export function createLogTrails(clock: { now(): number }, clean: (text: string) => string): LogTrails {
  const trails = new Map<string, { startedAt: number; lastAt: number; lines: string[] }>();
  return {
    note(requestId, line) {
      const now = clock.now();
      const trail = trails.get(requestId) ?? { startedAt: now, lastAt: now, lines: [] };
      trails.delete(requestId);
      trails.set(requestId, trail);
      trail.lastAt = now;
      trail.lines.push(cut(clean(line.replaceAll(/\s+/g, " ")), LONGEST));
      if (trail.lines.length > MOST_KEPT) trail.lines.shift();
      const [oldest] = trails.keys();
      if (trails.size > MOST_REQUESTS && oldest !== undefined) trails.delete(oldest);
    },
    of(requestId) {
      const trail = trails.get(requestId);
      if (trail === undefined) return null;
      const { startedAt, lastAt, lines } = trail;
      return { requestId, startedAt, durationMs: lastAt - startedAt, lines: lines.slice(-MOST_CARRIED) };
    },
  };
}

/** At most so many characters, and never half of one. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  const isHalf = /[\uD800-\uDBFF]/.test(text.charAt(end - 1));
  return `${text.slice(0, isHalf ? end - 1 : end)}…`;
}
