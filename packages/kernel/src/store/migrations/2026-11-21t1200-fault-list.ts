import { sql, type Kysely } from "kysely";

/** A page of faults is read along an index, however many there are; merged ones are few and stand apart. */
export async function up<DB>(db: Kysely<DB>): Promise<void> {
  const statements = [
    sql`drop index fault_by_merge`,
    sql`create index fault_by_merge on fault (merged_into) where merged_into is not null`,
    sql`create index fault_listed on fault (last_seen, fault_id) where merged_into is null`,
    sql`create index fault_by_status on fault (project_id, status) where merged_into is null`,
  ];
  for (const statement of statements) await statement.execute(db);
}
