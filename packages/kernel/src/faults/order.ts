import { PrunellaError, type FaultSort } from "@prunella/contract";
import { sql, type RawBuilder } from "kysely";
import type { Tables } from "../store/tables.ts";

type Row = Tables["fault"];

/** Each has an index of its own. */
const ORDERS: Readonly<Record<FaultSort, { readonly by: RawBuilder<number>; readonly of: (row: Row) => number }>> = {
  last_seen: { by: sql`last_seen`, of: (row) => row.last_seen },
  first_seen: { by: sql`first_seen`, of: (row) => row.first_seen },
  count: { by: sql`(count + merged_count)`, of: (row) => row.count + row.merged_count },
  trend: { by: sql`trend`, of: (row) => row.trend },
  users: { by: sql`users`, of: (row) => row.users },
};

export const orderOf = (sort: FaultSort): RawBuilder<number> => ORDERS[sort].by;

/** Where the page after this row begins; it says of which order, because in another it would mean something else. */
export const cursorAfter = (row: Row, sort: FaultSort): string => `${sort}:${ORDERS[sort].of(row)}:${row.fault_id}`;

const CURSOR = /^([a-z_]{1,20}):(-?\d{1,16}(?:\.\d{1,20})?):([0-9a-f-]{36})$/;

export function parseCursor(cursor: string, sort: FaultSort): { value: number; id: string } {
  const [, of, value, id] = CURSOR.exec(cursor) ?? [];
  if (value === undefined || id === undefined)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "cursor is not one that this list gave out." });
  if (of !== sort)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `cursor belongs to a list in another order than ${sort}.`,
      hint: "Begin again without it.",
    });
  return { value: Number(value), id };
}
