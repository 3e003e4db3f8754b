import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "@prunella/kernel";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { hasPostgres, startCluster } from "../../test/postgres-cluster.ts";
import { faultId, releaseOf, seedFaults } from "../find/seed.ts";
import { temporaryFolder } from "../folder.ts";
import { field } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess } from "../server-process.ts";
import { round, type Bench, type Cell, type Results } from "./cell.ts";

/** What a person looks at without searching. */
const LISTS = [
  "",
  "status=all",
  "status=resolved",
  "project=default",
  "sort=first_seen",
  "sort=count",
  "sort=trend&status=all",
  "sort=users",
];
/** And what they search for: what all have, what few have, what one has, and what none has. */
const SEARCHES = [
  "upstream",
  "failed",
  "card",
  "chargeCard",
  "char",
  '"upstream 13 did not"',
  "timeouterror basket -gold",
  `release:${releaseOf(7)}`,
  `release:${releaseOf(7)} level:error,fatal failed`,
  "tag.plan:gold since:24h",
  "has:user -environment:staging",
  "user:u-1234",
  "module-77/parseorder.ts",
  faultId(4_321).slice(-8),
  "artichoke",
  "is:regressed server:web-3",
];

/** Lists and searches of the operator API where there is much to look through, on both engines. */
export const find: Cell = {
  name: "find",
  what: "lists and searches of 10,000 faults with a million deltas",
  async run(bench) {
    const onSqlite = await measure(bench, null);
    if (hasPostgres()) {
      const cluster = await startCluster();
      try {
        const named = Object.entries(await measure(bench, cluster.url)).map(([name, value]) => [`${name}_pg`, value]);
        return { ...onSqlite, ...Object.fromEntries(named) };
      } finally {
        cluster.stop();
      }
    }
    bench.say("SKIPPED find on PostgreSQL: it is not on this machine");
    return { ...onSqlite, find_list_p95_ms_pg: null, find_search_p95_ms_pg: null };
  },
};

async function measure(bench: Bench, storeUrl: string | null): Promise<Results> {
  using data = temporaryFolder("bench-find");
  const config = join(data.path, "prunella.yaml");
  writeFileSync(config, storeUrl === null ? "{}\n" : `store:\n  url: ${storeUrl}\n`);
  const folder = join(data.path, "data");
  // The tables, the ledger's first entry and the project are a server's own.
  await (await startServerProcess({ data: folder, config })).stop();
  const engine: Engine = storeUrl === null ? openSqlite(join(folder, "prunella.db")) : await openPostgres(storeUrl);
  await seedFaults(engine, { faults: 10_000, deltas: bench.isQuick ? 100_000 : 1_000_000 }, Date.now());
  await engine.close();

  const server = await startServerProcess({ data: folder, config });
  const ask = async (query: string): Promise<{ ms: number; total: number }> => {
    const askedAt = performance.now();
    const response = await fetch(new URL(`/v1/faults?limit=50&${query}`, server.url), {
      headers: { authorization: `Bearer ${server.token}` },
    });
    const body: unknown = await response.json();
    const ms = performance.now() - askedAt;
    if (!response.ok)
      throw new Error(`${query} was answered ${response.status}: ${JSON.stringify(body).slice(0, 200)}`);
    return { ms, total: Number(field(body, "total")) };
  };
  const rounds = bench.isQuick ? 5 : 20;
  const time = async (queries: readonly string[]): Promise<number> => {
    const all: number[] = [];
    for (let at = -1; at < rounds; at += 1)
      for (const query of queries) {
        const { ms } = await ask(query);
        // The first round fills caches, as the first minute of a server does.
        if (at >= 0) all.push(ms);
      }
    for (const query of queries)
      bench.say(`  ${(await ask(query)).ms.toFixed(0).padStart(5)} ms  ${decodeURIComponent(query)}`);
    return percentile(all, 0.95);
  };
  const search = (q: string): string => `status=all&q=${encodeURIComponent(q)}`;
  const lists = await time(LISTS);
  const searches = await time(SEARCHES.map(search));
  for (const [q, total] of [
    ["upstream", 10_000],
    ["artichoke", 0],
    [`release:${releaseOf(7)}`, 250],
    [faultId(4_321).slice(-8), 1],
  ] as const) {
    const found = (await ask(search(q))).total;
    if (found !== total) bench.fail(`find: ${q} fits ${total} faults and ${found} were found`);
  }
  await server.stop();
  return { find_list_p95_ms: round(lists), find_search_p95_ms: round(searches) };
}
