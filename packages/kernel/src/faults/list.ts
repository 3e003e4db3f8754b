import { PrunellaError, type FaultPage, type FaultQuery, type FaultRow } from "@prunella/contract";
import { sql, type SelectQueryBuilder } from "kysely";
import type { z } from "zod";
import type { Engine } from "../store/engine.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import type { Tables } from "../store/tables.ts";
import { cameBack } from "./came-back.ts";
import { toFault } from "./status.ts";

type Query = z.infer<typeof FaultQuery>;
type Row = Tables["fault"];

/** Faults by newest activity; `next` goes on where this page ends. */
export async function listFaults(
  db: Engine["reader"],
  now: number,
  query: Query,
  sees: readonly string[] | null = null,
): Promise<FaultPage> {
  const matching = () => {
    let from = db.selectFrom("fault").where("merged_into", "is", null);
    if (query.project !== undefined) from = from.where("project_id", "=", query.project);
    if (sees !== null) from = from.where("project_id", "in", sees);
    if (query.q) {
      const like = `%${query.q.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
      from = from.where(
        sql<boolean>`(lower(title) like ${like} escape '\\' or lower(culprit) like ${like} escape '\\')`,
      );
    }
    return from;
  };
  const counts = { open: 0, resolved: 0, regressed: 0, muted: 0 };
  for (const status of STATUSES)
    counts[status] = await countUpTo(db, matching().select("fault_id").where("status", "=", status));

  let page = matching().selectAll();
  // Hidden from the planners, which would read all of a status and sort instead of following the order.
  const status = sql<Row["status"]>`coalesce(status, '')`;
  if (query.status === "active") page = page.where(status, "in", ["open", "regressed"]);
  else if (query.status !== "all") page = page.where(status, "=", query.status);
  if (query.cursor !== undefined) {
    const { lastSeen, id } = parseCursor(query.cursor);
    // As one pair, so that both engines go on along the index.
    page = page.where(sql<boolean>`(last_seen, fault_id) < (${lastSeen}, ${id})`);
  }
  const rows = await page
    .orderBy("last_seen", "desc")
    .orderBy("fault_id", "desc")
    .limit(query.limit + 1)
    .execute();
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const total =
    query.status === "all"
      ? counts.open + counts.resolved + counts.regressed + counts.muted
      : query.status === "active"
        ? counts.open + counts.regressed
        : counts[query.status];
  return {
    faults: await decorate(db, now, shown),
    next: rows.length > query.limit && last ? `${last.last_seen}.${last.fault_id}` : null,
    total,
    counts,
  };
}

function parseCursor(cursor: string): { lastSeen: number; id: string } {
  const [, lastSeen, id] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (lastSeen === undefined || id === undefined)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "cursor is not one that this list gave out." });
  return { lastSeen: Number(lastSeen), id };
}

const STATUSES = ["open", "resolved", "regressed", "muted"] as const;
/** Counting further would cost every page more, and says nothing more. */
const MOST_COUNTED = 100_000;

async function countUpTo(
  db: Engine["reader"],
  query: SelectQueryBuilder<Tables, "fault", { fault_id: string }>,
): Promise<number> {
  const row = await db
    .selectFrom(query.limit(MOST_COUNTED).as("counted"))
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

const HOURS = 24;

/** Adds what a row of the Inbox shows beside the fault itself: trend, environments, healing, questions. */
export async function decorate(db: Engine["reader"], now: number, rows: readonly Row[]): Promise<FaultRow[]> {
  if (rows.length === 0) return [];
  const projects = [...new Set(rows.map((row) => row.project_id))];
  const rootOf = await rootsOf(db, rows);
  const ids = [...rootOf.keys()];
  const from = (Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS;
  const hours = await db
    .selectFrom("delta")
    .select(["fault_id", sql<number>`second / 3600`.as("hour"), ({ fn }) => fn.sum<number>("count").as("count")])
    .where("fault_id", "in", ids)
    .where("project_id", "in", projects)
    .where("second", ">=", from / 1000)
    .groupBy(["fault_id", sql`second / 3600`])
    .orderBy("fault_id")
    .orderBy("hour")
    .execute();
  const environments = await db
    .selectFrom("delta")
    .select(["fault_id", "environment"])
    .distinct()
    .where("project_id", "in", projects)
    .where("fault_id", "in", ids)
    .where("environment", "<>", "")
    .orderBy("environment")
    .execute();
  const attempts = await db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("fault_id", "in", ids)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(500)
    .execute();
  const open = await db
    .selectFrom("escalation_attempts")
    .select(["fault_id", "escalation_id"])
    .where("fault_id", "in", ids)
    .where("status", "=", sql.lit("open"))
    .orderBy("opened_at")
    .execute();
  const isOf = (each: { fault_id: string | null }, row: Row) =>
    each.fault_id !== null && rootOf.get(each.fault_id) === row.fault_id;
  return rows.map((row) => {
    const sparkline = Array.from({ length: HOURS }, () => 0);
    for (const hour of hours) {
      const at = hour.hour - from / HOUR_MS;
      if (isOf(hour, row) && at >= 0 && at < HOURS) sparkline[at] = (sparkline[at] ?? 0) + Number(hour.count);
    }
    const attempt = attempts.find((candidate) => isOf(candidate, row));
    return {
      ...toFault(row),
      sparkline,
      environments: [...new Set(environments.filter((each) => isOf(each, row)).map((each) => each.environment))],
      healing: attempt
        ? {
            attempt_id: attempt.attempt_id,
            state: attempt.state,
            refusal: attempt.refusal,
            verification: attempt.verification,
            came_back: cameBack(row.last_seen, attempt),
            at: attempt.ended_at ?? attempt.created_at,
          }
        : null,
      open_escalation_id: open.find((escalation) => isOf(escalation, row))?.escalation_id ?? null,
    };
  });
}

/** Every fault whose events a row shows, its own and those merged into it, with the row's id. */
async function rootsOf(db: Engine["reader"], rows: readonly Row[]): Promise<Map<string, string>> {
  const ids = rows.map((row) => row.fault_id);
  const members = await db
    .selectFrom("fault")
    .select(["fault_id", "merged_into"])
    .where("merged_into", "in", ids)
    .orderBy("fault_id")
    .execute();
  return new Map([
    ...ids.map((id): [string, string] => [id, id]),
    ...members.map((row): [string, string] => [row.fault_id, row.merged_into ?? ""]),
  ]);
}
