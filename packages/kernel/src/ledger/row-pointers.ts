import { LedgerEntry } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import type { Problems } from "./problems.ts";
import { sharesRefusal } from "./row-claims.ts";

type Db = Engine["reader"];
type Source = Pick<Engine, "reader" | "nextTurn">;

/** Rows that are held at once, with the entries that they point to. */
const PAGE = 200;

/** From the rows: each points to the entry that announced it, and no permit stands without an intent. */
export async function checkPointers(source: Source, problems: Problems): Promise<void> {
  await checkAttempts(source, problems);
  await checkEscalations(source, problems);
  await checkPermits(source.reader, problems);
}

async function checkAttempts({ reader: db, nextTurn }: Source, problems: Problems): Promise<void> {
  for (let last = ""; !problems.full();) {
    await nextTurn();
    const rows = await db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("attempt_id", ">", last)
      .orderBy("attempt_id")
      .limit(PAGE)
      .execute();
    const entries = await entriesAt(db, rows);
    for (const row of rows) {
      const entry = entries.get(row.audit_log_id);
      const isIntent = entry?.type === "attempt_intent" && entry.attempt === row.attempt_id;
      const isRefusal = entry?.type === "attempt_refused" && sharesRefusal(row, entry);
      if (row.state === "refused" ? !isRefusal : !isIntent)
        points(`attempt ${row.attempt_id}`, row.audit_log_id, problems);
    }
    if (rows.length < PAGE) return;
    last = rows.at(-1)?.attempt_id ?? "";
  }
}

async function checkEscalations({ reader: db, nextTurn }: Source, problems: Problems): Promise<void> {
  for (let last = ""; !problems.full();) {
    await nextTurn();
    const rows = await db
      .selectFrom("escalation_attempts")
      .select(["escalation_id", "audit_log_id"])
      .where("escalation_id", ">", last)
      .orderBy("escalation_id")
      .limit(PAGE)
      .execute();
    const entries = await entriesAt(db, rows);
    for (const { escalation_id, audit_log_id } of rows) {
      const entry = entries.get(audit_log_id);
      if (entry?.type !== "escalation_opened" || entry.escalation !== escalation_id)
        points(`escalation ${escalation_id}`, audit_log_id, problems);
    }
    if (rows.length < PAGE) return;
    last = rows.at(-1)?.escalation_id ?? "";
  }
}

/** Those of an intent are compared with it; here are the others. */
async function checkPermits(db: Db, problems: Problems): Promise<void> {
  const rows = await db
    .selectFrom("permit as p")
    .leftJoin("self_heal_attempts as a", (join) =>
      join.onRef("p.project_id", "=", "a.project_id").onRef("p.attempt_id", "=", "a.attempt_id"),
    )
    .select(["p.permit_id", "p.attempt_id"])
    .where((where) => where.or([where("a.attempt_id", "is", null), where("a.state", "=", "refused")]))
    .orderBy("p.permit_id")
    .limit(PAGE)
    .execute();
  for (const { permit_id, attempt_id } of rows)
    problems.add(`Permit ${permit_id} is of attempt ${attempt_id}, which has no intent.`, null);
}

function points(id: string, index: number, problems: Problems): void {
  problems.add(`The row of ${id} points to entry ${index}, which did not announce it.`, index);
}

async function entriesAt(
  db: Db,
  rows: readonly { readonly audit_log_id: number }[],
): Promise<ReadonlyMap<number, LedgerEntry>> {
  if (rows.length === 0) return new Map();
  const found = await db
    .selectFrom("ledger")
    .select(["idx", "entry"])
    .where("idx", "in", [...new Set(rows.map((row) => row.audit_log_id))])
    .execute();
  const entries = new Map<number, LedgerEntry>();
  for (const { idx, entry } of found) {
    const parsed = read(entry);
    if (parsed !== null) entries.set(idx, parsed);
  }
  return entries;
}

function read(text: string): LedgerEntry | null {
  try {
    return LedgerEntry.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
