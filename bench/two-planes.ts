import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "./connection.ts";
import { temporaryFolder } from "./folder.ts";
import { hostileEnvelopes } from "./hostile.ts";
import { field } from "./operator.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";

const CONNECTIONS = 32;
/** How often the operator asks for something, ms. */
const ASK_MS = 50;
const PAGES = ["/v1/faults?limit=50", "/v1/attempts?limit=20", "/v1/projects", "/healthz"];
/** Between two crashes of the supervised program, ms. */
const CRASH_MS = 1_000;
const HEAL_WITHIN_MS = 30_000;
const TAKEN_WITHIN_MS = 60_000;
/** How long the operator is answered before the flood, ms. */
const CALM_MS = 4_000;

export interface TwoPlanes {
  /** The same before the flood, with as many crashes: what the machine and healing themselves take. */
  readonly calm: readonly number[];
  /** Answers of the operator API, from the moment each should have been asked for, ms. */
  readonly asked: readonly number[];
  /** What was not answered 200, by path and status. */
  readonly wrong: readonly string[];
  /** From a crash of the supervised program to its next start, ms. */
  readonly healed: readonly number[];
  /** Crashes after which it was not started again in time. */
  readonly unhealed: number;
  /** From asking for the kill switch to its answer, ms. */
  readonly killMs: number;
  /** Whether the crash after that was left alone, and its attempt refused. */
  readonly isKilled: boolean;
  /** Hostile envelopes, by the status that each was answered with; 0 is a broken connection. */
  readonly fed: Readonly<Record<string, number>>;
}

/**
 * One plane takes failures in, and is fed the worst that is known at full rate; the other answers
 * people, starts what crashed, and obeys the kill switch.
 */
export async function runTwoPlanes(seconds: number): Promise<TwoPlanes> {
  using data = temporaryFolder("two-planes");
  using files = temporaryFolder("two-planes-program");
  const starts = join(files.path, "starts");
  const config = join(files.path, "prunella.json");
  // Each start says its pid, and USR2 is a crash.
  const script = `echo $$ >> ${starts}; trap "exit 3" USR2; sleep 3600 & wait`;
  writeFileSync(
    config,
    JSON.stringify({
      supervise: [
        {
          name: "shop",
          command: ["sh", "-c", script],
          restart: {
            budget: { max: 10_000, window: "10m" },
            backoff: { base: "0s", max: "0s" },
            verify: "1ms",
          },
        },
      ],
    }),
  );
  const server = await startServerProcess({ data: data.path, config });
  const flood = new AbortController();
  try {
    await started(starts, 0);
    // What is loaded with the first page is loaded.
    await ask(server, performance.now() + PAGES.length * ASK_MS);
    // The first crash is dear: what it needs is loaded and compiled.
    await crashAgain(starts, performance.now() + 1);
    const calmUntil = performance.now() + CALM_MS;
    const [calm] = await Promise.all([ask(server, calmUntil), crashAgain(starts, calmUntil)]);
    const { feeding, taken } = feed(server, flood.signal);
    const until = performance.now() + seconds * 1_000;
    const [asking, healing] = await Promise.all([ask(server, until), crashAgain(starts, until)]);
    const askedAt = performance.now();
    const status = await post(server, "/v1/kill");
    const killMs = performance.now() - askedAt;
    const isKilled = status === 200 && (await isLeftAlone(server, starts));
    // A flood that is turned away whole attacks nothing; where the machine is slow its first body may take long.
    await Promise.race([taken, sleep(TAKEN_WITHIN_MS, undefined, { ref: false })]);
    flood.abort();
    return { calm: calm.asked, ...asking, ...healing, killMs, isKilled, fed: await feeding };
  } finally {
    flood.abort();
    await server.stop();
  }
}

/** `taken`: the first body was taken in. */
function feed({ envelopeUrl }: ServerProcess, signal: AbortSignal) {
  const bodies = hostileEnvelopes();
  const fed: Record<string, number> = {};
  const head = `POST ${envelopeUrl.pathname}${envelopeUrl.search} HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\n`;
  let next = 0;
  const { promise: taken, resolve: take } = Promise.withResolvers<void>();
  const feeding = Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      let connection = createConnection(envelopeUrl);
      while (!signal.aborted) {
        const body = bodies[(next += 1) % bodies.length] ?? Buffer.alloc(0);
        const sent = connection.send(head, body).then(
          ({ status }) => status,
          () => 0,
        );
        const status = await Promise.race([sent, aborted(signal)]);
        if (status === null) break;
        fed[status] = (fed[status] ?? 0) + 1;
        if (status === 200) take();
        // What is refused comes again at once: this sender honours no Retry-After.
        if (status === 0 || status === 503) {
          connection.close();
          connection = createConnection(envelopeUrl);
          await sleep(5);
        }
      }
      connection.close();
    }),
  ).then(() => fed);
  return { feeding, taken };
}

const aborted = (signal: AbortSignal): Promise<null> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));

async function ask(server: ServerProcess, until: number): Promise<Pick<TwoPlanes, "asked" | "wrong">> {
  const asked: number[] = [];
  const wrong: string[] = [];
  const under: Promise<void>[] = [];
  for (let at = performance.now(), turn = 0; at < until; at += ASK_MS, turn += 1) {
    await sleep(Math.max(0, at - performance.now()));
    const path = PAGES[turn % PAGES.length] ?? "/healthz";
    const due = at;
    under.push(
      fetch(new URL(path, server.url), { headers: { authorization: `Bearer ${server.token}` } }).then(
        async (answer) => {
          await answer.arrayBuffer();
          asked.push(performance.now() - due);
          if (answer.status !== 200) wrong.push(`${path} ${answer.status}`);
        },
        () => void wrong.push(`${path} 0`),
      ),
    );
  }
  await Promise.all(under);
  return { asked, wrong };
}

async function crashAgain(starts: string, until: number): Promise<Pick<TwoPlanes, "healed" | "unhealed">> {
  const healed: number[] = [];
  let unhealed = 0;
  while (performance.now() < until) {
    const before = startsOf(starts);
    const crashedAt = performance.now();
    crash(before);
    if (await started(starts, before.length)) healed.push(performance.now() - crashedAt);
    else unhealed += 1;
    await sleep(Math.max(0, CRASH_MS - (performance.now() - crashedAt)));
  }
  return { healed, unhealed };
}

async function isLeftAlone(server: ServerProcess, starts: string): Promise<boolean> {
  const before = startsOf(starts);
  crash(before);
  for (let looks = 0; looks < 200; looks += 1) {
    const answer = await fetch(new URL("/v1/attempts?limit=1", server.url), {
      headers: { authorization: `Bearer ${server.token}` },
    });
    const attempts = field(await answer.json(), "attempts");
    const newest: unknown = Array.isArray(attempts) ? attempts[0] : null;
    if (field(newest, "state") === "refused") return startsOf(starts).length === before.length;
    await sleep(50);
  }
  return false;
}

const startsOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];

function crash(starts: readonly string[]): void {
  try {
    process.kill(Number(starts.at(-1)), "SIGUSR2");
  } catch {
    // It is down since the crash before, and not started yet.
  }
}

async function started(path: string, before: number): Promise<boolean> {
  const until = performance.now() + HEAL_WITHIN_MS;
  while (performance.now() < until) {
    if (startsOf(path).length > before) return true;
    await sleep(2);
  }
  return false;
}

async function post({ url, token }: ServerProcess, path: string): Promise<number> {
  const answer = await fetch(new URL(path, url), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  await answer.arrayBuffer();
  return answer.status;
}
