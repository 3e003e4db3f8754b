/**
 * `npm run races -- [--count 1000] [--race NAME] [--seed S]`: whatever two may do at the same time is done by two
 * processes in so many orders, drawn by the seed, and what must hold all the same is held. Some milliseconds each. The last
 * line is one JSON object.
 */
import { parseArgs } from "node:util";
import { RACES } from "./races.ts";
import { runRace } from "./run-races.ts";
import { openStore } from "./store.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000" },
    race: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const names = Object.keys(RACES).filter((name) => values.race === undefined || name.includes(values.race));
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || seed < 0 || names.length === 0) {
  process.stderr.write(
    `--count takes a number from 1 on, --seed one from 0 on, --race a part of one of these:\n${Object.keys(RACES).join("\n")}\n`,
  );
  process.exit(2);
}

const begun = performance.now();
const store = await openStore();
let [interleavings, violations] = [0, 0];
for (const race of names) {
  const ran = await runRace(store, { race, count, seed });
  interleavings += ran.interleavings;
  violations += ran.violations.length;
  process.stdout.write(`${race}: ${ran.interleavings} orders, ${ran.violations.length} violations\n`);
  for (const one of ran.violations.slice(0, 3))
    process.stdout.write(`  ${one.what}\n  npm run races -- --count 50 --race "${race}" --seed ${one.seed}\n`);
}
store.close();
process.stdout.write(
  `${JSON.stringify({ races: names.length, interleavings, violations, seed, seconds: Math.round((performance.now() - begun) / 100) / 10 })}\n`,
);
if (violations > 0) process.exitCode = 1;
