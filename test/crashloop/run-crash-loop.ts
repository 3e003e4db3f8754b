import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createEnvelopeMaker, PLANTED } from "../../bench/envelope.ts";
import { temporaryFolder } from "../../bench/folder.ts";
import { createOperator } from "../../bench/operator.ts";
import { percentile } from "../../bench/percentile.ts";
import { startServerProcess, type ServerProcess } from "../../bench/server-process.ts";
import { audit } from "./audit.ts";
import { createSeeded } from "./seeded.ts";
import { startSupervisedClient } from "./supervised-client.ts";
import { createWhere } from "./where.ts";
import { startWriters } from "./writers.ts";

export interface CrashLoopReport {
  readonly seed: number;
  readonly cycles: number;
  readonly acknowledged: number;
  readonly resent: number;
  readonly effects: number;
  /** Crashes of the supervised program that got no instruction; told, not judged. */
  readonly stranded: number;
  readonly ledger_size: number;
  /** Spawn → first 200 of /healthz, ms. */
  readonly restart_p50_ms: number;
  readonly restart_max_ms: number;
  /** Broken promises; empty is what must be. */
  readonly violations: readonly string[];
}

const LANES = 8;
const FAULTS = 12;
/** The kill comes this long after the server serves, at most, ms. */
const LONGEST_LIFE_MS = 600;

/**
 * Kills a server that is being written to, again and again, and starts it on the same folder;
 * clients send again what was not acknowledged. Afterwards every acknowledged event stands exactly
 * once, and every effect has an earlier intent.
 */
export async function runCrashLoop(given: {
  cycles: number;
  seed: number;
  say?: (line: string) => void;
}): Promise<CrashLoopReport> {
  using data = temporaryFolder("crashloop");
  const random = createSeeded(given.seed);
  const say = given.say ?? (() => undefined);
  const where = createWhere<ServerProcess>();
  const makers = Array.from({ length: FAULTS }, (_, fault) => createEnvelopeMaker(fault));
  const violations: string[] = [];
  const restarts: number[] = [];
  const start = () => startServerProcess({ data: data.path });

  async function verify(server: ServerProcess, cycle: number): Promise<number> {
    const { ok, size, problems } = await createOperator(server).verifyLedger();
    if (!ok) violations.push(`cycle ${cycle}: the ledger does not verify: ${JSON.stringify(problems).slice(0, 500)}`);
    return size;
  }

  let server = await start();
  const writers = startWriters({ where, makers, lanes: LANES, random: createSeeded(given.seed + 1) });
  const supervised = startSupervisedClient({
    where,
    name: "crashloop",
    vkey: async () => readFileSync(join(data.path, "ledger", "vkey"), "utf8"),
  });
  where.moveTo(server);
  for (let cycle = 1; cycle <= given.cycles; cycle += 1) {
    const lifeMs = random() * LONGEST_LIFE_MS;
    await new Promise((resolve) => setTimeout(resolve, lifeMs));
    where.moveTo(null);
    await server.kill();
    server = await start();
    restarts.push(server.servingAfterMs);
    where.moveTo(server);
    const size = await verify(server, cycle);
    say(
      `cycle ${cycle}: killed after ${lifeMs.toFixed(0)} ms, serving again after ${server.servingAfterMs.toFixed(0)} ms, ${writers.acknowledged.size} acknowledged, ${supervised.effects.size} effects, ledger ${size}`,
    );
  }
  await Promise.all([writers.finish(), supervised.finish()]);
  where.end();
  const acknowledged = writers.acknowledged.size + supervised.acknowledged.size;
  await createOperator(server).drained(acknowledged, 10_000);
  const ledgerSize = await verify(server, given.cycles);
  const code = await server.stop();
  if (code !== 0) violations.push(`a clean stop ended with ${code}`);
  violations.push(...writers.surprises.map((surprise) => `an event was answered ${surprise}`));
  violations.push(...audit({ data: data.path, acknowledged, effects: supervised.effects, planted: PLANTED }));
  return {
    seed: given.seed,
    cycles: given.cycles,
    acknowledged,
    resent: writers.resent,
    effects: supervised.effects.size,
    stranded: supervised.stranded,
    ledger_size: ledgerSize,
    restart_p50_ms: Math.round(percentile(restarts, 0.5)),
    restart_max_ms: Math.round(percentile(restarts, 1)),
    violations,
  };
}
