import type { Results } from "./cells/cell.ts";

interface Target {
  readonly what: string;
  readonly key: string;
  readonly unit: string;
  /** What is to be reached; null: told without one. */
  readonly atLeast?: number;
  readonly below?: number;
}

/** What was set out to be reached, and by which key of the results it is judged. */
const TARGETS: readonly Target[] = [
  { what: "floor: bare node:http, same envelope", key: "floor_per_cpu_s", unit: "/CPU-s" },
  { what: "accepted", key: "accepted_per_cpu_s", unit: "/CPU-s" },
  { what: "fully processed, queue drained", key: "drained_per_cpu_s", unit: "/CPU-s", atLeast: 2_500 },
  { what: "the same, by the clock", key: "drained_per_s", unit: "/s" },
  { what: "the same, the first 2,000 after the start", key: "cold_drained_per_cpu_s", unit: "/CPU-s" },
  { what: "floor for events of 50 KB", key: "large_floor_per_cpu_s", unit: "/CPU-s" },
  { what: "events of 50 KB, drained", key: "large_drained_per_cpu_s", unit: "/CPU-s" },
  { what: "10,000 faults, each new", key: "many_new_per_cpu_s", unit: "/CPU-s" },
  { what: "10,000 faults, each known", key: "many_known_per_cpu_s", unit: "/CPU-s" },
  { what: "first page of 10,000 faults, p99", key: "many_page_p99_ms", unit: "ms" },
  { what: "memory at most, 10,000 faults", key: "many_rss_mb", unit: "MB" },
  { what: "answer at 1,000/s, p99", key: "p99_ms", unit: "ms", below: 20 },
  { what: "answer at 1,000/s, p99.9", key: "p999_ms", unit: "ms" },
  { what: "answer at 1,000/s, fsync 10 ms longer, p99", key: "slow_disk_p99_ms", unit: "ms", below: 50 },
  { what: "memory at most, through the storm", key: "rss_mb", unit: "MB", below: 220 },
  { what: "data folder after the storm", key: "storm_folder_mb", unit: "MB", below: 10 },
  { what: "data folder during the storm", key: "storm_folder_busy_mb", unit: "MB" },
  { what: "escalations of the storm", key: "storm_escalations", unit: "", below: 2 },
  { what: "rehearsal of two policies, a million rows", key: "rehearse_s", unit: "s", below: 60 },
  {
    what: "rehearsal of two policies: rows replayed, of a million",
    key: "rehearse_events_per_s",
    unit: "/CPU-s",
    atLeast: 16_667,
  },
  { what: "crash committed → remedy may start, p99", key: "decision_p99_ms", unit: "ms", below: 100 },
  {
    what: "500 decisions/s, loaded SQLite: crash → supervisor told of the permit, p99",
    key: "loaded_decision_p99_ms",
    unit: "ms",
    below: 20,
  },
  { what: "the same, from the answer to the crash, p99", key: "loaded_from_commit_p99_ms", unit: "ms" },
  { what: "the same, the server's CPU for one", key: "loaded_decision_cpu_ms", unit: "ms" },
  { what: "decisions a second at which that p99 stays < 20 ms", key: "loaded_decisions_per_s", unit: "/s" },
  { what: "facts of one decision, loaded SQLite", key: "loaded_facts_ms", unit: "ms", below: 1 },
  { what: "digest pass with 10,000 triggers, loaded SQLite", key: "loaded_digest_ms", unit: "ms", below: 20 },
  {
    what: "500 decisions/s, loaded PostgreSQL: crash → supervisor told of the permit, p99",
    key: "loaded_decision_p99_ms_pg",
    unit: "ms",
    below: 20,
  },
  { what: "the same, from the answer to the crash, p99", key: "loaded_from_commit_p99_ms_pg", unit: "ms" },
  { what: "the same, the server's CPU for one", key: "loaded_decision_cpu_ms_pg", unit: "ms" },
  { what: "decisions a second at which that p99 stays < 20 ms", key: "loaded_decisions_per_s_pg", unit: "/s" },
  { what: "facts of one decision, loaded PostgreSQL", key: "loaded_facts_ms_pg", unit: "ms", below: 1 },
  { what: "digest pass with 10,000 triggers, loaded PostgreSQL", key: "loaded_digest_ms_pg", unit: "ms", below: 20 },
  { what: "a list of 10,000 faults, a million deltas, SQLite, p95", key: "find_list_p95_ms", unit: "ms", below: 100 },
  { what: "a search of them, p95", key: "find_search_p95_ms", unit: "ms", below: 150 },
  { what: "a list of them, PostgreSQL, p95", key: "find_list_p95_ms_pg", unit: "ms", below: 100 },
  { what: "a search of them, p95", key: "find_search_p95_ms_pg", unit: "ms", below: 150 },
  { what: "Inbox of them in Chromium: largest paint, p75", key: "lcp_ms", unit: "ms", below: 600 },
  { what: "one of the faults: the same", key: "lcp_fault_ms", unit: "ms", below: 600 },
  { what: "Inbox, cold, at 1.6 Mbit/s: the same", key: "lcp_slow_ms", unit: "ms", below: 2_000 },
  { what: "answer to an act in the browser, worst", key: "inp_ms", unit: "ms", below: 100 },
  { what: "backup of 1 GB, SQLite", key: "backup_s", unit: "s" },
  { what: "memory of it", key: "backup_peak_mb", unit: "MB" },
  { what: "answer at 100/s meanwhile, p99", key: "backup_p99_ms", unit: "ms", below: 100 },
  { what: "answer at 100/s before, p99", key: "backup_calm_p99_ms", unit: "ms" },
  { what: "pg_dump of 1 GB", key: "backup_s_pg", unit: "s" },
  { what: "answer at 100/s meanwhile, p99", key: "backup_p99_ms_pg", unit: "ms", below: 100 },
  { what: "operator API under hostile envelopes, p99", key: "operator_p99_ms_under_hostile", unit: "ms", below: 50 },
  { what: "the same before the flood", key: "operator_p99_ms_calm", unit: "ms" },
  { what: "crash → next start meanwhile, worst", key: "heal_under_flood_ms", unit: "ms", below: 1_000 },
  { what: "kill switch meanwhile", key: "kill_ms_under_hostile", unit: "ms" },
  { what: "cold start, fresh folder, median", key: "cold_start_ms", unit: "ms", below: 300 },
  { what: "cold start, fresh folder, worst", key: "cold_start_max_ms", unit: "ms", below: 300 },
  { what: "cold start, the storm's folder, worst", key: "storm_start_max_ms", unit: "ms", below: 300 },
  { what: "1,000 probes each 10 s: share of a core", key: "probes_cpu_share", unit: "", below: 0.1 },
  { what: "10,000 heartbeats each minute: share of a core", key: "heartbeats_cpu_share", unit: "", below: 0.1 },
  {
    what: "1,000 events/s beside 10,000 triggers: sent and answered",
    key: "triggers_events_per_s",
    unit: "/s",
    atLeast: 990,
  },
  { what: "the same: all counted after the last answer", key: "triggers_behind_ms", unit: "ms", below: 2_000 },
  { what: "the same: share of a core", key: "triggers_cpu_share", unit: "" },
  { what: "crash → question at a webhook, worst of 20", key: "crash_to_message_ms", unit: "ms", below: 2_000 },
  { what: "seeds of the simulation, two threads", key: "sim_seeds_per_minute", unit: "/min", atLeast: 1_000 },
  { what: "a plugin starts, tiny, deno alone, p95", key: "plugin_cold_tiny_p95_ms", unit: "ms", below: 30 },
  { what: "the same, 805 KB, compiled before", key: "plugin_cold_805kb_p95_ms", unit: "ms", below: 40 },
  { what: "the same, tiny, with the second layer", key: "plugin_cold_tiny_layer_p95_ms", unit: "ms", below: 120 },
  { what: "the same, 805 KB, with the second layer", key: "plugin_cold_805kb_layer_p95_ms", unit: "ms", below: 120 },
  { what: "a start in processor time, tiny, deno alone", key: "plugin_cold_tiny_cpu_ms", unit: "ms" },
  { what: "a plugin's call that reads, p50", key: "plugin_broker_read_p50_ms", unit: "ms", below: 0.4 },
  { what: "a plugin's call that acts, with its commits, p50", key: "plugin_broker_effect_p50_ms", unit: "ms" },
  { what: "processes that a thousand invocations left", key: "plugin_left_processes", unit: "", below: 1 },
  { what: "files that they left", key: "plugin_left_files", unit: "", below: 1 },
  { what: "handles that they left", key: "plugin_left_handles", unit: "", below: 1 },
  { what: "from a failure to its issue, a double of GitHub, p50", key: "forge_filed_fakehub_p50_ms", unit: "ms" },
  { what: "the same, p95", key: "forge_filed_fakehub_p95_ms", unit: "ms", below: 5_000 },
  { what: "100,000 equal failures and their issue", key: "forge_flood_fakehub_seconds", unit: "s" },
  { what: "issues of them", key: "forge_flood_fakehub_issues", unit: "", below: 2 },
  { what: "comments of them within the hour", key: "forge_flood_fakehub_comments", unit: "", below: 2 },
  { what: "from a failure to its issue, a real Gitea, p50", key: "forge_filed_gitea_p50_ms", unit: "ms" },
  { what: "the same, p95", key: "forge_filed_gitea_p95_ms", unit: "ms", below: 5_000 },
  { what: "100,000 equal failures and their issue", key: "forge_flood_gitea_seconds", unit: "s" },
  { what: "issues of them", key: "forge_flood_gitea_issues", unit: "", below: 2 },
  { what: "comments of them within the hour", key: "forge_flood_gitea_comments", unit: "", below: 2 },
  { what: "lost of 10,000 where a host takes 500 an hour", key: "forge_backlog_lost", unit: "", below: 1 },
  { what: "doubled of them", key: "forge_backlog_doubled", unit: "", below: 1 },
  { what: "until they are filed", key: "forge_backlog_hours", unit: "h" },
  { what: "answer to a webhook, p95", key: "forge_webhook_answer_p95_ms", unit: "ms", below: 1_000 },
  { what: "the same, PostgreSQL", key: "forge_webhook_answer_p95_ms_pg", unit: "ms", below: 1_000 },
  { what: "where its host is silent, worst", key: "forge_webhook_answer_silent_host_ms", unit: "ms", below: 1_000 },
];

/** One line for each number that was measured, with what was to be reached. */
export function table(results: Results): string {
  const rows = TARGETS.filter(({ key }) => results[key] !== undefined).map((target) => {
    const value = results[target.key] ?? null;
    const shown = value === null ? "not measured" : `${value.toLocaleString("en")} ${target.unit}`.trimEnd();
    return [target.what, shown, wanted(target), value === null ? "" : verdict(target, value)] as const;
  });
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((text, at) => (at === 1 || at === 2 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function wanted({ atLeast, below }: Target): string {
  if (atLeast !== undefined) return `≥ ${atLeast.toLocaleString("en")}`;
  return below === undefined ? "" : `< ${below.toLocaleString("en")}`;
}

function verdict({ atLeast, below }: Target, value: number): string {
  if (atLeast === undefined && below === undefined) return "";
  return (atLeast === undefined || value >= atLeast) && (below === undefined || value < below) ? "reached" : "missed";
}
