import { availableParallelism, cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Bench, Cell, Results } from "./cells/cell.ts";
import { backup } from "./cells/backup.ts";
import { coldStart } from "./cells/cold-start.ts";
import { decision } from "./cells/decision.ts";
import { find } from "./cells/find.ts";
import { healer } from "./cells/healer.ts";
import { forge } from "./cells/forge.ts";
import { floor } from "./cells/floor.ts";
import { large } from "./cells/large.ts";
import { latency, slow } from "./cells/latency.ts";
import { loaded } from "./cells/loaded.ts";
import { manyFaults } from "./cells/many-faults.ts";
import { pages } from "./cells/pages.ts";
import { plugins } from "./cells/plugins.ts";
import { rehearse } from "./cells/rehearse.ts";
import { retention } from "./cells/retention.ts";
import { storm } from "./cells/storm.ts";
import { thread } from "./cells/thread.ts";
import { throughput } from "./cells/throughput.ts";
import { twoPlanes } from "./cells/two-planes.ts";
import { temporaryFolder } from "./folder.ts";
import { table } from "./targets.ts";

const HELP = `npm run bench -- [--quick] [--only <cell>]... [--cell <cell>]... [--help]

Measures the server against a bare node:http server in the same run. Progress goes to stderr, a
table and then one line of JSON to stdout. Ends with 1 when a result is wrong (a lost event, a
wrong count), never for a slow one.

  --quick         smaller loads, about a quarter of the time
  --only <cell>   floor, throughput, large, many-faults, latency, storm, cold-start, decision, loaded, find, slow-disk, thread, retention, two-planes, backup, pages, healer, rehearse, plugins or forge; may be given again
  --cell <cell>   the same, with the cells that belong to it: healer is also loaded and rehearse

Example: npm run bench -- --only floor --only throughput`;

/** These come first in the last line of output. */
const PROMISED = [
  "accepted_per_cpu_s",
  "drained_per_cpu_s",
  "floor_per_cpu_s",
  "p99_ms",
  "rss_mb",
  "decision_p99_ms",
  "cold_start_ms",
  "loaded_decision_p99_ms",
  "loaded_facts_ms",
  "loaded_digest_ms",
  "loaded_decision_p99_ms_pg",
  "loaded_facts_ms_pg",
  "loaded_digest_ms_pg",
  "find_list_p95_ms",
  "find_search_p95_ms",
  "find_list_p95_ms_pg",
  "find_search_p95_ms_pg",
  "lcp_ms",
  "lcp_fault_ms",
  "lcp_slow_ms",
  "inp_ms",
  "backup_s",
  "backup_p99_ms",
  "backup_s_pg",
  "backup_p99_ms_pg",
  "retention_mb_per_year",
  "retention_step_max_ms",
  "operator_p99_ms_under_hostile",
  "heal_under_flood_ms",
  "drained_per_s",
  "probes_cpu_share",
  "heartbeats_cpu_share",
  "triggers_events_per_s",
  "triggers_behind_ms",
  "crash_to_message_ms",
  "sim_seeds_per_minute",
  "rehearse_s",
  "rehearse_events_per_s",
  "plugin_cold_tiny_p95_ms",
  "plugin_cold_805kb_p95_ms",
  "plugin_cold_tiny_layer_p95_ms",
  "plugin_cold_805kb_layer_p95_ms",
  "plugin_broker_read_p50_ms",
  "plugin_broker_effect_p50_ms",
  "plugin_left_processes",
  "plugin_left_files",
  "plugin_left_handles",
];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    cell: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(`${HELP}\n`);
else process.exitCode = await run(values.quick, [...values.only, ...values.cell.flatMap(withFamily)]);

/** Figures that are told together. */
function withFamily(cell: string): readonly string[] {
  return cell === "healer" ? ["healer", "loaded", "rehearse"] : [cell];
}

async function run(isQuick: boolean, only: readonly string[]): Promise<number> {
  using stormFolder = temporaryFolder("bench-storm");
  const cells: readonly Cell[] = [
    floor,
    throughput,
    large,
    manyFaults,
    latency,
    storm(stormFolder.path),
    coldStart,
    decision,
    loaded,
    find,
    slow,
    thread,
    retention,
    twoPlanes,
    backup,
    pages,
    healer,
    rehearse,
    plugins,
    forge,
  ];
  const unknown = only.find((name) => !cells.some((cell) => cell.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no cell ${unknown}; there are ${cells.map((cell) => cell.name).join(", ")}.\n`);
    return 1;
  }
  const failures: string[] = [];
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const bench: Bench = { isQuick, say, fail: (what) => void failures.push(what), stormFolder: null };
  say(
    `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}`,
  );

  const results: Results = Object.fromEntries(PROMISED.map((name) => [name, null]));
  for (const cell of cells) {
    if (only.length > 0 && !only.includes(cell.name)) continue;
    say(`${cell.name}: ${cell.what} …`);
    const startedAt = performance.now();
    const found = await cell.run(bench);
    Object.assign(results, found);
    say(
      `  ${Object.entries(found)
        .map(([name, value]) => `${name} ${value ?? "not measured"}`)
        .join(", ")} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
    );
  }
  for (const failure of failures) say(`WRONG: ${failure}`);
  process.stdout.write(`${table(results)}\n${JSON.stringify(results)}\n`);
  return failures.length === 0 ? 0 : 1;
}
