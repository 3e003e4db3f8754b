import type { Engine } from "../store/engine.ts";

/** Whether anything of a fault came from somebody who is known: of the rest anybody with the public key could be the author. */
export async function hasBelievable(
  db: Engine["reader"],
  fault: { readonly project_id: string; readonly fault_id: string },
): Promise<boolean> {
  const row = await db
    .selectFrom("delta")
    .select("trust")
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", fault.fault_id)
    .where("trust", "<>", "public")
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
