import { sql, type Kysely } from "kysely";

/** Uploaded source maps, scrubbed. An empty text says that the map has no such key. */
export async function up<DB>(db: Kysely<DB>): Promise<void> {
  const statements = [
    sql`create table source_map (project_id text not null, map_id text not null, debug_id text not null, release text not null, file text not null,
      map text not null, bytes bigint not null, created_at bigint not null, primary key (project_id, map_id))`,
  ];
  for (const statement of statements) await statement.execute(db);
}
