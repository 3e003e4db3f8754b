import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { round, type Bench, type Results } from "../cells/cell.ts";
import { shareOf } from "./share.ts";

const PROBES = 1_000;
const PROBE_S = 10;
const HEARTBEATS = 10_000;
/** A job that says each minute that it lives. */
const HEARTBEAT_S = 60;
const KEY = "a-key-of-the-benchmark-";
/** The first looks are spread over as long as one takes to come again. */
const SETTLE_MS = (PROBE_S + 2) * 1_000;

/** What probes and heartbeats take of one core: the server's CPU time over the clock's, less that of one that rests. */
export async function watchedShares(bench: Bench): Promise<Results> {
  const seconds = bench.isQuick ? 20 : 60;
  const given = { seconds, settleMs: SETTLE_MS };
  const idle = await shareOf({ ...given, yaml: () => "{}\n", begin: async () => undefined });
  let looks = 0;
  const watched = createServer((_, response) => {
    looks += 1;
    response.end("ok");
  });
  await new Promise<void>((resolve) => watched.listen(0, "127.0.0.1", resolve));
  const address = watched.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const begin = async () => void (looks = 0);
  const probing = await shareOf({ ...given, yaml: () => probesYaml(port), begin });
  const looked = looks / seconds;
  watched.close();
  // A tenth is missed at the ends of the measured time.
  if (looked < (PROBES / PROBE_S) * 0.9) bench.fail(`healer: ${looked.toFixed(1)} looks a second`);
  const beating = await shareOf({ ...given, yaml: heartbeatsYaml, begin: (url) => beat(bench, url, seconds) });
  const less = (share: number | null) => (share === null || idle === null ? null : round(share - idle, 4));
  return {
    idle_cpu_share: round(idle, 4),
    probes_cpu_share: less(probing),
    probes_looks_per_s: round(looked),
    heartbeats_cpu_share: less(beating),
  };
}

const probesYaml = (port: number): string =>
  `probes:\n${Array.from(
    { length: PROBES },
    (_, at) =>
      `  - { name: p${at}, kind: http, every: ${PROBE_S}s, settings: { url: "http://127.0.0.1:${port}/${at}" } }`,
  ).join("\n")}\n`;

/** Each has a key of its own, in a file beside the configuration. */
function heartbeatsYaml(folder: string): string {
  mkdirSync(join(folder, "keys"));
  for (let at = 0; at < HEARTBEATS; at += 1) writeFileSync(join(folder, "keys", `h${at}`), KEY + at);
  const lines = Array.from(
    { length: HEARTBEATS },
    (_, at) => `  - { name: h${at}, every: 5m, key: "file:keys/h${at}" }`,
  );
  return `heartbeats:\n${lines.join("\n")}\n`;
}

/** Says of one after the other that it lives, evenly, each once a minute. Jobs do not share a connection; 64 are a compromise. */
async function beat(bench: Bench, url: string, seconds: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const count = Math.round((HEARTBEATS / HEARTBEAT_S) * seconds);
  const startedAt = performance.now();
  let wrong = 0;
  const asked: Promise<void>[] = [];
  for (let at = 0; at < count; at += 1) {
    const wait = startedAt + (at * HEARTBEAT_S * 1_000) / HEARTBEATS - performance.now();
    if (wait > 0) await pause(wait);
    const one = at % HEARTBEATS;
    asked.push(
      new Promise((resolve) => {
        const headers = { authorization: `Bearer ${KEY}${one}` };
        const asking = request(`${url}/v1/heartbeat/h${one}`, { agent, method: "POST", headers }, (answer) => {
          if (answer.statusCode !== 200) wrong += 1;
          answer.resume().on("close", resolve);
        });
        asking.on("error", () => {
          wrong += 1;
          resolve();
        });
        asking.end();
      }),
    );
  }
  await Promise.all(asked);
  agent.destroy();
  if (wrong > 0) bench.fail(`healer: ${wrong} of ${count} signs of life were not taken`);
}
