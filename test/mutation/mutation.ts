/**
 * `npm run mutation -- [--folder gate|triggers|escalations] [--files stage.ts,checks.ts] [--tests PATTERNS] [--survivors]`:
 * changes one thing after the other in the kernel, and says which change no test near it notices. The mutants are
 * Stryker's. The last line is one JSON object.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Result } from "./each-mutant.ts";
import { instrument, type Mutant } from "./instrument.ts";
import { isFolder, testsOf } from "./near.ts";

/** Of what was tried at all. */
const LEAST_SCORE = 85;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "gate" },
    files: { type: "string", default: "*.ts" },
    tests: { type: "string" },
    survivors: { type: "boolean", default: false },
  },
});
const { folder } = values;
if (!isFolder(folder)) {
  process.stderr.write("--folder takes one of gate, triggers, escalations.\n");
  process.exit(2);
}

const source = `packages/kernel/src/${folder}`;
const files = globSync(values.files.split(",").map((file) => `${source}/${file}`))
  .filter((file) => !/\.test\.ts$|-fixture\.ts$/.test(file))
  .toSorted();
const { mutants, code } = await instrument(files.map((file) => resolve(file)));

// Others may be under way of other files.
const place = resolve("reports", "mutation", `${folder} ${process.pid}`);
mkdirSync(place, { recursive: true });
const results = join(place, "results.jsonl");
writeFileSync(results, "");
writeFileSync(join(place, "code.json"), JSON.stringify(code));

// Each file of tests in a process of its own, the quick ones first: what they notice is not tried again.
const tests =
  values.tests === undefined ? testsOf(folder) : values.tests.split(",").flatMap((one) => globSync(one).toSorted());
for (const test of tests) {
  const ran = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.mutation.config.ts", "--reporter=dot", test],
    {
      stdio: "ignore",
      env: { ...process.env, PRUNELLA_MUTATION: place, PRUNELLA_MUTATION_RESULTS: results },
    },
  );
  const noticed = readResults().filter((one) => "id" in one && one.came !== "survived").length;
  process.stdout.write(
    `${test}: ${noticed} of ${mutants.length} noticed${ran.status === 0 ? "" : ", and it failed"}\n`,
  );
}

function readResults(): Result[] {
  return readFileSync(results, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line): Result => JSON.parse(line));
}

const came = new Map<string, string>();
for (const one of readResults())
  if ("id" in one) {
    if (one.came !== "survived" || !came.has(one.id)) came.set(one.id, one.came);
  } else for (const id of one.static) if (!came.has(id)) came.set(id, "static");
const cameOf = ({ id }: Mutant): string => came.get(id) ?? "no_coverage";

/** What is only read while a module is loaded was decided before a mutant could be switched on: it is not counted. */
function score(of: readonly Mutant[]) {
  const count = (...names: readonly string[]): number => of.filter((mutant) => names.includes(cameOf(mutant))).length;
  const [noticed, tried] = [count("killed", "timeout"), of.length - count("static")];
  return {
    noticed,
    tried,
    timed_out: count("timeout"),
    no_coverage: count("no_coverage"),
    static: count("static"),
    score: Math.round((noticed * 1_000) / Math.max(1, tried)) / 10,
  };
}

for (const [file, of] of Map.groupBy(mutants, (mutant) => mutant.file)) {
  const { noticed, tried, score: found } = score(of);
  process.stdout.write(`${basename(file)}: ${noticed} of ${tried}, ${found} %\n`);
  if (!values.survivors) continue;
  for (const mutant of of.filter((one) => ["survived", "no_coverage"].includes(cameOf(one))))
    process.stdout.write(
      `  ${mutant.line} ${cameOf(mutant)}: ${JSON.stringify(mutant.was.slice(0, 100))} becomes ${JSON.stringify(mutant.becomes.slice(0, 100))}\n`,
    );
}
const all = score(mutants);
process.stdout.write(
  `${JSON.stringify({ folder, files: values.files, mutants: mutants.length, ...all, mutation_score: all.score })}\n`,
);
if (all.score < LEAST_SCORE) process.exitCode = 1;
