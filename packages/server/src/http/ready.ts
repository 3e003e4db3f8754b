import type { ServerResponse } from "node:http";

/** What a server needs to do its work; each rejects, or resolves to false, when it is not there. */
export type ReadyChecks = Readonly<Record<Need, () => Promise<unknown>>>;
export type Need = "database" | "writer" | "ledger" | "doors";

const WHY: Readonly<Record<Need, string>> = {
  database: "the database cannot be read",
  writer: "nothing can be written to the database",
  ledger: "the ledger's files cannot be written",
  doors: "the thread of the doors is away",
};
const NEEDS: readonly Need[] = ["database", "writer", "ledger", "doors"];
/** Longer than any commit that is worth waiting for, shorter than what a balancer waits. */
const ANSWER_MS = 2_000;
/** Anybody may ask, so asking often costs one look in this time. */
const KEEP_MS = 200;

/** The reasons why this server is not ready; none when it is. In fixed words: anybody may read them. */
export function createReadiness(checks: ReadyChecks, now: () => number): () => Promise<readonly string[]> {
  let looking: Promise<readonly string[]> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (looking === null || now() - lookedAt >= KEEP_MS) {
      lookedAt = now();
      looking = Promise.all(NEEDS.map(async (need) => ((await holds(checks[need])) ? [] : [WHY[need]]))).then((all) =>
        all.flat(),
      );
    }
    return looking;
  };
}

async function holds(check: () => Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), ANSWER_MS);
  try {
    return (await Promise.race([check(), late.promise])) !== false;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

export function sendReady(response: ServerResponse, reasons: readonly string[]): void {
  const isReady = reasons.length === 0;
  response
    .writeHead(isReady ? 200 : 503, {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...(isReady ? {} : { "retry-after": "5" }),
    })
    .end(JSON.stringify({ status: isReady ? "ready" : "not_ready", reasons }));
}
