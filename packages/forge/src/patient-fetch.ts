/** When a host may be asked again, kept where a process that ends does not lose it. */
export interface Waits {
  /** Null: it may be asked now. */
  until(): Promise<{ readonly until: number; readonly reason: string } | null>;
  /** `afterMs` null: it did not say when. */
  note(of: { readonly afterMs: number | null; readonly reason: string }): Promise<unknown>;
  /** It answered as usual. */
  eased(): Promise<void>;
}

/** What a host said last of how much it may still be asked. */
export interface Limits {
  readonly limit: number;
  readonly remaining: number;
  /** Epoch milliseconds. */
  readonly resetsAt: number;
}

interface Patience {
  readonly fetch: typeof globalThis.fetch;
  /** Null: it says nothing of limits, or was not asked yet. */
  limits(): Limits | null;
  /** By its own word it is a double, and not what its kind names. */
  isDouble(): boolean;
}

/** In it a double says that it is one, with each answer. */
const DOUBLE = "x-fakehub";

/**
 * A fetch that asks a host nothing before the time that it named: by its first limit (all used up), its second (too
 * much at once) or `Retry-After`. What may not be asked yet is answered here, as the host answers it; nobody sleeps.
 */
export function createPatientFetch(deps: {
  readonly fetch: typeof globalThis.fetch;
  readonly waits: Waits;
  readonly now: () => number;
}): Patience {
  const { waits, now } = deps;
  let limits: Limits | null = null;
  let isDouble = false;
  // What an earlier process was told is not known here: the first good answer clears it.
  let isStrained = true;

  const fetch: typeof globalThis.fetch = async (input, init) => {
    const wait = await waits.until();
    if (wait !== null) return notYet(wait, now());
    const answer = await deps.fetch(input, init);
    limits = limitsOf(answer.headers) ?? limits;
    isDouble = answer.headers.has(DOUBLE);
    const told = await limitedBy(answer, now());
    if (told !== null) {
      isStrained = true;
      await waits.note(told);
    } else if (isStrained && answer.ok) {
      await waits.eased();
      isStrained = false;
    }
    return answer;
  };
  return { fetch, limits: () => limits, isDouble: () => isDouble };
}

const notYet = ({ until, reason }: { until: number; reason: string }, now: number): Response =>
  Response.json(
    { message: `Not asked before ${new Date(until).toISOString()}: ${reason}` },
    { status: 429, headers: { "retry-after": String(Math.max(1, Math.ceil((until - now) / 1_000))) } },
  );

/** By GitHub's documentation of "Rate limits for the REST API"; null: it may be asked on. */
async function limitedBy(answer: Response, now: number): Promise<{ afterMs: number | null; reason: string } | null> {
  const { status, headers } = answer;
  const after = numberOf(headers.get("retry-after"));
  const limits = limitsOf(headers);
  const isUsedUp = limits !== null && limits.remaining === 0;
  const resetMs = isUsedUp ? Math.max(0, limits.resetsAt - now) : null;
  if (answer.ok) return resetMs === null ? null : { afterMs: resetMs, reason: "its limit is used up" };
  if (after !== null && (status === 429 || status === 403 || status === 503))
    return { afterMs: after * 1_000, reason: "it asked for a pause" };
  if (resetMs !== null && (status === 403 || status === 429))
    return { afterMs: resetMs, reason: "its limit is used up" };
  if (status === 429 || (status === 403 && /rate limit/i.test(await answer.clone().text())))
    return { afterMs: null, reason: "it was asked too much at once" };
  return null;
}

function limitsOf(headers: Headers): Limits | null {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((name) =>
    numberOf(headers.get(`x-ratelimit-${name}`)),
  );
  if (remaining == null || reset == null) return null;
  return { limit: limit ?? remaining, remaining, resetsAt: reset * 1_000 };
}

function numberOf(header: string | null): number | null {
  const value = Number(header ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
