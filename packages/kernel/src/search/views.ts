import { FaultFilter, PrunellaError, type View } from "@prunella/contract";
import { scrubLabel } from "@prunella/scrub";
import type { Core } from "../core.ts";
import type { Tables } from "../store/tables.ts";
import { askedBy } from "./filter.ts";

/** More names than these nobody finds again. */
const MOST = 200;

/** Searches that people gave a name, for all of them. */
export const createViews = ({ db, writer, clock, newId }: Pick<Core, "db" | "writer" | "clock" | "newId">) => ({
  async list(): Promise<View[]> {
    const rows = await db.selectFrom("saved_view").selectAll().orderBy("name").execute();
    return rows.map(toView);
  },
  async add(given: { readonly name: string; readonly filter: FaultFilter }): Promise<View> {
    // What could not be carried out would be refused whenever it is opened.
    askedBy(given.filter);
    const row: Tables["saved_view"] = {
      view_id: newId(),
      // A person wrote it, and it is kept: as everything else, without secrets.
      name: scrubLabel(given.name, 60).value,
      filter: JSON.stringify(scrubbed(given.filter)),
      created_at: clock.now(),
    };
    return writer.run(async ({ db: tx }) => {
      const { count } = await tx
        .selectFrom("saved_view")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST)
        throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `There are ${MOST} views; remove one first.` });
      const kept = await tx
        .insertInto("saved_view")
        .values(row)
        .onConflict((conflict) => conflict.column("name").doUpdateSet({ filter: row.filter }))
        .returningAll()
        .executeTakeFirstOrThrow();
      return toView(kept);
    });
  },
  async remove(id: string): Promise<void> {
    const gone = await writer.run(({ db: tx }) =>
      tx.deleteFrom("saved_view").where("view_id", "=", id).returning("view_id").executeTakeFirst(),
    );
    if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such view." });
  },
});

function scrubbed(filter: FaultFilter): FaultFilter {
  return filter.q === undefined ? filter : { ...filter, q: scrubLabel(filter.q, 1_000).value };
}

const toView = (row: Tables["saved_view"]): View => ({
  id: row.view_id,
  name: row.name,
  filter: FaultFilter.parse(JSON.parse(row.filter)),
  created_at: row.created_at,
});
