import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";

type Attempt = Pick<Tables["self_heal_attempts"], "attempt_id" | "verification" | "verified_at">;

/** Who tells of a failure may be a moment ahead of the supervisor that sees the program end. */
const APART_MS = 1_000;

/**
 * Whether a fault was there again when an attempt turned out to be ineffective. A target fails in more ways
 * than one: what came back is then another fault, and this one's remedy may have helped.
 */
export const cameBack = (lastSeen: number, { verification, verified_at: at }: Attempt): boolean =>
  verification === "ineffective" && at !== null && lastSeen >= at - APART_MS;

/** The same of attempts of long ago, by what was counted about the moment that each of them failed at. */
export async function allThatCameBack(
  db: Engine["reader"],
  group: { readonly projectId: string; readonly ids: readonly string[] },
  attempts: readonly Attempt[],
): Promise<string[]> {
  const failed = attempts.flatMap(({ attempt_id: id, verification, verified_at: at }) =>
    verification === "ineffective" && at !== null ? [{ id, second: Math.floor(at / 1000) }] : [],
  );
  if (failed.length === 0) return [];
  const about = [...new Set(failed.flatMap(({ second }) => [second - 1, second, second + 1]))];
  const seen = await db
    .selectFrom("delta")
    .select("second")
    .distinct()
    .where("project_id", "=", group.projectId)
    .where("fault_id", "in", group.ids)
    .where("second", "in", about)
    .execute();
  const seconds = new Set(seen.map(({ second }) => second));
  return failed.filter(({ second }) => [-1, 0, 1].some((by) => seconds.has(second + by))).map(({ id }) => id);
}
