import { readdirSync, readFileSync } from "node:fs";
import { scrubText } from "../packages/scrub/src/index.ts";

/** Programs hand over text in pieces of this size. */
const CHUNK = 64 * 1024;
const LEAST_CHARACTERS = 24 * 1024 * 1024;
const CRASHES = new URL("../packages/scrub/src/stacks/conformance/", import.meta.url);

/** MB a CPU-second of crash text, of log lines that are new each time, and of the same lines in chunks; cold is the first pass. */
export function measureSpeed(): object {
  const crashes = readdirSync(CRASHES)
    .filter((name) => name.endsWith(".txt"))
    .flatMap((name) => readFileSync(new URL(name, CRASHES), "utf8").split(/^=== .*\n/m))
    .filter((text) => text !== "");
  let serial = 0;
  const renewed = (): string[] => crashes.map((text) => `${text}${serial++}`);
  const fresh = (): string[] => Array.from({ length: 8_000 }, () => logLine(serial++));
  const joined = (): string[] => {
    const text = fresh().join("\n");
    return Array.from({ length: Math.ceil(text.length / CHUNK) }, (_, at) => text.slice(at * CHUNK, (at + 1) * CHUNK));
  };
  const cold = rate(renewed, 1);
  return {
    crash_mb_per_s_cold: cold,
    crash_mb_per_s: rate(renewed),
    lines_mb_per_s_cold: rate(fresh, 1),
    lines_mb_per_s: rate(fresh),
    chunks_mb_per_s: rate(joined),
  };
}

/** At least `LEAST_CHARACTERS`, because CPU time is counted in coarse ticks; making the texts is not counted. */
function rate(make: () => readonly string[], passes = Infinity): number {
  let used = 0;
  let characters = 0;
  for (let pass = 0; pass < passes && characters < LEAST_CHARACTERS; pass++) {
    // A text of its own, not a piece of another.
    const texts = make().map((text) => Buffer.from(text).toString());
    const start = process.cpuUsage();
    for (const text of texts) scrubText(text);
    const { user, system } = process.cpuUsage(start);
    used += user + system;
    for (const text of texts) characters += text.length;
  }
  return Math.round((characters * 10) / Math.max(1, used)) / 10;
}

const LINES: readonly ((n: number) => string)[] = [
  (n) =>
    `2026-11-21T08:${two(n)}:${two(n * 7)}.${n % 1000}Z INFO  [http-${n % 16}] GET /api/orders/${n} 200 ${n % 90} ms`,
  (n) =>
    `level=info ts=2026-11-21T08:15:${two(n)}Z caller=flush.go:${n % 900} msg="flushed ${n} blocks" took=${n % 77}ms`,
  (n) => `[${n}] worker ${n % 8} picked up job ${(n * 2654435761) >>> 0} from queue mail, ${n % 40} are waiting`,
  (n) => `Nov 21 08:15:${two(n)} web${n % 9} kernel: [${n}.${n % 1000}] eth0: link is up, 1000 Mbps, full duplex`,
  (n) =>
    `10.0.${n % 255}.${(n * 3) % 255} - - [21/Nov/2026:08:15:${two(n)} +0000] "GET /assets/app.${(n * 40503) >>> 0}.js HTTP/1.1" 304 0`,
  (n) => `DEBUG cache: evicted ${n % 512} entries in region eu-${n % 3}, ${n} left, hit rate ${(n % 100) / 100}`,
  (n) => `WARN  db.pool: waited ${n % 5000} ms for a connection (active=${n % 20}, idle=0, pending=${n % 50})`,
  (n) =>
    `{"time":"2026-11-21T08:15:${two(n)}Z","level":"info","msg":"session started","request_id":"r-${n}","user":${n % 1000}}`,
  (n) => `ERROR payment ${n} was declined by the provider: code=card_declined attempt=${n % 4} order=${n * 3}`,
  (n) => `compiled ${n % 400} modules in ${n % 9000} ms; ${n % 7} warnings, see build.log line ${n}`,
];

function two(n: number): string {
  return String(n % 60).padStart(2, "0");
}

function logLine(n: number): string {
  return LINES[n % LINES.length]?.(n) ?? "";
}
