import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { round, type Bench, type Results } from "../cells/cell.ts";
import { field } from "../operator.ts";

const SIM = fileURLToPath(new URL("../../test/simulation/sim.ts", import.meta.url));

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** How many seeds of the simulation a minute holds, on two threads, laws and replays included. */
export async function simulatedSeeds(bench: Bench): Promise<Results> {
  const seeds = bench.isQuick ? 200 : 1_000;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--no-warnings",
    SIM,
    "--seeds",
    String(seeds),
  ]).catch((error: unknown) => ({ stdout: textOf(field(error, "stdout")) }));
  const last: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null");
  if (field(last, "violations") !== 0 || field(last, "seeds") !== seeds) {
    bench.fail(`sim: ${stdout.slice(-500)}`);
    return { sim_seeds_per_minute: null };
  }
  return { sim_seeds_per_minute: round((seeds / Number(field(last, "seconds"))) * 60, 0) };
}
