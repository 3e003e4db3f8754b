import { insertions, type Cell, type ColumnType } from "./dialect.ts";
import type { Tx } from "./engine.ts";
import { carryOut } from "./rows.ts";

/** Adds rows to a table; none of them may stand there already. The unit ends when they are written. */
export function insertRows(
  tx: Tx,
  table: string,
  columns: Readonly<Record<string, ColumnType>>,
  cells: readonly (readonly Cell[])[],
): void {
  if (cells.length === 0) return;
  for (const { text, values } of insertions(tx.kind, table, columns, cells)) tx.later(carryOut(tx.db, text, values));
}
