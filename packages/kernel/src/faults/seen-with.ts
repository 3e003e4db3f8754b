import { sql } from "kysely";
import { z } from "zod";
import type { Facet } from "../search/facets.ts";
import { MOST_USERS } from "../search/facets.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

type Queued = Pick<
  Tables["digest_queue"],
  "project_id" | "fault_id" | "release" | "environment" | "source" | "target" | "users"
>;

const Users = z.array(z.string());

/** What the events of a digest say that faults were seen with. */
export function facetsOf(queued: readonly Queued[]): Facet[] {
  return queued.flatMap((row) => {
    const { release, environment, source, target } = row;
    const of = { projectId: row.project_id, faultId: row.fault_id };
    const values = Object.entries({ release, environment, source, target }).filter(([, value]) => value !== "");
    const users = row.users === "" ? [] : Users.parse(JSON.parse(row.users));
    return [
      ...values.map(([name, value]) => ({ ...of, name, value })),
      ...users.map((value) => ({ ...of, name: "user", value })),
    ];
  });
}

/** Counts the different users of faults that new ones came to; a fault that others were merged into counts theirs too. */
export async function countUsers(tx: Tx, added: readonly Facet[], rootOf: ReadonlyMap<string, string>): Promise<void> {
  const roots = new Map<string, string>();
  for (const { projectId, faultId, name } of added)
    if (name === "user") roots.set(faultId, projectId).set(rootOf.get(faultId) ?? faultId, projectId);
  for (const [faultId, projectId] of [...roots].toSorted()) await recountUsers(tx, projectId, faultId);
}

export async function recountUsers(tx: Tx, projectId: string, faultId: string): Promise<void> {
  await sql`update fault set users = (
      select count(*) from (select distinct value from fault_facet where project_id = ${projectId} and name = 'user'
        and fault_id in (select fault_id from fault where project_id = ${projectId} and (fault_id = ${faultId} or merged_into = ${faultId})) limit ${MOST_USERS}) as met)
    where project_id = ${projectId} and fault_id = ${faultId}`.execute(tx.db);
}
