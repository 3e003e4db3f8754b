import { sql } from "kysely";
import type { FaultOf } from "../intake/kept.ts";
import { DELTA_KEY, DELTA_SUM } from "../store/columns.ts";
import { batch, larger, smaller } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import { takeDeltas, type Delta, type Span } from "./take.ts";

export const HOUR_S = 3_600;
export const DAY_S = 86_400;

export interface Folded {
  /** Everything before this second is folded. */
  readonly to: number;
  readonly rows: number;
}

/**
 * Folds at most `limit` deltas of a span into those of whole hours or days: the second of a folded one is
 * the first of its hour or day. Counts are added, first and last kept, and everything else that tells one
 * delta from another stays, so whatever is summed over whole hours or days is what it was.
 */
export async function foldDeltas(tx: Tx, of: FaultOf, span: Span, unit: number, limit: number): Promise<Folded> {
  const taken = await takeDeltas(tx, of, span, limit);
  await addDeltas(tx, sumUp(taken, unit));
  if (taken.length < limit) return { to: span.before, rows: taken.length };
  const last = taken.reduce((newest, row) => Math.max(newest, row.second), span.from);
  // Those of the last second may not all have been taken, unless they stood in their place already.
  return { to: last % unit === 0 ? last + 1 : last, rows: taken.length };
}

/**
 * Makes one of at most `limit` deltas of a span, at the beginning of time: how many events there were, of
 * which source and trust, the first and the last of them stay; when the others were, and of which release
 * and environment, is forgotten. Returns how many events that concerns, and how many rows it was.
 */
export async function foldAway(tx: Tx, of: FaultOf, before: number, limit: number) {
  // From the second on: what was folded away already stands at the first.
  const taken = await takeDeltas(tx, of, { from: 1, before }, limit);
  await addDeltas(
    tx,
    sumUp(
      taken.map((row) => ({ ...row, second: 0, release: "", environment: "" })),
      1,
    ),
  );
  return { rows: taken.length, events: taken.reduce((sum, row) => sum + row.count, 0) };
}

function sumUp(rows: readonly Delta[], unit: number): Delta[] {
  const sums = new Map<string, Delta>();
  for (const row of rows) {
    const second = row.second - (row.second % unit);
    const key = [second, row.release, row.environment, row.level, row.source, row.trust, row.target, row.origin].join(
      "\u0000",
    );
    const sum = sums.get(key);
    if (sum) {
      sum.count += row.count;
      sum.first_at = Math.min(sum.first_at, row.first_at);
      sum.last_at = Math.max(sum.last_at, row.last_at);
    } else sums.set(key, { ...row, second });
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

const COLUMNS = { ...DELTA_KEY, ...DELTA_SUM, second: "int" } as const;
const NAMES: readonly (keyof typeof COLUMNS)[] = [
  "project_id",
  "fault_id",
  "release",
  "environment",
  "level",
  "source",
  "trust",
  "target",
  "origin",
  "count",
  "first_at",
  "last_at",
  "second",
];

async function addDeltas(tx: Tx, deltas: readonly Delta[]): Promise<void> {
  if (deltas.length === 0) return;
  const given = batch(
    tx.kind,
    COLUMNS,
    deltas.map((delta) => NAMES.map((name) => delta[name])),
  );
  const names = sql.join(NAMES.map((name) => sql.ref(name)));
  await sql`insert into delta (${names}) select ${names} from ${given} as given where true
    on conflict (project_id, fault_id, second, release, environment, level, source, trust, target, origin) do update set
      count = delta.count + excluded.count,
      first_at = ${smaller(tx.kind, sql`delta.first_at`, sql`excluded.first_at`)},
      last_at = ${larger(tx.kind, sql`delta.last_at`, sql`excluded.last_at`)}`.execute(tx.db);
}
