import { PrunellaError, type AttemptPage } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { toAttempt } from "./row.ts";

/** Attempts, newest first. */
export async function listAttempts(
  db: Engine["reader"],
  given: {
    faultIds?: readonly string[] | undefined;
    project?: string | undefined;
    cursor?: string | undefined;
    limit: number;
    /** Only of these projects; null: of all. */
    sees?: readonly string[] | null;
  },
): Promise<AttemptPage> {
  let query = db.selectFrom("self_heal_attempts").selectAll();
  if (given.faultIds !== undefined) query = query.where("fault_id", "in", given.faultIds);
  if (given.project !== undefined) query = query.where("project_id", "=", given.project);
  if (given.sees) query = query.where("project_id", "in", given.sees);
  if (given.cursor !== undefined) {
    const [, at, id] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(given.cursor) ?? [];
    if (at === undefined || id === undefined)
      throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "cursor is not one that this list gave out." });
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("created_at", "attempt_id"), "<", tuple(Number(at), id)),
    );
  }
  const rows = await query
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .limit(given.limit + 1)
    .execute();
  const shown = rows.slice(0, given.limit);
  const last = shown.at(-1);
  return {
    attempts: shown.map(toAttempt),
    next: rows.length > given.limit && last ? `${last.created_at}.${last.attempt_id}` : null,
  };
}
