import { LedgerEntry, type LedgerReport } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { readEntries, readHead } from "./append.ts";
import { createProblems, type Problems } from "./problems.ts";
import type { AttemptRow } from "./row-claims.ts";
import { createComparison, type Rows } from "./row-comparison.ts";
import { checkPointers } from "./row-pointers.ts";

type Db = Engine["reader"];
type Entries = readonly { readonly entry: LedgerEntry; readonly index: number }[];

/** What is read: the embedded engine answers without letting go of the thread, so it is asked for turns. */
export type RowSource = Pick<Engine, "reader" | "nextTurn">;

/** Entries that are held at once, with their rows: a few milliseconds of the thread. */
const PAGE = 200;

/** Types of entries that have a row, or follow one that has. */
const COMPARED: ReadonlySet<string> = new Set<LedgerEntry["type"]>([
  "attempt_intent",
  "attempt_refused",
  "attempt_started",
  "attempt_outcome",
  "attempt_verified",
  "escalation_opened",
  "escalation_decided",
]);

/**
 * Compares attempts, permits, escalations and decisions with the ledger, both ways: each entry has its
 * row, which says the same, and each row has the entries of all that it says. The ledger may be sound
 * and a row changed all the same. Work goes on meanwhile: a row is read after the entries that it is
 * held against, so what it says beyond them must stand in what was written since.
 * Holds one page, and what rows say that no entry has said so far.
 */
export async function compareRows(source: RowSource): Promise<LedgerReport["problems"]> {
  const { reader: db } = source;
  const problems = createProblems();
  const comparison = createComparison(problems);
  const { size } = await readHead(db);
  await eachPage(source, 0, size, problems, async (entries) => {
    const rows = await rowsOf(db, entries);
    for (const { entry, index } of entries) comparison.compare(entry, index, rows);
  });
  const { size: since } = await readHead(db);
  await eachPage(source, size, since, problems, async (entries) => {
    for (const { entry } of entries) comparison.catchUp(entry);
  });
  if (!problems.full()) comparison.end();
  await checkPointers(source, problems);
  return problems.found;
}

async function eachPage(
  { reader, nextTurn }: RowSource,
  from: number,
  to: number,
  problems: Problems,
  look: (entries: Entries) => Promise<void>,
): Promise<void> {
  for (let start = from; start < to && !problems.full(); start += PAGE) {
    const rows = await readEntries(reader, start, Math.min(to, start + PAGE));
    await nextTurn();
    await look(rows.flatMap(({ entry, index }) => toCompared(entry).map((parsed) => ({ entry: parsed, index }))));
  }
}

/** The entry when it has a row; one that cannot be read is found by verifying the ledger itself. */
function toCompared(text: string): LedgerEntry[] {
  try {
    const value: unknown = JSON.parse(text);
    const type: unknown = typeof value === "object" && value !== null ? Reflect.get(value, "type") : null;
    const parsed = typeof type === "string" && COMPARED.has(type) ? LedgerEntry.safeParse(value) : null;
    return parsed?.success === true ? [parsed.data] : [];
  } catch {
    return [];
  }
}

async function rowsOf(db: Db, entries: Entries): Promise<Rows> {
  const attempts = entries.flatMap(({ entry }) =>
    entry.type === "attempt_intent" || entry.type === "attempt_refused" ? [entry.attempt] : [],
  );
  const escalations = entries.flatMap(({ entry }) => (entry.type === "escalation_opened" ? [entry.escalation] : []));
  const asked =
    escalations.length === 0
      ? []
      : await db.selectFrom("escalation_attempts").selectAll().where("escalation_id", "in", escalations).execute();
  return {
    attempts: attempts.length === 0 ? new Map() : await readAttempts(db, attempts),
    escalations: new Map(asked.map((row) => [row.escalation_id, row])),
  };
}

/** An attempt and its permit come from one statement: between two, the permit may be redeemed. */
async function readAttempts(db: Db, ids: readonly string[]): Promise<Rows["attempts"]> {
  const rows = await db
    .selectFrom("self_heal_attempts as a")
    .leftJoin("permit as p", (join) =>
      join.onRef("p.project_id", "=", "a.project_id").onRef("p.attempt_id", "=", "a.attempt_id"),
    )
    .selectAll("a")
    .select([
      "p.permit_id as p_permit_id",
      "p.action as p_action",
      "p.target as p_target",
      "p.args as p_args",
      "p.args_sha256 as p_args_sha256",
      "p.fence as p_fence",
      "p.not_before as p_not_before",
      "p.expires_at as p_expires_at",
      "p.redeemed_at as p_redeemed_at",
    ])
    .where("a.attempt_id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.attempt_id, { row: row satisfies AttemptRow, permit: permitOf(row) }]));
}

type Joined = {
  readonly [K in "permit_id" | "action" | "target" | "args" | "args_sha256" as `p_${K}`]: string | null;
} & {
  readonly [K in "fence" | "not_before" | "expires_at" | "redeemed_at" as `p_${K}`]: number | null;
};

const permitOf = (row: Joined) =>
  row.p_permit_id === null
    ? null
    : {
        action: row.p_action,
        target: row.p_target,
        args: row.p_args,
        args_sha256: row.p_args_sha256,
        fence: row.p_fence,
        not_before: row.p_not_before,
        expires_at: row.p_expires_at,
        redeemed_at: row.p_redeemed_at,
      };
