import { parseArgs } from "node:util";
import { runServerLoop } from "../servers/run-server-loop.ts";
import { runCrashLoop } from "./run-crash-loop.ts";

const HELP = `npm run crashloop -- [--cycles N] [--servers 2] [--seed N] [--json]

Kills a server in a write loop with SIGKILL, N times (default 20), and checks that nothing that was
acknowledged is lost or doubled, that no effect lacks an earlier intent, that the ledger verifies
and that no planted secret is anywhere in the data folder. Ends with 1 when something is broken;
--seed repeats the moments of the kills.

With --servers 2 two servers share a PostgreSQL, which this machine must have: programs crash, people
decide and the kill switch is turned on either of them, one is killed about once a cycle, and what may
happen once is asked of both at the same time.

Example: npm run crashloop -- --cycles 200 --seed 7`;

const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "20" },
    seed: { type: "string" },
    servers: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const [cycles, seed] = [
  Number(values.cycles),
  values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed),
];
if (values.help) process.stdout.write(`${HELP}\n`);
else if (!Number.isSafeInteger(cycles) || cycles < 1 || !Number.isSafeInteger(seed) || !/^[12]$/.test(values.servers)) {
  process.stderr.write(`--cycles and --seed are whole numbers, --servers is 1 or 2.\n\n${HELP}\n`);
  process.exitCode = 1;
} else {
  const run = values.servers === "2" ? runServerLoop : runCrashLoop;
  const report = await run({ cycles, seed, say: (line) => void process.stderr.write(`${line}\n`) });
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
