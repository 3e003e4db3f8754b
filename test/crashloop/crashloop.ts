import { parseArgs } from "node:util";
import { runCrashLoop } from "./run-crash-loop.ts";

const HELP = `npm run crashloop -- [--cycles N] [--seed N] [--json]

Kills a server in a write loop with SIGKILL, N times (default 20), and checks that nothing that was
acknowledged is lost or doubled, that no effect lacks an earlier intent, that the ledger verifies
and that no planted secret is anywhere in the data folder. Ends with 1 when something is broken;
--seed repeats the moments of the kills.

Example: npm run crashloop -- --cycles 200 --seed 7`;

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "20" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [cycles, seed] = [
  Number(values.cycles),
  values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed),
];
if (values.help) process.stdout.write(`${HELP}\n`);
else if (!Number.isSafeInteger(cycles) || cycles < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write(`--cycles and --seed are whole numbers.\n\n${HELP}\n`);
  process.exitCode = 1;
} else {
  const report = await runCrashLoop({ cycles, seed, say: (line) => void process.stderr.write(`${line}\n`) });
  process.stdout.write(
    values.json
      ? `${JSON.stringify(report)}\n`
      : Object.entries(report)
          .map(([name, value]) =>
            Array.isArray(value)
              ? value.map((line) => `BROKEN: ${String(line)}\n`).join("")
              : `${name.padEnd(16)}${String(value)}\n`,
          )
          .join(""),
  );
  if (!values.json)
    process.stdout.write(
      report.violations.length === 0
        ? "every promise held\n"
        : `${report.violations.length} promises were broken; --seed ${seed} repeats the kills\n`,
    );
  process.exitCode = report.violations.length === 0 ? 0 : 1;
}
