import type { RetentionPolicy } from "@prunella/contract";
import { sql } from "kysely";
import { dropBody, frequencyOf, pinned, standingOf, type FaultOf, type Standing } from "../intake/kept.ts";
import { HOUR_MS, tally } from "../ledger/tally.ts";
import { shareOf, type Tidying } from "../nodes/housekeeping.ts";
import { markDue } from "../search/due.ts";
import type { Tx } from "../store/engine.ts";
import { DAY_S, foldDeltas, HOUR_S, type Folded } from "./fold.ts";
import { STEP_ROWS, type PolicyOf, type RetentionReason } from "./policy.ts";

/** Of a fault, so that a busy one is not looked at all the time. */
const SELDOM_MS = 6 * HOUR_MS;
/** Within this a shorter time of the configuration is in force. */
const OFTEN_MS = 7 * 24 * HOUR_MS;
/** Faults that one step looks at. */
const FAULTS = 4;

interface Due extends FaultOf {
  readonly hoursTo: number;
  readonly daysTo: number;
}

/** Folds counts and drops bodies of the faults in which something has aged. */
export const faultsDue = (policyOf: PolicyOf, most = STEP_ROWS): Tidying => ({
  name: "faults_due",
  async step(tx, now, share = 1) {
    const limit = shareOf(most, share);
    let left = limit;
    for (let at = 0; at < FAULTS && left > 0; at += 1) {
      const due = await nextDue(tx, now);
      if (due === null) return false;
      left -= await tidyFault(tx, due, policyOf(due.projectId), now, left);
    }
    return true;
  },
});

async function nextDue(tx: Tx, now: number): Promise<Due | null> {
  const row = await tx.db
    .selectFrom("fault")
    .select(["project_id", "fault_id", "hours_to", "days_to"])
    .where("tidy_at", "<=", now)
    .orderBy("tidy_at")
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  return { projectId: row.project_id, faultId: row.fault_id, hoursTo: row.hours_to, daysTo: row.days_to };
}

/** Does at most `limit` rows' work; a fault with more stays due. Returns what it did. */
async function tidyFault(tx: Tx, due: Due, policy: RetentionPolicy, now: number, limit: number): Promise<number> {
  const daysBefore = wholeBefore(now - policy.counts_by_hour_ms, DAY_S);
  // Never behind the days: an hour that has become part of a day is not folded again.
  const hoursBefore = Math.max(daysBefore, wholeBefore(now - policy.counts_by_second_ms, HOUR_S));
  const days = await foldUpTo(tx, due, due.daysTo, daysBefore, DAY_S, limit);
  const hours =
    days.to < daysBefore
      ? { to: due.hoursTo, rows: 0 }
      : await foldUpTo(tx, due, Math.max(due.hoursTo, days.to), hoursBefore, HOUR_S, Math.max(1, limit - days.rows));
  const isDone = days.to >= daysBefore && hours.to >= hoursBefore;
  const oldest = isDone ? await dropOldBodies(tx, due, now, policy.bodies_ms, "retention.age.bodies") : null;
  const next = isDone
    ? nextLook(now, [
        await agesAt(tx, due, hours.to, null, policy.counts_by_second_ms + HOUR_MS),
        await agesAt(tx, due, days.to, hours.to, policy.counts_by_hour_ms + DAY_S * 1_000),
        oldest === null ? null : oldest + policy.bodies_ms,
      ])
    : now;
  await tx.db
    .updateTable("fault")
    .set({ hours_to: hours.to, days_to: days.to, tidy_at: next })
    .where("project_id", "=", due.projectId)
    .where("fault_id", "=", due.faultId)
    .execute();
  return days.rows + hours.rows + 1;
}

const wholeBefore = (at: number, unit: number): number => Math.floor(at / 1_000 / unit) * unit;

async function foldUpTo(
  tx: Tx,
  of: FaultOf,
  from: number,
  before: number,
  unit: number,
  limit: number,
): Promise<Folded> {
  return from < before ? foldDeltas(tx, of, { from, before }, unit, limit) : { to: from, rows: 0 };
}

/** When the oldest delta of a span has its age; null when there is none. */
async function agesAt(
  tx: Tx,
  { projectId, faultId }: FaultOf,
  from: number,
  before: number | null,
  age: number,
): Promise<number | null> {
  const { rows } = await sql<{ second: number }>`select second from delta
    where project_id = ${projectId} and fault_id = ${faultId} and second >= ${from} ${before === null ? sql`` : sql`and second < ${before}`}
    order by second limit 1`.execute(tx.db);
  return rows[0] === undefined ? null : rows[0].second * 1_000 + age;
}

function nextLook(now: number, moments: readonly (number | null)[]): number | null {
  const given = moments.filter((at) => at !== null);
  return given.length === 0 ? null : Math.min(Math.max(Math.min(...given), now + SELDOM_MS), now + OFTEN_MS);
}

/** Drops old bodies but the most telling ones; returns when the oldest came in of those that may go later. */
async function dropOldBodies(
  tx: Tx,
  of: FaultOf,
  now: number,
  age: number,
  reason: RetentionReason,
): Promise<number | null> {
  const bodies = await standingOf(tx, of);
  const isOld = (body: Standing): boolean => body.receivedAt < now - age;
  const pins = bodies.some(isOld) ? pinned(bodies, await frequencyOf(tx, of)) : [];
  const loose = bodies.filter((body) => !pins.includes(body.slot));
  const old = loose.filter(isOld);
  for (const { slot } of old) await dropBody(tx, of, slot);
  // What only they said is no longer found.
  if (old.length > 0) await markDue(tx, [of]);
  if (old.length > 0) await tally(tx, of.projectId, reason, now, old.length);
  const young = loose.filter((body) => !isOld(body));
  return young.length === 0 ? null : Math.min(...young.map((body) => body.receivedAt));
}
