import { PrunellaError, type HeartbeatConfig } from "@prunella/contract";
import { targetOf } from "../probes/configure.ts";
import { DEAD_MS } from "../nodes/node.ts";
import type { Calendar } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { dueAfter } from "./schedule.ts";
import type { HeartbeatRow } from "./state.ts";

/** A heartbeat that is about to be written down; `keySha256` undefined leaves the key that it has. */
export interface Given extends Omit<HeartbeatConfig, "key"> {
  readonly keySha256?: string | null | undefined;
}

export type From = HeartbeatRow["came_from"];

/** Writes one down, or what is new about it. What was heard of it stays. */
export async function putHeartbeat(
  tx: Tx,
  given: { now: number; place: string; from: From; heartbeat: Given; calendar: Pick<Calendar, "nextBegin"> },
  before: HeartbeatRow | null,
): Promise<boolean> {
  const { heartbeat, now } = given;
  const values = {
    place: given.place,
    came_from: given.from,
    target: targetOf("heartbeat", heartbeat),
    every_ms: heartbeat.every,
    cron: heartbeat.cron,
    time_zone: heartbeat.time_zone,
    grace_ms: heartbeat.grace,
    max_runtime_ms: heartbeat.max_runtime,
    ...(heartbeat.keySha256 === undefined ? {} : { key_sha256: heartbeat.keySha256 }),
  };
  if (before === null) {
    const row: Tables["heartbeat"] = {
      project_id: heartbeat.project,
      name: heartbeat.name,
      ...BLANK,
      ...values,
      key_sha256: heartbeat.keySha256 ?? null,
      since: now,
    };
    await tx.db.insertInto("heartbeat").values(row).execute();
    return true;
  }
  if (Object.entries(values).every(([name, value]) => Reflect.get(before, name) === value)) return false;
  // A new schedule counts from the last sign of life; one that is missed already stays so.
  const due =
    before.heard_at === null || before.due_at === null
      ? before.due_at
      : dueAfter(given.calendar, { ...before, ...values }, before.heard_at);
  await tx.db
    .updateTable("heartbeat")
    .set({ ...values, due_at: due, look_at: due })
    .where("project_id", "=", before.project_id)
    .where("name", "=", before.name)
    .execute();
  return true;
}

/** Makes those of one data folder what its configuration says; those that people and SDKs made stay. */
export async function configureHeartbeats(
  tx: Tx,
  given: { now: number; place: string; heartbeats: readonly Given[]; calendar: Pick<Calendar, "nextBegin"> },
): Promise<void> {
  const { now, place, heartbeats, calendar } = given;
  const present = await tx.db.selectFrom("heartbeat").selectAll().orderBy("project_id").orderBy("name").execute();
  const rows = new Map(present.map((row) => [`${row.project_id}/${row.name}`, row]));
  const wanted = new Set(heartbeats.map(({ project, name }) => `${project}/${name}`));
  const alive = await tx.db
    .selectFrom("node")
    .select("place")
    .where("heard_at", ">=", now - DEAD_MS)
    .execute();
  const places = new Set(alive.map((node) => node.place));
  const isGone = (row: HeartbeatRow): boolean =>
    row.came_from === "file" &&
    !wanted.has(`${row.project_id}/${row.name}`) &&
    (row.place === place || !places.has(row.place));
  // Before the others: one that was renamed keeps its key.
  for (const row of present.filter(isGone))
    await tx.db.deleteFrom("heartbeat").where("project_id", "=", row.project_id).where("name", "=", row.name).execute();
  await freeKeys(
    tx,
    heartbeats,
    present.filter((row) => !isGone(row)),
  );
  for (const heartbeat of heartbeats) {
    const before = rows.get(`${heartbeat.project}/${heartbeat.name}`) ?? null;
    await putHeartbeat(tx, { now, place, from: "file", heartbeat, calendar }, before);
  }
}

/**
 * Takes keys off heartbeats that get another, so that two of them may change keys: one of the two would have both
 * for a moment, which no database takes. The key of one that this configuration does not name is not taken.
 */
async function freeKeys(tx: Tx, wanted: readonly Given[], present: readonly HeartbeatRow[]): Promise<void> {
  const owners = new Map(present.flatMap((row) => (row.key_sha256 === null ? [] : [[row.key_sha256, row] as const])));
  const named = new Map(wanted.map((one) => [`${one.project}/${one.name}`, one]));
  for (const [at, { project, name, keySha256 }] of wanted.entries()) {
    const owner = typeof keySha256 === "string" ? owners.get(keySha256) : undefined;
    if (owner === undefined || (owner.project_id === project && owner.name === name)) continue;
    const next = named.get(`${owner.project_id}/${owner.name}`);
    if (next?.keySha256 === undefined)
      throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
        detail: `heartbeats.${at}.key: it is the key of the heartbeat ${owner.name} of ${owner.project_id} as well; each has one of its own.`,
      });
    await tx.db
      .updateTable("heartbeat")
      .set({ key_sha256: null })
      .where("project_id", "=", owner.project_id)
      .where("name", "=", owner.name)
      .execute();
  }
}

const BLANK = {
  status: "unknown",
  category: "not_heard",
  detail: "Nothing was heard of it yet.",
  heard_at: null,
  started_at: null,
  took_ms: null,
  said: "",
  due_at: null,
  look_at: null,
  strip: "",
  strip_at: 0,
  changes: "[]",
  told: "{}",
} as const;
