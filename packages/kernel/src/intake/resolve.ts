import { sql } from "kysely";
import { nameOfKey, type NewKey } from "../grouping/finder.ts";
import type { NewId } from "../ids.ts";
import { batch } from "../store/dialect.ts";
import type { Tx } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { keyOf, type Incoming } from "./fold.ts";

export interface Resolved {
  /** Fault by the name of a fingerprint. */
  readonly faultIds: ReadonlyMap<string, string>;
  readonly added: readonly NewKey[];
}

/**
 * Every fingerprint belongs to one fault. A known one decides by itself; an unknown one joins the
 * fault that knew it under an earlier version, or the one whose frames are close enough, or opens
 * its own.
 */
export async function resolveFaults(tx: Tx, events: readonly Incoming[], newId: NewId): Promise<Resolved> {
  const met = new Map(events.map((event) => [keyOf(event), event]));
  const names = [...met.keys()].toSorted();
  const faultIds = await lookUp(tx, [...met.values()]);
  const added: NewKey[] = [];
  for (const name of names) {
    const event = met.get(name);
    if (!event || faultIds.has(name)) continue;
    const { faultId, how, detail } = await choose(tx, event, newId);
    const { strict, parts } = event.fingerprints;
    const row: Tables["fault_key"] = {
      project_id: event.projectId,
      fingerprint: strict,
      fault_id: faultId,
      seen: 0,
      how,
      detail: JSON.stringify(detail),
      parts: JSON.stringify(parts),
      trace: event.trace === null ? null : JSON.stringify(event.trace),
    };
    const mine = await tx.db
      .insertInto("fault_key")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .returning("fault_id")
      .executeTakeFirst();
    // Another server may have been faster; then its fault is the one.
    const fault = mine?.fault_id ?? (await lookUp(tx, [event])).get(name) ?? faultId;
    faultIds.set(name, fault);
    if (mine)
      added.push({
        projectId: event.projectId,
        fingerprint: strict,
        faultId: fault,
        trace: event.trace,
        isFirst: how === "first",
      });
  }
  return { faultIds, added };
}

async function lookUp(tx: Tx, events: readonly Incoming[]): Promise<Map<string, string>> {
  const rows = events.map((event) => [event.projectId, event.fingerprints.strict]);
  const found = await sql<{ project_id: string; fingerprint: string; fault_id: string }>`
    select k.project_id, k.fingerprint, k.fault_id from fault_key k
    join ${batch(tx.kind, { project_id: "text", fingerprint: "text" }, rows)} as given
      on given.project_id = k.project_id and given.fingerprint = k.fingerprint
    order by k.project_id, k.fingerprint`.execute(tx.db);
  return new Map(found.rows.map((row) => [nameOfKey(row.project_id, row.fingerprint), row.fault_id]));
}

async function choose(
  tx: Tx,
  { projectId, lead }: Incoming,
  newId: NewId,
): Promise<{ faultId: string; how: Tables["fault_key"]["how"]; detail: readonly string[] }> {
  if (lead && lead.earlier.length > 0) {
    const earlier = await tx.db
      .selectFrom("fault_key")
      .select("fault_id")
      .where("project_id", "=", projectId)
      .where("fingerprint", "in", lead.earlier)
      .orderBy("fingerprint")
      .executeTakeFirst();
    if (earlier) return { faultId: earlier.fault_id, how: "earlier", detail: [] };
  }
  if (lead?.similar) {
    // It may have been erased since it was compared.
    const { faultId, detail } = lead.similar;
    const there = await tx.db
      .selectFrom("fault_key")
      .select("fault_id")
      .where("project_id", "=", projectId)
      .where("fault_id", "=", faultId)
      .executeTakeFirst();
    if (there) return { faultId, how: "similar", detail };
  }
  return { faultId: newId(), how: "first", detail: [] };
}
