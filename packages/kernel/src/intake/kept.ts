import { sql } from "kysely";
import type { Tx } from "../store/engine.ts";

/** How many bodies are kept from the beginning of a fault, and how many from its end. */
export const KEPT = 5;
/** Of its newest releases, and as many of those that its events seldom name. */
export const KEPT_RELEASES = 5;
/** All bodies of one fault; the first five, of at most 1 MiB each, always fit. */
export const FAULT_BYTES = 8_388_608;
/** Rows of a fault, the newest, by which a release is rare: a bounded look, however long the history is. */
const LOOKED_AT = 2_000;

/** A body that has its place, or asks for one. */
export interface Standing {
  readonly slot: string;
  readonly receivedAt: number;
  readonly bytes: number;
}

export interface FaultOf {
  readonly projectId: string;
  readonly faultId: string;
}

/** Bodies of a fault, without reading them. */
export async function standingOf(tx: Tx, { projectId, faultId }: FaultOf): Promise<Standing[]> {
  const rows = await tx.db
    .selectFrom("event_sample")
    .select(["slot", "received_at", "bytes"])
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .orderBy("slot")
    .execute();
  return rows.map((row) => ({ slot: row.slot, receivedAt: row.received_at, bytes: row.bytes }));
}

export type Frequency = (release: string) => number;

/** How often a fault's newest rows name each release. */
export async function frequencyOf(tx: Tx, { projectId, faultId }: FaultOf): Promise<Frequency> {
  const { rows } = await sql<{ release: string; count: number }>`
    select release, sum(count) as count from (
      select release, count from delta where project_id = ${projectId} and fault_id = ${faultId} order by second desc limit ${LOOKED_AT}) as newest
    group by release order by release`.execute(tx.db);
  const counts = new Map(rows.map((row) => [row.release, Number(row.count)]));
  return (release) => counts.get(release) ?? 0;
}

export async function dropBody(tx: Tx, { projectId, faultId }: FaultOf, slot: string): Promise<void> {
  await tx.db
    .deleteFrom("event_sample")
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .where("slot", "=", slot)
    .execute();
}

/** Whether any has to go; most faults have one release and small bodies, and nothing is to be weighed. */
export const isPlenty = (bodies: readonly Standing[]): boolean =>
  bodies.filter((body) => releaseOf(body.slot) !== null).length > KEPT_RELEASES ||
  bodies.reduce((sum, body) => sum + body.bytes, 0) > FAULT_BYTES;

export const releaseOf = (slot: string): string | null => (slot.startsWith("release:") ? slot.slice(8) : null);

/** Places that are never given up while a body of less worth is left: the most telling one first. */
export function pinned(bodies: readonly Standing[], frequency: Frequency): string[] {
  const first = bodies.filter((body) => body.slot.startsWith("first:")).toSorted(bySlot)[0];
  const last = bodies.toSorted(byAge).at(-1);
  const releases = bodies.filter((body) => releaseOf(body.slot) !== null).toSorted(byAge);
  const newest = releases.at(-1);
  const rarest = releases.slice(0, -1).toSorted(byRarity(frequency))[0];
  return [...new Set([first, last, newest, rarest].flatMap((body) => (body === undefined ? [] : [body.slot])))];
}

/** Which bodies of a fault to keep, by what they tell: bounded in number and in bytes. */
export function worthKeeping(bodies: readonly Standing[], frequency: Frequency): Set<string> {
  const releases = bodies.filter((body) => releaseOf(body.slot) !== null).toSorted(byAge);
  const newest = releases.slice(-KEPT_RELEASES);
  const rarest = releases.slice(0, -KEPT_RELEASES).toSorted(byRarity(frequency)).slice(0, KEPT_RELEASES);
  const kept = bodies.filter((body) => releaseOf(body.slot) === null || newest.includes(body) || rarest.includes(body));
  const pins = pinned(kept, frequency);
  // The most telling ones first, then the newest: what no longer fits goes.
  const byWorth = kept.toSorted((a, b) => placeIn(pins, a) - placeIn(pins, b) || byAge(b, a));
  let bytes = 0;
  return new Set(
    byWorth.flatMap((body) => {
      if (bytes + body.bytes > FAULT_BYTES && !pins.includes(body.slot)) return [];
      bytes += body.bytes;
      return [body.slot];
    }),
  );
}

const placeIn = (pins: readonly string[], { slot }: Standing): number =>
  pins.includes(slot) ? pins.indexOf(slot) : pins.length;
const bySlot = (a: Standing, b: Standing): number => (a.slot < b.slot ? -1 : 1);
const byAge = (a: Standing, b: Standing): number => a.receivedAt - b.receivedAt || bySlot(a, b);
/** Of equally rare ones the older stays, or each new one would push out the one before it. */
const byRarity =
  (frequency: Frequency) =>
  (a: Standing, b: Standing): number =>
    frequency(releaseOf(a.slot) ?? "") - frequency(releaseOf(b.slot) ?? "") || byAge(a, b);
