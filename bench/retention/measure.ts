import { createRetention, createWriter, type Engine } from "@prunella/kernel";
import { RetentionConfig } from "@prunella/contract";
import { sql } from "kysely";
import { bytesOf } from "../../packages/kernel/src/retention/project-cap.ts";
import { percentile } from "../percentile.ts";
import { createModel, DAY_S } from "./model.ts";
import { addProject, seedYear } from "./seed.ts";

export interface Measured {
  /** The database, when the year has been tidied. */
  readonly mb: number;
  /** Of it, what a project's cap counts. */
  readonly countedMb: number;
  readonly stepMaxMs: number;
  readonly stepP99Ms: number;
  readonly stepP50Ms: number;
  readonly stepCpuP99Ms: number;
  /** Processor time of the dearest step in this thread: what it would take on an idle machine with a fast disk. */
  readonly stepCpuMaxMs: number;
  readonly steps: number;
  readonly deltas: number;
  /** Empty when every event is still counted. */
  readonly wrong: string;
}

/** Most of a storm's ids wait here until they are forgotten. */
const SEEN = 120_000;
/** Steps of making room that are timed; the whole way down would take the year apart. */
const CAP_STEPS = 2_000;

/** Fills an empty database with what a year leaves, does one day's tidying and then makes room, and times each step. */
export async function measureRetention(
  engine: Engine,
  given: { days: number; eventsPerDay: number; say: (line: string) => void },
): Promise<Measured> {
  const begin = Math.floor(Date.UTC(2026, 0, 1) / 1_000);
  const model = createModel({ ...given, faultsPerDay: 20, begin });
  await addProject(engine);
  if (engine.kind === "sqlite") await sql`pragma synchronous = off`.execute(engine.writer);
  await seedYear(engine, model, { begin, days: given.days, bodyBytes: 4_096, seen: SEEN });
  if (engine.kind === "sqlite") {
    await sql`pragma synchronous = full`.execute(engine.writer);
    // What the filling left in the log is no step's work.
    await engine.scrubFiles();
  } else await sql`analyze`.execute(engine.writer);
  const before = await totals(engine);
  given.say(
    `  seeded: ${before.faults} faults, ${before.deltas} deltas, ${before.bodies} bodies, ${Math.round(await megabytes(engine))} MB`,
  );

  const now = (begin + given.days * DAY_S + 3_600) * 1_000;
  const writer = createWriter(engine);
  const times: number[] = [];
  const cpus: number[] = [];
  async function steps(config: RetentionConfig, most: number): Promise<void> {
    for (const { name, step } of createRetention(config)) {
      let [done, slowest] = [0, 0];
      for (let isMore = true; isMore && done < most; done += 1) {
        const startedAt = performance.now();
        const startedCpu = process.threadCpuUsage();
        isMore = await writer.run((tx) => step(tx, now));
        const ms = performance.now() - startedAt;
        const { user, system } = process.threadCpuUsage(startedCpu);
        times.push(ms);
        cpus.push((user + system) / 1_000);
        slowest = Math.max(slowest, ms);
      }
      const cpu = Math.max(...cpus.slice(-done));
      given.say(
        `  ${name}: ${done} steps, slowest ${slowest.toFixed(1)} ms, dearest ${cpu.toFixed(1)} ms of processor`,
      );
    }
  }
  const config = RetentionConfig.parse({});
  await steps(config, 100_000);
  const after = await totals(engine);
  const [mb, counted] = [await megabytes(engine), await bytesOf(engine.reader, "default")];
  const lost = await engine.reader
    .selectFrom("tally_hour")
    .select(({ fn }) => fn.sum<number>("count").as("count"))
    .where("reason", "=", "retention.age.fault")
    .executeTakeFirst();
  const gone = Number(lost?.count ?? 0);
  const wrong =
    before.events === after.events + gone
      ? ""
      : `retention: ${before.events} events became ${after.events}, and ${gone} were counted as lost`;
  given.say("  making room for a cap of 70 %:");
  await steps({ ...config, project_bytes: Math.round(counted * 0.7) }, CAP_STEPS);
  await writer.close();
  return {
    mb,
    countedMb: counted / 1e6,
    stepMaxMs: Math.max(...times),
    stepP99Ms: percentile(times, 0.99),
    stepP50Ms: percentile(times, 0.5),
    stepCpuP99Ms: percentile(cpus, 0.99),
    stepCpuMaxMs: Math.max(...cpus),
    steps: times.length,
    deltas: after.deltas,
    wrong,
  };
}

async function totals(engine: Engine): Promise<{ faults: number; deltas: number; events: number; bodies: number }> {
  const { rows } = await sql<Record<"faults" | "deltas" | "events" | "bodies", number>>`select
    (select count(*) from fault) as faults, (select count(*) from delta) as deltas,
    (select sum(count) from delta) as events, (select count(*) from event_sample) as bodies`.execute(engine.reader);
  const [row] = rows;
  if (!row) throw new Error("the database said nothing");
  return {
    faults: Number(row.faults),
    deltas: Number(row.deltas),
    events: Number(row.events),
    bodies: Number(row.bodies),
  };
}

/** What the database takes on the disk, in 10^6 bytes. */
async function megabytes(engine: Engine): Promise<number> {
  const { rows } = await (
    engine.kind === "sqlite"
      ? sql<{ bytes: number }>`select page_count * page_size as bytes from pragma_page_count, pragma_page_size`
      : sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`
  ).execute(engine.reader);
  return Number(rows[0]?.bytes ?? 0) / 1e6;
}
