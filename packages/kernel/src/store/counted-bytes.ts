import { sql, type RawBuilder } from "kysely";
import type { EngineKind } from "./engine.ts";

/**
 * What a row of a project takes on the disk, about: its texts, and what the engines need for the rest of
 * it. `of` names a column of the row.
 */
const ROW_BYTES: Readonly<Record<string, (of: (column: string) => string) => string>> = {
  event_sample: (of) => `240 + ${of("bytes")} + octet_length(${of("redactions")})`,
  delta: (of) =>
    `180 + octet_length(${of("release")}) + octet_length(${of("environment")}) + 2 * octet_length(${of("target")})`,
  fault: () => "1500",
  fault_key: (of) => `300 + octet_length(${of("parts")}) + coalesce(octet_length(${of("trace")}), 0)`,
  fault_change: (of) => `300 + coalesce(octet_length(${of("text")}), 0)`,
  // The words themselves, and their places in the index.
  fault_document: (of) => `150 + 3 * ${of("bytes")}`,
  source_map: (of) => `300 + ${of("bytes")}`,
};
/** Of these a row may take the place of another; the rest of the columns that count never change. */
const REPLACED: readonly string[] = ["event_sample", "fault_document"];
/** Rows that servers on one database add to, so that one seldom waits for another's commit. */
const SHARDS = 16;

/**
 * Triggers that keep `project_bytes` equal to the sum of `ROW_BYTES`, in the transaction of each change and
 * whoever makes it: a sum that is kept by hand is wrong after the first path that forgets it.
 */
export function countedBytes(kind: EngineKind): RawBuilder<unknown>[] {
  const triggersOf = kind === "sqlite" ? onSqlite : onPostgres;
  return Object.keys(ROW_BYTES).flatMap((table) => triggersOf(table).map((text) => sql.raw(text)));
}

const UPSERT = "on conflict (project_id, shard) do update set bytes = project_bytes.bytes + excluded.bytes";

function onSqlite(table: string): string[] {
  const bytesOf = (row: string): string => `(${ROW_BYTES[table]?.((column) => `${row}.${column}`) ?? "0"})`;
  const trigger = (event: string, row: string, bytes: string): string =>
    `create trigger ${table}_bytes_${event.slice(0, 6)} after ${event} on ${table} begin
      insert into project_bytes (project_id, shard, bytes) values (${row}.project_id, 0, ${bytes}) ${UPSERT}; end`;
  return [
    trigger("insert", "new", bytesOf("new")),
    trigger("delete", "old", `-${bytesOf("old")}`),
    ...(REPLACED.includes(table) ? [trigger("update", "new", `${bytesOf("new")} - ${bytesOf("old")}`)] : []),
  ];
}

/** Once a statement, over all the rows that it changed. */
function onPostgres(table: string): string[] {
  const bytes = ROW_BYTES[table]?.((column) => column) ?? "0";
  const trigger = (event: string, changed: string, referencing: string): string[] => [
    `create function ${table}_bytes_${event}() returns trigger language plpgsql as $$ begin
      insert into project_bytes (project_id, shard, bytes)
      select project_id, pg_backend_pid() % ${SHARDS}, sum(bytes) from (${changed}) as changed group by project_id order by project_id
      ${UPSERT}; return null; end $$`,
    `create trigger ${table}_bytes_${event} after ${event} on ${table} referencing ${referencing} for each statement execute function ${table}_bytes_${event}()`,
  ];
  const added = `select project_id, ${bytes} as bytes from new_rows`;
  const gone = `select project_id, -(${bytes}) as bytes from old_rows`;
  return [
    ...trigger("insert", added, "new table as new_rows"),
    ...trigger("delete", gone, "old table as old_rows"),
    ...(REPLACED.includes(table)
      ? trigger("update", `${added} union all ${gone}`, "new table as new_rows old table as old_rows")
      : []),
  ];
}
