import { join } from "node:path";
import { AT_ALL_TIMES, type Trigger } from "@prunella/contract";
import { migrate } from "@prunella/kernel";
import { openSqlite } from "@prunella/server/platform";
import { sql } from "kysely";
import { openKernel, testClock } from "../../test/kernel-fixture.ts";
import { temporaryFolder } from "../folder.ts";
import { round, type Cell } from "./cell.ts";

const FAULTS = 1_000;
const SPAN_S = 30 * 86_400;

const trigger = (at: number, max: number): Trigger => ({
  id: `t-${at}`,
  project_id: "default",
  condition: { target: `program:p-${at}`, level: "error" },
  target: null,
  remedies: [{ action: "restart", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 1, window_ms: 600_000 },
  budgets: [
    { scope: "trigger", max, window_ms: 86_400_000 },
    { scope: "target", max: 7, window_ms: 86_400_000 },
  ],
  ceilings: [{ scope: "trigger", max: 1 }],
  backoff: { base_ms: 1_000, max_ms: 60_000 },
  verify_ms: 60_000,
  envelope: {
    enabled: true,
    actions: ["restart"],
    targets: [`program:p-${at}`],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  ...AT_ALL_TIMES,
  version: 1,
});

/** Two policies of a hundred triggers over thirty days: reading included, in CPU time of the whole process. */
export const rehearse: Cell = {
  name: "rehearse",
  what: "a million rows of what came in, two policies of 100 triggers",
  async run(bench) {
    using folder = temporaryFolder("bench-rehearse");
    const rows = bench.isQuick ? 100_000 : 1_000_000;
    const engine = openSqlite(join(folder.path, "prunella.db"));
    await migrate(engine);
    const clock = testClock();
    const kernel = await openKernel(engine, clock);
    const from = Math.floor(clock.now() / 1_000) - SPAN_S;
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${FAULTS})
      insert into fault (project_id, fault_id, status, level, title, culprit, error_class, template, fingerprints, count, first_seen, last_seen, first_release, version)
      select 'default', printf('f-%04d', i), 'open', 'error', 'x', 'x', 'X', 'x', 'x', 1, ${from * 1_000}, ${clock.now()}, '', 1 from n`.execute(
      engine.writer,
    );
    await sql`with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${rows})
      insert into delta (project_id, fault_id, release, environment, level, source, trust, target, origin, count, first_at, last_at, second)
      select 'default', printf('f-%04d', i % ${FAULTS}), '', 'production', 'error', 'webhook', 'authenticated', 'program:p-' || cast(i % ${FAULTS} as integer), '', 1,
        (${from} + i * ${SPAN_S / rows}) * 1000, cast((${from} + i * ${SPAN_S / rows}) * 1000 as integer), cast(${from} + i * ${SPAN_S / rows} as integer) from n`.execute(
      engine.writer,
    );
    const policy = (max: number) => Array.from({ length: 100 }, (_, at) => trigger(at, max));
    const startedAt = performance.now();
    const begun = process.cpuUsage();
    const { id } = kernel.rehearsals.start({
      policy: policy(3),
      against: policy(1),
      since: from * 1_000,
      project: null,
    });
    let found = kernel.rehearsals.read(id, null);
    while (found.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, 100));
      found = kernel.rehearsals.read(id, null);
    }
    const { user, system } = process.cpuUsage(begun);
    const rehearse_s = round((performance.now() - startedAt) / 1_000, 1);
    const seconds = (user + system) / 1_000_000;
    if (found.report?.deltas !== rows)
      bench.fail(`rehearse: ${found.report?.deltas ?? found.error} of ${rows} rows were replayed`);
    if ((found.report?.triggers[0]?.difference.fires ?? 0) < 1)
      bench.fail("rehearse: more budget gives no more attempts");
    await kernel.close();
    await engine.close();
    return { rehearse_s, rehearse_cpu_s: round(seconds, 1), rehearse_events_per_s: Math.round(rows / seconds) };
  },
};
