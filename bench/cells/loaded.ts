import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "@prunella/kernel";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { hasPostgres, startCluster } from "../../test/postgres-cluster.ts";
import { temporaryFolder } from "../folder.ts";
import { createSupervisors, type Supervisors } from "../loaded/client.ts";
import { decideOpen } from "../loaded/decisions.ts";
import { digestMs, factsMs } from "../loaded/inside.ts";
import { seed } from "../loaded/seed.ts";
import { percentile } from "../percentile.ts";
import { cpuSeconds } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

const PER_SECOND = 500;
/** Programs, each with a trigger of its own, and each decided upon once in the whole load. */
const PROGRAMS = 10_000;
/** Before the clock starts, slower, so that what is compiled once is. */
const WARM_UP = { programs: 1_000, perSecond: 150 };
/** Tried in turn before the whole load, until one breaks the bar; seconds each. */
const LOWER_RATES = [25, 50, 100, 150, 200, 250, 300, 400];
const LOWER_SECONDS = 4;
const BAR_MS = 20;
const POLICY = { budget: { max: 1_000, window_ms: 600_000 }, backoff: { base_ms: 0, max_ms: 0 } };

/** Decisions where there is a history and many triggers, on both engines. */
export const loaded: Cell = {
  name: "loaded",
  what: `${PER_SECOND} decisions a second on a million deltas and ten thousand triggers`,
  async run(bench) {
    const onSqlite = await measure(bench, null);
    if (hasPostgres()) {
      const cluster = await startCluster();
      try {
        return { ...onSqlite, ...named(await measure(bench, cluster.url), "_pg") };
      } finally {
        cluster.stop();
      }
    }
    bench.say("SKIPPED loaded on PostgreSQL: it is not on this machine");
    return {
      ...onSqlite,
      loaded_decision_p99_ms_pg: null,
      loaded_decisions_per_s_pg: null,
      loaded_facts_ms_pg: null,
      loaded_digest_ms_pg: null,
    };
  },
};

async function measure(bench: Bench, storeUrl: string | null): Promise<Results> {
  using data = temporaryFolder("bench-loaded");
  const config = join(data.path, "prunella.yaml");
  writeFileSync(config, storeUrl === null ? "{}\n" : `store:\n  url: ${storeUrl}\n`);
  const folder = join(data.path, "data");
  const start = () => startServerProcess({ data: folder, config });
  const open = (): Engine | Promise<Engine> =>
    storeUrl === null ? openSqlite(join(folder, "prunella.db")) : openPostgres(storeUrl);

  // The tables, the ledger's first entry and the project are a server's own.
  await (await start()).stop();
  const engine = await open();
  // Triggers that ask for more than a program's own does: the facts of their decisions are measured alone.
  const sizes = { deltas: 1_000_000, triggers: 3_000, attempts: 100_000 };
  await seed(engine, bench.isQuick ? { ...sizes, deltas: 100_000 } : sizes, Date.now());
  const loaded_facts_ms = round(await factsMs(engine), 3);
  const loaded_digest_ms = round(await digestMs(engine), 2);
  await engine.close();

  const server = await start();
  const supervisors = createSupervisors(server);
  const runs = await announce(supervisors, bench.isQuick ? PROGRAMS / 4 : PROGRAMS);
  await decideOpen(supervisors, runs.slice(0, WARM_UP.programs), WARM_UP.perSecond);
  const lower = await highestKept(supervisors, runs);
  const before = cpuSeconds(server.pid);
  const { fromCrash, fromCommit, failures } = await decideOpen(supervisors, runs, PER_SECOND);
  const after = cpuSeconds(server.pid);
  const p99 = percentile(fromCrash, 0.99);
  const kept = p99 < BAR_MS ? PER_SECOND : lower;
  supervisors.close();
  await server.stop();
  if (failures.length > 0) bench.fail(`loaded: ${failures.length} decisions came to nothing: ${failures[0]}`);
  return {
    loaded_decision_p99_ms: round(p99, 2),
    loaded_decisions_per_s: kept,
    loaded_decision_p50_ms: round(percentile(fromCrash, 0.5), 2),
    loaded_from_commit_p99_ms: round(percentile(fromCommit, 0.99), 2),
    loaded_decision_cpu_ms:
      before === null || after === null ? null : round(((after - before) * 1000) / runs.length, 3),
    loaded_facts_ms,
    loaded_digest_ms,
  };
}

async function announce(supervisors: Supervisors, programs: number): Promise<string[]> {
  const names = Array.from({ length: programs }, (_, at) => `load-${at}`);
  const runs: string[] = [];
  for (let from = 0; from < programs; from += 32)
    runs.push(...(await Promise.all(names.slice(from, from + 32).map((name) => supervisors.announce(name, POLICY)))));
  return runs;
}

/** The last of the lower rates whose p99 keeps the bar; null when the first does not. */
async function highestKept(supervisors: Supervisors, runs: readonly string[]): Promise<number | null> {
  let kept: number | null = null;
  for (const perSecond of LOWER_RATES) {
    const some = runs.slice(0, perSecond * LOWER_SECONDS);
    const { fromCrash, failures } = await decideOpen(supervisors, some, perSecond);
    if (failures.length > 0 || percentile(fromCrash, 0.99) >= BAR_MS) return kept;
    kept = perSecond;
  }
  return kept;
}

const named = (results: Results, suffix: string): Results =>
  Object.fromEntries(Object.entries(results).map(([name, value]) => [`${name}${suffix}`, value]));
