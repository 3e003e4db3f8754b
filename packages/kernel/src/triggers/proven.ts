import type { Proven } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** When a drill last proved a trigger; null: none has. */
export async function lastProven(
  db: Engine["reader"],
  { project_id: projectId, id }: { readonly project_id: string; readonly id: string },
): Promise<Proven | null> {
  const [found] = await rows<Proven>(db)`select at, trigger_version as version from drill_run
    where project_id = ${projectId} and trigger_id = ${id} and proves = 1 order by at desc limit 1`;
  return found ?? null;
}
