import type { FaultPage, FaultQuery, FaultRow, FaultSort } from "@prunella/contract";
import { sql } from "kysely";
import type { z } from "zod";
import { HOUR_MS } from "../ledger/tally.ts";
import { SEARCHED } from "../search/document.ts";
import { askedBy } from "../search/filter.ts";
import { matching, searchedBy } from "../search/matching.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { cameBack } from "./came-back.ts";
import { countByStatus } from "./count.ts";
import { cursorAfter, orderOf, parseCursor } from "./order.ts";
import { toFault } from "./status.ts";

/** The newest activity first when nothing is said of the order. */
export type FaultsWanted = Omit<z.infer<typeof FaultQuery>, "sort"> & { readonly sort?: FaultSort };
type Row = Tables["fault"];

/** The faults that fit, the first of the wanted order; `next` goes on where this page ends. */
export async function listFaults(
  engine: Engine,
  now: number,
  { sort = "last_seen", ...given }: FaultsWanted,
  sees: readonly string[] | null = null,
  me: string | null = null,
): Promise<FaultPage> {
  const { reader: db } = engine;
  const query = askedBy(given, me);
  const conditions = await matching(engine, now, query);
  if (sees !== null) conditions.push(sql`fault.project_id in (${sql.join(sees)})`);

  let page = db.selectFrom("fault").selectAll().where("merged_into", "is", null);
  for (const condition of conditions) page = page.where(condition);
  // What the search itself says of the state goes before.
  const status = query.conditions.some(({ name }) => name === "is") ? "all" : given.status;
  // Hidden from the planners, which would read all of a status and sort instead of following the order.
  const state = sql<Row["status"]>`coalesce(fault.status, '')`;
  if (status === "active") page = page.where(state, "in", ["open", "regressed"]);
  else if (status !== "all") page = page.where(state, "=", status);
  const order = orderOf(sort);
  if (given.cursor !== undefined) {
    const { value, id } = parseCursor(given.cursor, sort);
    // As one pair, so that both engines go on along the index.
    page = page.where(sql<boolean>`(${order}, fault_id) < (${value}, ${id})`);
  }
  // PostgreSQL reads both at once; on SQLite one comes after the other anyway.
  const [counts, rows] = await Promise.all([
    countByStatus(db, conditions),
    page
      .orderBy(order, "desc")
      .orderBy("fault_id", "desc")
      .limit(given.limit + 1)
      .execute(),
  ]);
  const shown = rows.slice(0, given.limit);
  const last = shown.at(-1);
  const total =
    status === "all"
      ? counts.open + counts.resolved + counts.regressed + counts.muted
      : status === "active"
        ? counts.open + counts.regressed
        : counts[status];
  return {
    faults: await decorate(db, now, shown),
    next: rows.length > given.limit && last ? cursorAfter(last, sort) : null,
    total,
    counts,
    searched: searchedBy(query, SEARCHED),
  };
}

const HOURS = 24;

/** Adds what a row of the Inbox shows beside the fault itself: trend, environments, healing, questions. */
export async function decorate(db: Engine["reader"], now: number, rows: readonly Row[]): Promise<FaultRow[]> {
  if (rows.length === 0) return [];
  const projects = [...new Set(rows.map((row) => row.project_id))];
  const rootOf = await rootsOf(db, rows);
  const ids = [...rootOf.keys()];
  const from = (Math.floor(now / HOUR_MS) - HOURS + 1) * HOUR_MS;
  const [hours, environments, attempts, open] = await Promise.all([
    db
      .selectFrom("delta")
      .select(["fault_id", sql<number>`second / 3600`.as("hour"), ({ fn }) => fn.sum<number>("count").as("count")])
      .where("fault_id", "in", ids)
      .where("project_id", "in", projects)
      .where("second", ">=", from / 1000)
      .groupBy(["fault_id", sql`second / 3600`])
      .orderBy("fault_id")
      .orderBy("hour")
      .execute(),
    db
      .selectFrom("fault_facet")
      .select(["fault_id", "value"])
      .where("project_id", "in", projects)
      .where("fault_id", "in", ids)
      .where("name", "=", "environment")
      .orderBy("value")
      .execute(),
    db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("fault_id", "in", ids)
      .orderBy("created_at", "desc")
      .orderBy("attempt_id", "desc")
      .limit(500)
      .execute(),
    db
      .selectFrom("escalation_attempts")
      .select(["fault_id", "escalation_id"])
      .where("fault_id", "in", ids)
      .where("status", "=", sql.lit("open"))
      .orderBy("opened_at")
      .execute(),
  ]);
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
      users: row.users,
      environments: [...new Set(environments.filter((each) => isOf(each, row)).map((each) => each.value))],
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
