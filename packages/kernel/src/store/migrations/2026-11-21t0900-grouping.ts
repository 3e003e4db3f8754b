import { sql, type Kysely } from "kysely";

/** Merged faults, why a fingerprint leads to a fault, and people's own grouping rules. */
export async function up<DB>(db: Kysely<DB>): Promise<void> {
  const statements = [
    sql`alter table fault add column merged_into text`,
    sql`alter table fault add column merged_count bigint not null default 0`,
    sql`create index fault_by_merge on fault (merged_into)`,
    sql`alter table fault_key add column how text not null default 'first'`,
    sql`alter table fault_key add column detail text not null default '[]'`,
    sql`alter table fault_key add column parts text not null default '[]'`,
    sql`alter table fault_key add column trace text`,
    sql`create index fault_key_by_fault on fault_key (project_id, fault_id)`,
    sql`create table grouping_rule (project_id text not null, rule_id text not null, condition text not null, group_as text not null, created_at bigint not null,
      primary key (project_id, rule_id))`,
  ];
  for (const statement of statements) await statement.execute(db);
}
