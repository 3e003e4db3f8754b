import type { Engine } from "../store/engine.ts";
import { sql } from "kysely";

/** A program's own SDK and its supervisor tell of one crash within this, as far as seconds can say. */
const APART_S = 1;
/** Seconds with a crash that are looked at; older ones are counted as they came. */
const MOST_SECONDS = 2_000;

interface Second {
  readonly second: number;
  readonly count: number;
}

/**
 * How many events of a fault tell of a crash that the supervisor told of too. The program's own words come
 * a moment before the supervisor sees it end; each event is paired once.
 */
export function toldTwice(crashes: readonly Second[], others: readonly Second[]): number {
  const left = new Map<number, number>();
  for (const { second, count } of others) left.set(second, (left.get(second) ?? 0) + count);
  let twice = 0;
  for (const crash of crashes.toSorted((one, other) => one.second - other.second)) {
    let open = crash.count;
    for (let second = crash.second - APART_S; second <= crash.second + APART_S && open > 0; second += 1) {
      const paired = Math.min(open, left.get(second) ?? 0);
      if (paired === 0) continue;
      left.set(second, (left.get(second) ?? 0) - paired);
      open -= paired;
      twice += paired;
    }
  }
  return twice;
}

export async function countToldTwice(
  db: Engine["reader"],
  group: { readonly projectId: string; readonly ids: readonly string[] },
): Promise<number> {
  const bySecond = (isCrash: boolean) =>
    db
      .selectFrom("delta")
      .select(["second", ({ fn }) => fn.sum<number>("count").as("count")])
      .where("project_id", "=", group.projectId)
      .where("fault_id", "in", group.ids)
      .where("source", isCrash ? "=" : "<>", sql.lit("supervisor"))
      .groupBy("second")
      .orderBy("second", "desc");
  const crashes = await bySecond(true).limit(MOST_SECONDS).execute();
  const newest = crashes[0];
  const oldest = crashes.at(-1);
  if (!newest || !oldest) return 0;
  const others = await bySecond(false)
    .where("second", ">=", oldest.second - APART_S)
    .where("second", "<=", newest.second + APART_S)
    .limit(MOST_SECONDS * 4)
    .execute();
  const plain = (rows: typeof crashes): Second[] => rows.map(({ second, count }) => ({ second, count: Number(count) }));
  return toldTwice(plain(crashes), plain(others));
}
