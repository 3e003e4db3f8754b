import { sql } from "kysely";
import { batch } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";

/** One value that a fault was seen with: `release` `shop@1.4.0`, `user` `42`, `tag.browser` `Firefox`. */
export interface Facet {
  readonly projectId: string;
  readonly faultId: string;
  readonly name: string;
  readonly value: string;
}

/** Different users of one fault that are counted; a failure that everybody meets needs no longer list. */
export const MOST_USERS = 1_000;
const TAG = "tag.";
export const tagFacet = (key: string): string => `${TAG}${key}`;

const COLUMNS = { project_id: "text", fault_id: "text", name: "text", value: "text" } as const;

/** Writes facets that may stand already. */
export async function addFacets(tx: Tx, facets: readonly Facet[]): Promise<void> {
  if (facets.length === 0) return;
  const cells = [...new Map(facets.map((facet) => [nameOf(facet), facet]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { projectId, faultId, name, value }]) => [projectId, faultId, name, value]);
  await sql`insert into fault_facet (project_id, fault_id, name, value)
    select project_id, fault_id, name, value from ${batch(tx.kind, COLUMNS, cells)} as given where true on conflict do nothing`.execute(
    tx.db,
  );
}

export const nameOf = ({ projectId, faultId, name, value }: Facet): string =>
  [projectId, faultId, name, value].join("\u0000");

/** Tags and servers are those of the kept bodies, and go with them. */
export async function replaceBodyFacets(
  tx: Tx,
  { projectId, faultId }: Pick<Facet, "projectId" | "faultId">,
  facets: readonly Facet[],
): Promise<void> {
  await sql`delete from fault_facet where project_id = ${projectId} and fault_id = ${faultId}
    and (name = 'server' or (name >= ${TAG} and name < 'tag/'))`.execute(tx.db);
  await addFacets(tx, facets);
}

/** Takes everything away by which a fault is found. */
export async function forgetFault(tx: Tx, { projectId, faultId }: Pick<Facet, "projectId" | "faultId">): Promise<void> {
  for (const table of ["fault_facet", "search_due", "fault_document"] as const)
    await tx.db.deleteFrom(table).where("project_id", "=", projectId).where("fault_id", "=", faultId).execute();
  // What was never filed leads nowhere; of the rest the row is the record of it.
  await tx.db
    .deleteFrom("promotion")
    .where("project_id", "=", projectId)
    .where("fault_id", "=", faultId)
    .where("private_filing", "is", null)
    .execute();
}

/**
 * Facets that this process has written, so that a storm of known ones costs no statement. Only what is
 * committed is remembered; forgetting costs one more statement.
 */
export function createKnownFacets(most = 50_000) {
  const known = new Set<string>();
  return {
    unknown: (facets: readonly Facet[]): Facet[] => facets.filter((facet) => !known.has(nameOf(facet))),
    committed(facets: readonly Facet[]): void {
      if (known.size + facets.length > most) known.clear();
      for (const facet of facets) known.add(nameOf(facet));
    },
  };
}

export type KnownFacets = ReturnType<typeof createKnownFacets>;
