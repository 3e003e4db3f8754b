import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createWriter, type Engine } from "@prunella/kernel";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { hasPostgres, startCluster } from "../../test/postgres-cluster.ts";
import { faultId, seedFaults } from "../find/seed.ts";
import { temporaryFolder } from "../folder.ts";
import { loadOpen } from "../loader.ts";
import { createOperator } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { peakRssMb } from "../process-stats.ts";
import { startServerProcess } from "../server-process.ts";
import { expectAllAccepted, MIXED, round, type Bench, type Cell, type Results } from "./cell.ts";

const GIGABYTE = 1_000_000_000;
/** Of one kept body, with its row. */
const BODY_BYTES = 20_000;
const FAULTS = 2_000;
/** In one unit. */
const ROWS = 200;
const PER_SECOND = 100;
const SLICE_SECONDS = 5;
/** Nobody waits longer for a backup; on a machine that does eight other things a gigabyte takes ten minutes. */
const MOST_SECONDS = 1_500;
const CLI = join(import.meta.dirname, "../../packages/cli/bin/prunella.js");

/** What a backup of a full gigabyte costs whoever sends events meanwhile, and whether one of them was refused. */
export const backup: Cell = {
  name: "backup",
  what: "a backup of 1 GB while 100 events come in each second",
  async run(bench) {
    const onSqlite = await measure(bench, null);
    if (!hasPostgres()) {
      bench.say("SKIPPED backup on PostgreSQL: it is not on this machine");
      return onSqlite;
    }
    const cluster = await startCluster();
    try {
      const named = Object.entries(await measure(bench, cluster.url)).map(([name, value]) => [`${name}_pg`, value]);
      return { ...onSqlite, ...Object.fromEntries(named) };
    } finally {
      cluster.stop();
    }
  },
};

async function measure(bench: Bench, storeUrl: string | null): Promise<Results> {
  using data = temporaryFolder("bench-backup");
  const config = join(data.path, "prunella.yaml");
  writeFileSync(config, storeUrl === null ? "{}\n" : `store:\n  url: ${storeUrl}\n`);
  const folder = join(data.path, "data");
  // The tables, the ledger's first entry and the project are a server's own.
  await (await startServerProcess({ data: folder, config })).stop();
  const engine: Engine = storeUrl === null ? openSqlite(join(folder, "prunella.db")) : await openPostgres(storeUrl);
  await seedFaults(engine, { faults: FAULTS, deltas: 10_000 }, Date.now());
  await seedBodies(engine, bench.isQuick ? GIGABYTE / 10 : GIGABYTE);
  await engine.close();

  const server = await startServerProcess({ data: folder, config });
  const operator = createOperator(server);
  const before = (await operator.counts()).events;
  const load = (seconds: number) =>
    loadOpen({ url: server.envelopeUrl, makers: MIXED, perSecond: PER_SECOND, seconds });
  const calm = await load(SLICE_SECONDS);
  expectAllAccepted(bench, calm);

  const file = join(data.path, "backup");
  const startedAt = performance.now();
  const copying =
    storeUrl === null
      ? follow(process.execPath, [CLI, "backup", file, "--data", folder])
      : follow("pg_dump", ["--format=custom", "--compress=0", `--file=${file}`, storeUrl]);
  const latencies: number[] = [];
  let accepted = calm.accepted;
  while (copying.report === null) {
    const { latencies: some, ...loaded } = await load(SLICE_SECONDS);
    expectAllAccepted(bench, loaded);
    accepted += loaded.accepted;
    latencies.push(...some);
    if (performance.now() - startedAt > MOST_SECONDS * 1000) {
      bench.say(`  the backup is not done after ${MOST_SECONDS} s and is ended`);
      copying.end();
      bench.fail(`backup: it did not end within ${MOST_SECONDS} s`);
      break;
    }
  }
  const counted = await operator.drained(before + accepted, 60_000);
  if (counted !== before + accepted)
    bench.fail(`backup: ${before + accepted} events were accepted and ${counted} were counted`);
  const { report } = copying;
  if (report !== null && report.code !== 0) bench.fail(`backup: it ended with ${report.code}: ${report.said}`);
  const serverMb = peakRssMb(server.pid);
  await server.stop();
  return {
    backup_mb: report?.code === 0 ? round(statSync(file).size / 1e6, 0) : null,
    backup_s: report === null ? null : round(report.seconds),
    backup_peak_mb: report === null ? null : round(report.peakMb, 0),
    backup_server_rss_mb: round(serverMb, 0),
    backup_events: latencies.length,
    backup_calm_p99_ms: round(percentile(calm.latencies, 0.99)),
    backup_p99_ms: round(percentile(latencies, 0.99)),
    backup_worst_ms: round(percentile(latencies, 1)),
  };
}

interface Ended {
  readonly code: number | null;
  readonly said: string;
  readonly seconds: number;
  readonly peakMb: number;
}

/** Runs a program beside everything else, and reads how much memory it held. */
function follow(program: string, args: readonly string[]): { readonly report: Ended | null; end(): void } {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const state: { report: Ended | null; said: string; peakMb: number } = { report: null, said: "", peakMb: 0 };
  child.stderr.setEncoding("utf8").on("data", (text: string) => (state.said = (state.said + text).slice(-500)));
  const look = () => (state.peakMb = Math.max(state.peakMb, peakRssMb(child.pid ?? 0) ?? 0));
  const looking = setInterval(look, 50);
  child.once("exit", (code) => {
    clearInterval(looking);
    const { said, peakMb } = state;
    state.report = { code, said, peakMb, seconds: (performance.now() - startedAt) / 1000 };
  });
  return {
    get report() {
      return state.report;
    },
    end: () => void child.kill("SIGKILL"),
  };
}

/** Bodies beside those that events leave, which nothing looks at and no compression makes small. */
async function seedBodies(engine: Engine, bytes: number): Promise<void> {
  const writer = createWriter(engine);
  const rows = Math.ceil(bytes / BODY_BYTES);
  for (let from = 0; from < rows; from += ROWS)
    await writer.run(async ({ db }) => {
      await db
        .insertInto("event_sample")
        .values(
          Array.from({ length: Math.min(ROWS, rows - from) }, (_, at) => ({
            project_id: "default",
            fault_id: faultId((from + at) % FAULTS),
            slot: `bench-${from + at}`,
            event_id: (from + at).toString(16).padStart(32, "0"),
            received_at: Date.now(),
            bytes: BODY_BYTES,
            body: JSON.stringify({ text: randomBytes((BODY_BYTES * 3) / 4).toString("base64") }),
            redactions: "{}",
          })),
        )
        .execute();
    });
  await writer.close();
}
