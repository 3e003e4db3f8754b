import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { verifyLedger } from "@prunella/kernel";
import { openTileFolder } from "@prunella/server/platform";
import { createOperator } from "../../bench/operator.ts";
import { startCluster } from "../postgres-cluster.ts";
import { auditDatabase } from "./audit.ts";
import { runRounds, TARGETS } from "./rounds.ts";
import { startServers } from "./servers.ts";
import { registerWideTriggers } from "./wide-triggers.ts";

export interface ServerLoopReport {
  readonly seed: number;
  readonly rounds: number;
  readonly acknowledged: number;
  readonly effects: number;
  readonly decided: number;
  readonly kills: number;
  readonly cuts: number;
  readonly late: number;
  /** Each costs its server a second; told, not judged. */
  readonly deadlocks: number;
  readonly ledger_size: number;
  /** Broken promises; empty is what must be. */
  readonly violations: readonly string[];
}

/** Rounds for each kill, about. */
const ROUNDS_OF_CYCLE = 20;

/** The random rounds of `npm test` for as long as one likes, on a PostgreSQL of their own. */
export async function runServerLoop(given: {
  cycles: number;
  seed: number;
  say?: (line: string) => void;
}): Promise<ServerLoopReport> {
  await using stack = new AsyncDisposableStack();
  const postgres = await startCluster({ fsync: "off" });
  stack.defer(() => postgres.stop());
  const databaseUrl = postgres.url;
  const servers = stack.use(await startServers({ databaseUrl }));
  await registerWideTriggers(databaseUrl, TARGETS);
  const rounds = given.cycles * ROUNDS_OF_CYCLE;
  const done = await runRounds({ ...given, databaseUrl, servers, rounds, killing: 1 / ROUNDS_OF_CYCLE });
  const violations = [...done.violations];
  const acknowledged = done.acknowledged.size;
  for (const { server } of Object.values(servers.members))
    if (server !== null) await createOperator(server).drained(acknowledged, 30_000);
  violations.push(...(await auditDatabase({ databaseUrl, acknowledged, effects: done.effects })));
  let ledgerSize = 0;
  for (const { name, data, server } of Object.values(servers.members)) {
    const vkey = readFileSync(join(data, "ledger", "vkey"), "utf8").trim();
    const asked = server === null ? null : await createOperator(server).verifyLedger();
    const read = await verifyLedger({ reader: openTileFolder(join(data, "ledger")), vkey });
    ledgerSize = Math.max(ledgerSize, read.size);
    if (asked?.ok !== true) violations.push(`${name} says of its ledger: ${JSON.stringify(asked).slice(0, 500)}`);
    if (!read.ok) violations.push(`the files of ${name}: ${JSON.stringify(read.problems).slice(0, 500)}`);
  }
  const { decided, kills, cuts, late } = done;
  return {
    seed: given.seed,
    rounds,
    acknowledged,
    effects: done.effects.length,
    decided,
    kills,
    cuts,
    late,
    deadlocks: await countDeadlocks(databaseUrl),
    ledger_size: ledgerSize,
    violations,
  };
}

async function countDeadlocks(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ n: string }>(
    "select deadlocks as n from pg_stat_database where datname = current_database()",
  );
  await client.end();
  return Number(rows[0]?.n ?? 0);
}
