import type { Engine } from "@prunella/kernel";
import { sql } from "kysely";
import { batch, type ColumnType } from "../../packages/kernel/src/store/dialect.ts";
import { DAY_S, type Model, type ModelFault, type ModelRow } from "./model.ts";

const PROJECT = "default";
/** Rows in one statement. */
const ROWS = 5_000;

/** Writes rows of one table, many in a statement, and a few statements in a transaction. */
export async function createFiller(engine: Engine, table: string, columns: Record<string, ColumnType>) {
  let waiting: (string | number | null)[][] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
    const rows = waiting;
    waiting = [];
    await sql`insert into ${sql.ref(table)} (${names}) select ${names} from ${batch(engine.kind, columns, rows)} as given where true`.execute(
      engine.writer,
    );
  };
  return {
    async add(row: (string | number | null)[]): Promise<void> {
      waiting.push(row);
      if (waiting.length >= ROWS) await flush();
    },
    flush,
  };
}

export const DELTAS = {
  project_id: "text",
  fault_id: "text",
  release: "text",
  environment: "text",
  level: "text",
  source: "text",
  trust: "text",
  target: "text",
  origin: "text",
  count: "int",
  first_at: "int",
  last_at: "int",
  second: "int",
} as const;

export const deltaOf = (fault: ModelFault, row: ModelRow): (string | number)[] => [
  PROJECT,
  fault.id,
  row.release,
  row.environment,
  "error",
  "sentry",
  "public",
  "",
  "",
  row.count,
  row.second * 1_000,
  row.second * 1_000 + 999,
  row.second,
];

const BODIES = {
  project_id: "text",
  fault_id: "text",
  slot: "text",
  event_id: "text",
  received_at: "int",
  bytes: "int",
  body: "text",
  redactions: "text",
} as const;
const FAULTS = {
  project_id: "text",
  fault_id: "text",
  status: "text",
  level: "text",
  title: "text",
  culprit: "text",
  fingerprints: "text",
  count: "int",
  first_seen: "int",
  last_seen: "int",
  resolved_at: "int",
  version: "int",
  tidy_at: "int",
  hours_to: "int",
  days_to: "int",
} as const;
const KEYS = {
  project_id: "text",
  fingerprint: "text",
  fault_id: "text",
  seen: "int",
  parts: "text",
  trace: "text",
} as const;
const SEEN = { project_id: "text", event_id: "hex", fault_id: "hex", seen_at: "int" } as const;

/** What a year leaves when it was tidied until yesterday: by the second 3 days, by the hour 28 more, then by the day. */
export async function seedYear(
  engine: Engine,
  model: Model,
  given: { begin: number; days: number; bodyBytes: number; seen: number },
): Promise<void> {
  const dayOf = (age: number): number => given.begin + (given.days - age) * DAY_S;
  const deltas = await createFiller(engine, "delta", DELTAS);
  const bodies = await createFiller(engine, "event_sample", BODIES);
  const faults = await createFiller(engine, "fault", FAULTS);
  const keys = await createFiller(engine, "fault_key", KEYS);
  const now = given.begin + given.days * DAY_S;
  const body = JSON.stringify({ text: "some words of a stack ".repeat(Math.ceil(given.bodyBytes / 22)) });
  for (const fault of model.faults) {
    const lastAge = given.days - fault.last;
    if (fault.isResolved && lastAge > 181) continue;
    let count = 0;
    for (let day = fault.born; day <= fault.last; day += 1) {
      const age = given.days - day;
      const unit = age > 31 ? DAY_S : age > 3 ? 3_600 : 1;
      for (const row of model.rowsOf(fault, day, unit)) {
        count += row.count;
        await deltas.add(deltaOf(fault, row));
      }
    }
    const firstAt = (given.begin + fault.born * DAY_S) * 1_000;
    const lastAt = (given.begin + (fault.last + 1) * DAY_S) * 1_000 - 1;
    for (const [slot, at] of bodiesOf(given.days - fault.born, lastAge)) {
      const eventId = `${fault.id.replaceAll("-", "").slice(0, 24)}${slot.length}${slot.at(-1) ?? ""}`.padEnd(32, "0");
      await bodies.add([
        PROJECT,
        fault.id,
        slot,
        eventId,
        at === "first" ? firstAt : lastAt,
        Buffer.byteLength(body),
        body,
        "{}",
      ]);
    }
    const status = fault.isResolved ? "resolved" : "open";
    const fingerprint = fault.id.replaceAll("-", "");
    const fingerprints = JSON.stringify({
      strict: fingerprint,
      loose: fingerprint,
      by: "stack",
      version: 1,
      parts: [],
    });
    await faults.add([
      PROJECT,
      fault.id,
      status,
      "error",
      `TypeError: cannot read properties of undefined (${fault.id})`,
      "checkout · src/cart/load.js",
      fingerprints,
      count,
      firstAt,
      lastAt,
      fault.isResolved ? lastAt + 1 : null,
      1,
      (now - DAY_S / 2) * 1_000,
      dayOf(3),
      dayOf(31),
    ]);
    await keys.add([PROJECT, fingerprint, fault.id, count, JSON.stringify(["load", "checkout"]), "f".repeat(600)]);
  }
  const seen = await createFiller(engine, "event_seen", SEEN);
  for (let at = 0; at < given.seen; at += 1) {
    // Ids come in no order.
    const id = Math.imul(at, 0x9e3779b1) >>> 0;
    await seen.add([PROJECT, id.toString(16).padStart(8, "0").repeat(4), "0".repeat(32), now - given.seen + at]);
  }
  for (const filler of [deltas, bodies, faults, keys, seen]) await filler.flush();
}

/** Which bodies a fault still has, and of which end of its life. */
function bodiesOf(firstAge: number, lastAge: number): [string, "first" | "last"][] {
  const all = (end: "first" | "last", slots: number): [string, "first" | "last"][] =>
    Array.from({ length: slots }, (_, at) => [`${end}:${at}`, end]);
  return [
    ...all("first", firstAge > 91 ? 1 : 5),
    ...all("last", lastAge > 91 ? 1 : 5),
    ["release:shop@new", "last"],
    ["release:shop@rare", "last"],
  ];
}

/** The project that all of it belongs to, as a server makes its first one. */
export async function addProject(engine: Engine): Promise<void> {
  await engine.writer
    .insertInto("project")
    .values({
      project_id: "default",
      title: "Default",
      dsn_id: "1",
      public_key: "x",
      key_at: 0,
      created_at: 0,
      deletes_at: null,
    })
    .execute();
}
