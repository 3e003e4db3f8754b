/**
 * `npm run mutation -- [--folder gate|triggers|escalations] [--files stage.ts,checks.ts] [--tests PATTERNS]`: changes
 * one thing after the other in a copy of the kernel, and says which change no test near it notices. Some seconds each;
 * what has not changed since the last run is not tried again. The last line is one JSON object.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { field } from "../../bench/operator.ts";

const FOLDERS = ["gate", "triggers", "escalations"];
/** Of what was tried at all; the thresholds of `stryker.config.json` say the same in words. */
const LEAST_SCORE = 85;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "gate" },
    files: { type: "string", default: "*.ts" },
    tests: { type: "string" },
  },
});
const { folder, files, tests } = values;
if (!FOLDERS.includes(folder)) {
  process.stderr.write(`--folder takes one of ${FOLDERS.join(", ")}.\n`);
  process.exit(2);
}

const mutate = files
  .split(",")
  .map((file) => `packages/kernel/src/${folder}/${file}`)
  .join(",");
const left = `!packages/kernel/src/${folder}/*.test.ts,!packages/kernel/src/${folder}/*-fixture.ts`;
const ran = spawnSync(
  process.execPath,
  ["node_modules/@stryker-mutator/core/bin/stryker.js", "run", "--mutate", `${mutate},${left}`],
  {
    stdio: "inherit",
    env: {
      ...process.env,
      PRUNELLA_MUTATION: folder,
      ...(tests === undefined ? {} : { PRUNELLA_MUTATION_TESTS: tests }),
    },
  },
);
if (ran.status !== 0) process.exit(ran.status ?? 1);

const report: unknown = JSON.parse(readFileSync("reports/mutation/mutation.json", "utf8"));
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const statuses = Object.values(Object(field(report, "files")))
  .flatMap((file) => listOf(field(file, "mutants")))
  .map((mutant) => String(field(mutant, "status")));
const count = (...names: readonly string[]): number => statuses.filter((status) => names.includes(status)).length;
const [noticed, unnoticed] = [count("Killed", "Timeout"), count("Survived", "NoCoverage")];
const score = Math.round((noticed * 1_000) / Math.max(1, noticed + unnoticed)) / 10;
process.stdout.write(
  `${JSON.stringify({ folder, files, mutants: statuses.length, killed: count("Killed"), timed_out: count("Timeout"), survived: count("Survived"), no_coverage: count("NoCoverage"), ignored: count("Ignored"), mutation_score: score })}\n`,
);
if (score < LEAST_SCORE) process.exitCode = 1;
