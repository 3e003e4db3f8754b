import { Event, Fingerprints, PrunellaError, type EventSample, type FaultDetail } from "@prunella/contract";
import { sql } from "kysely";
import { z } from "zod";
import type { Askers } from "../escalations/asker.ts";
import { listEscalationsOf } from "../escalations/list.ts";
import { listAttempts } from "../attempts/list.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { allThatCameBack } from "./came-back.ts";
import { listChanges } from "./changes.ts";
import { decorate } from "./list.ts";
import { memberIds } from "./merge.ts";
import { countsOfGroup } from "./counts-over.ts";
import { countToldTwice } from "./twice.ts";

type Db = Engine["reader"];

/** A fault and those merged into it. */
interface Group {
  readonly projectId: string;
  readonly ids: readonly string[];
}

export async function readFault(db: Db, faultId: string): Promise<Tables["fault"]> {
  const row = await db.selectFrom("fault").selectAll().where("fault_id", "=", faultId).executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such fault." });
  return row;
}

export async function faultDetail(db: Db, askers: Askers, now: number, faultId: string): Promise<FaultDetail> {
  const row = await readFault(db, faultId);
  const [fault] = await decorate(db, now, [row]);
  if (!fault) throw new PrunellaError("PRUNELLA_NOT_FOUND");
  const ids = await memberIds(db, row);
  const group: Group = { projectId: row.project_id, ids };
  const samples = await db
    .selectFrom("event_sample")
    .select(["event_id", "received_at", "bytes"])
    .where("project_id", "=", row.project_id)
    .where("fault_id", "in", ids)
    .orderBy("received_at", "desc")
    .orderBy("event_id")
    .execute();
  const newest = samples[0];
  const { attempts } = await listAttempts(db, { faultIds: ids, limit: 50 });
  const tried = attempts.map(({ id, ...rest }) => ({ attempt_id: id, ...rest }));
  return {
    fault,
    told_twice: await countToldTwice(db, group),
    came_back: await allThatCameBack(db, group, tried),
    fingerprints: Fingerprints.parse(JSON.parse(row.fingerprints)),
    keys: await keysOf(db, group),
    merged: await mergedOf(db, row),
    trend: (await countsOfGroup(db, now, group, "7d")).counts,
    releases: await releases(db, group),
    environments: (await countBy(db, group, "environment")).map(([environment, count]) => ({ environment, count })),
    trust: (await countBy(db, group, "trust")).map(([trust, count]) => ({ trust, count })),
    sources: (await countBy(db, group, "source")).map(([source, count]) => ({ source, count })),
    latest: newest ? await readSample(db, row, newest.event_id) : null,
    samples: [...new Map(samples.map(({ event_id, received_at }) => [event_id, { event_id, received_at }])).values()],
    kept: {
      bodies: new Set(samples.map((sample) => sample.event_id)).size,
      bytes: samples.reduce((sum, sample) => sum + sample.bytes, 0),
      of: fault.count,
    },
    attempts,
    escalations: await listEscalationsOf(db, askers, ids),
    changes: await listChanges(db, group),
  };
}

export async function readSample(db: Db, fault: Tables["fault"], eventId: string): Promise<EventSample> {
  const row = await db
    .selectFrom("event_sample")
    .selectAll()
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "in", await memberIds(db, fault))
    .where("event_id", "=", eventId)
    .orderBy("slot")
    .executeTakeFirst();
  if (!row)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail:
        "The body of this event is not kept: only the first five, the last five and those of the newest and the rarest releases are.",
    });
  return {
    event_id: row.event_id,
    received_at: row.received_at,
    event: Event.parse(JSON.parse(row.body)),
    redactions: z.record(z.string(), z.number()).parse(JSON.parse(row.redactions)),
  };
}

async function releases(db: Db, group: Group): Promise<FaultDetail["releases"]> {
  const rows = await db
    .selectFrom("delta")
    .select([
      "release",
      ({ fn }) => fn.min("first_at").as("first_seen"),
      ({ fn }) => fn.sum<number>("count").as("count"),
    ])
    .where("project_id", "=", group.projectId)
    .where("fault_id", "in", group.ids)
    .where("release", "<>", "")
    .groupBy("release")
    .orderBy("first_seen", "desc")
    .limit(100)
    .execute();
  return rows.map((row) => ({ release: row.release, first_seen: Number(row.first_seen), count: Number(row.count) }));
}

async function countBy<C extends "environment" | "trust" | "source">(
  db: Db,
  group: Group,
  column: C,
): Promise<[Tables["delta"][C], number][]> {
  const { rows } = await sql<{ value: Tables["delta"][C]; count: number }>`
    select ${sql.ref(column)} as value, sum(count) as count from delta where project_id = ${group.projectId} and fault_id in (${sql.join(group.ids)})
    group by ${sql.ref(column)} order by count desc, value limit 50`.execute(db);
  return rows.filter((row) => row.value !== "").map((row) => [row.value, Number(row.count)]);
}

/** Newest knowledge last: the fingerprint that opened the fault comes first. */
async function keysOf(db: Db, { projectId, ids }: Group): Promise<FaultDetail["keys"]> {
  const rows = await db
    .selectFrom("fault_key")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("fault_id", "in", ids)
    .orderBy("seen", "desc")
    .orderBy("fingerprint")
    .limit(50)
    .execute();
  const texts = z.array(z.string());
  return rows.map((row) => ({
    fingerprint: row.fingerprint,
    fault_id: row.fault_id,
    how: row.how,
    detail: texts.parse(JSON.parse(row.detail)),
    parts: texts.parse(JSON.parse(row.parts)),
    events: row.seen,
  }));
}

async function mergedOf(db: Db, fault: Tables["fault"]): Promise<FaultDetail["merged"]> {
  const rows = await db
    .selectFrom("fault")
    .select(["fault_id", "title", "culprit", "count"])
    .where("project_id", "=", fault.project_id)
    .where("merged_into", "=", fault.fault_id)
    .orderBy("fault_id")
    .execute();
  return rows.map(({ fault_id, ...rest }) => ({ id: fault_id, ...rest }));
}
