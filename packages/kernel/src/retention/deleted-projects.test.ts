import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../actors.ts";
import { createWriter } from "../store/writer.ts";
import { deletedProjects, GOES, STAYS } from "./deleted-projects.ts";
import { countedAnew, DAY_MS, untilDone } from "./retention-fixture.ts";

const by = OPERATOR;

describe.each(ENGINES)("a deleted project on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("goes in bounded steps once its day is over, with all that is its own, and nothing of another", async () => {
    await using store = await open();
    const { engine } = store;
    const clock = testClock();
    // What it leaves is tidied by hand: the kernel itself, once a minute, would take some of the steps.
    {
      await using kernel = await openKernel(engine, clock);
      await kernel.projects.add({ id: "shop", title: "Shop", by });
      for (const project of ["default", "shop"])
        for (let n = 0; n < 30; n += 1)
          await kernel.report(project, [anEvent({ release: `shop@1.0.${n}`, at: clock.now() })]);
      await kernel.settle();
      await kernel.projects.addKey({ project: "shop", by });
      await kernel.retention.set({ project: "shop", change: { bodies_ms: DAY_MS }, reset: [], by });
      await kernel.projects.delete({ project: "shop", confirm: "shop", by });
    }
    const writer = createWriter(engine);
    const step = deletedProjects(5);

    expect(await untilDone(writer, step, clock.now())).toBe(1);
    expect(await countedAnew(engine, "shop")).toBeGreaterThan(0);

    clock.advance(DAY_MS);
    const others = await countedAnew(engine, "default");
    expect(await untilDone(writer, step, clock.now())).toBeGreaterThan(10);
    for (const table of Object.keys(GOES)) {
      const { rows } = await sql`select project_id from ${sql.table(table)} where project_id = 'shop'`.execute(
        engine.reader,
      );
      expect([table, rows.length]).toEqual([table, 0]);
    }
    expect(await countedAnew(engine, "default")).toBe(others);
    const tomb = await engine.reader.selectFrom("project").selectAll().where("project_id", "=", "shop").execute();
    expect(tomb).toMatchObject([{ title: "shop", public_key: "" }]);
    const said = await engine.reader.selectFrom("ledger").select("entry").orderBy("idx", "desc").limit(1).execute();
    expect(said[0]?.entry).toContain('"change":"deleted"');
    // Once over it stays over.
    expect(await untilDone(writer, step, clock.now())).toBe(1);
    await writer.close();
  });

  test("has each of its tables on one of the two lists", async () => {
    await using store = await open();
    const tables = await store.engine.reader.introspection.getTables();
    const own = tables
      .filter(({ columns }) => columns.some(({ name }) => name === "project_id"))
      .map(({ name }) => name);
    expect(own.length).toBeGreaterThan(15);
    expect(own.toSorted()).toEqual([...Object.keys(GOES), ...STAYS].toSorted());
  });
});
