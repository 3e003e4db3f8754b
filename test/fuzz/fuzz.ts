/**
 * `npm run fuzz -- [--minutes 5] [--target NAME] [--seed N]`: every parser that takes foreign bytes is fed
 * with mutated samples, guided by what of its code they reach. What throws, hangs or lets a planted secret
 * through is a failure: its input is printed with the command that runs it again (`--target NAME --replay BASE64`).
 */
import { parseArgs } from "node:util";
import { runTarget, type Failure } from "./run-target.ts";
import { TARGETS } from "./targets/index.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    target: { type: "string" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    replay: { type: "string" },
  },
});

const names = TARGETS.map(({ name }) => name).filter((name) => values.target === undefined || name === values.target);
if (names.length === 0) {
  process.stderr.write(
    `There is no target ${String(values.target)}; there are ${TARGETS.map(({ name }) => name).join(", ")}.\n`,
  );
  process.exitCode = 2;
}
const ms = (Number(values.minutes) * 60_000) / Math.max(1, names.length);
const failures: (Failure & { readonly target: string })[] = [];
let inputs = 0;
for (const name of names) {
  const run = await runTarget({ name, ms, seed: Number(values.seed), replay: values.replay ?? null });
  inputs += run.inputs;
  process.stdout.write(
    `${name.padEnd(14)} ${run.inputs} inputs, ${Math.round(run.inputs / run.seconds)} a second, ${run.corpus} kept, ${run.blocks} blocks\n`,
  );
  if (run.failure === null) continue;
  failures.push({ target: name, ...run.failure });
  process.stdout.write(`${run.failure.error}\nnpm run fuzz -- --target ${name} --replay ${run.failure.input}\n`);
}
process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), inputs, failures: failures.length })}\n`);
if (failures.length > 0) process.exitCode = 1;
