import { parseArgs } from "node:util";
import type { Bench } from "./cells/cell.ts";
import { onPostgres, onSqlite } from "./cells/retention.ts";

const HELP = `npm run retention -- [--days <n>] [--events <n>] [--postgres] [--help]

Fills an empty database with what so many days of so many events leave once they were tidied, does
the next day's tidying, makes room for a smaller cap, and prints size and slowest step as JSON.

  --days <n>     days, at least 35 (365)
  --events <n>   events a day (1000000)
  --postgres     on a PostgreSQL of its own instead of the embedded database`;

const { values } = parseArgs({
  options: {
    days: { type: "string", default: "365" },
    events: { type: "string", default: "1000000" },
    postgres: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(`${HELP}\n`);
else {
  const bench: Bench = {
    isQuick: false,
    stormFolder: null,
    say: (line) => void process.stderr.write(`${line}\n`),
    fail(what) {
      process.stderr.write(`WRONG: ${what}\n`);
      process.exitCode = 1;
    },
  };
  const load = { days: Number(values.days), eventsPerDay: Number(values.events) };
  const results = await (values.postgres ? onPostgres(bench, load) : onSqlite(bench, load));
  process.stdout.write(`${JSON.stringify(results)}\n`);
}
