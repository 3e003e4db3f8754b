import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MIXED, expectAllAccepted, round, type Bench, type Results } from "../cells/cell.ts";
import { temporaryFolder } from "../folder.ts";
import { loadOpen } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { cpuSeconds } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";

const TRIGGERS = 10_000;
const PER_SECOND = 1_000;
const SECONDS = 20;

/** Half of them can be found by their target; the others are looked at for every event that comes in. */
const triggersYaml = (): string =>
  `triggers:\n${Array.from({ length: TRIGGERS }, (_, at) => `  - { name: t-${at}, when: ${whenOf(at)} }`).join("\n")}\n`;

function whenOf(at: number): string {
  if (at % 2 === 0) return `{ target: "program:p-${at}", level: error }`;
  if (at % 4 === 1) return `{ class: Made${at}Error, environment: production }`;
  return `{ class: TypeError, release: "shop-api@${at}", count: { at_least: 20, within: 10m } }`;
}

/** A thousand events a second beside ten thousand triggers: how far behind the counts are when the load ends. */
export async function eventsBesideTriggers(bench: Bench): Promise<Results> {
  using folder = temporaryFolder("bench-triggers");
  const config = join(folder.path, "prunella.yaml");
  writeFileSync(config, triggersYaml());
  const server = await startServerProcess({ data: join(folder.path, "data"), config });
  const operator = createOperator(server);
  const seconds = bench.isQuick ? 5 : SECONDS;
  const url = server.envelopeUrl;
  // What is compiled once is.
  const warm = await loadOpen({ url, makers: MIXED, perSecond: 200, seconds: 3 });
  await operator.drained(warm.accepted, 30_000);
  const before = cpuSeconds(server.pid);
  const load = await loadOpen({ url, makers: MIXED, perSecond: PER_SECOND, seconds });
  const endedAt = performance.now();
  expectAllAccepted(bench, load);
  const expected = warm.accepted + load.accepted;
  const counted = await operator.drained(expected, 60_000);
  const behindMs = performance.now() - endedAt;
  const after = cpuSeconds(server.pid);
  if (counted !== expected) bench.fail(`triggers: ${expected} events were accepted and ${counted} counted`);
  await server.stop();
  return {
    triggers_events_per_s: round(load.accepted / load.seconds, 0),
    triggers_behind_ms: round(behindMs, 0),
    triggers_cpu_share: before === null || after === null ? null : round((after - before) / load.seconds, 2),
  };
}
