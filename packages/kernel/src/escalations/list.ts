import { Trust, type Escalation, type EscalationPage } from "@prunella/contract";
import { sql } from "kysely";
import { toAttempt } from "../attempts/row.ts";
import { HOUR_MS } from "../ledger/tally.ts";
import type { Engine } from "../store/engine.ts";
import type { Askers } from "./asker.ts";
import { toEscalation, type EscalationRow } from "./row.ts";

export async function listEscalationsOf(
  db: Engine["reader"],
  askers: Askers,
  faultIds: readonly string[],
): Promise<Escalation[]> {
  const rows = await db
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("fault_id", "in", faultIds)
    .orderBy("opened_at", "desc")
    .limit(50)
    .execute();
  return rows.map((row) => toEscalation(row, askers));
}

/** Nobody decides more. */
const MOST_COUNTED = 1_000;

/** What a person must decide, newest first, with what was tried and the last day by the hour. */
export async function listEscalations(
  db: Engine["reader"],
  askers: Askers,
  now: number,
  status: "open" | "all",
  sees: readonly string[] | null = null,
): Promise<EscalationPage> {
  let query = db.selectFrom("escalation_attempts").selectAll();
  if (sees !== null) query = query.where("project_id", "in", sees);
  if (status === "open") query = query.where("status", "=", sql.lit("open"));
  const rows = await query.orderBy("opened_at", "desc").orderBy("escalation_id", "desc").limit(100).execute();
  const open = await db
    .selectFrom(
      db
        .selectFrom("escalation_attempts")
        .select("escalation_id")
        .where("status", "=", sql.lit("open"))
        .$if(sees !== null, (counted) => counted.where("project_id", "in", sees ?? []))
        .limit(MOST_COUNTED)
        .as("counted"),
    )
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .executeTakeFirst();
  const escalations: EscalationPage["escalations"] = [];
  for (const row of rows) escalations.push({ ...toEscalation(row, askers), ...(await background(db, now, row)) });
  return { escalations, open: Number(open?.count ?? 0) };
}

export async function background(db: Engine["reader"], now: number, row: EscalationRow) {
  const fault =
    row.fault_id === null
      ? undefined
      : await db.selectFrom("fault").select("title").where("fault_id", "=", row.fault_id).executeTakeFirst();
  const attempts = await db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", row.project_id)
    .where("target", "=", row.target)
    .where("created_at", "<=", row.decided_at ?? now)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(10)
    .execute();
  const hours = await db
    .selectFrom("delta")
    .select([sql<number>`second / 3600`.as("hour"), ({ fn }) => fn.sum<number>("count").as("count")])
    .where("project_id", "=", row.project_id)
    .where("target", "=", row.target)
    .where("target", "<>", "")
    .where("trust", "in", Trust.options)
    .where("second", ">=", Math.floor((now - 24 * HOUR_MS) / 1000))
    .groupBy(sql`second / 3600`)
    .orderBy("hour")
    .execute();
  const answer = await db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("because_id", "=", row.escalation_id)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(1)
    .executeTakeFirst();
  const recent = hours.map((hour): [number, number] => [hour.hour * HOUR_MS, Number(hour.count)]);
  return {
    fault_title: fault?.title ?? null,
    attempts: attempts.map(toAttempt),
    answer: answer ? toAttempt(answer) : null,
    recent,
  };
}
