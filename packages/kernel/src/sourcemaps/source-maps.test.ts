import type { Event } from "@prunella/contract";
import { NewSourceMap } from "@prunella/contract/operations";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import type { Kernel } from "../kernel.ts";
import { aFrame, aMap, anError } from "./source-map-fixture.ts";

const DEBUG_ID = "5f2c1b9a-8e6d-4c3b-a2f1-0d9e8c7b6a54";
const given = (each: object = {}) => NewSourceMap.parse({ map: aMap(), ...each });
/** The file of the crash frame as it was kept. */
async function fileOf(kernel: Kernel, event: Partial<Event> = {}): Promise<string | null | undefined> {
  const sent = anEvent({ errors: [anError(aFrame())], ...event });
  await kernel.report("default", [sent]);
  await kernel.settle();
  const { faults } = await kernel.faults.list({ status: "all", limit: 50 });
  for (const { id } of faults) {
    const sample = await kernel.faults.sample(id, sent.id).catch(() => null);
    if (sample) return sample.event.errors[0]?.frames[0]?.filename;
  }
  return undefined;
}
const named = (debug_id: string, code_file = aFrame().filename): Partial<Event> => ({
  context: { debug_images: [{ code_file, debug_id }] },
});

describe.each(ENGINES)("source maps on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("are found by debug id, also after a restart, and no longer once removed", async () => {
    await using store = await open();
    {
      await using kernel = await openKernel(store.engine);
      expect(await fileOf(kernel, named(DEBUG_ID))).toBe(aFrame().filename);
      const added = await kernel.sourceMaps.add(given({ debug_id: DEBUG_ID.toUpperCase() }));
      expect(await kernel.sourceMaps.list("default")).toEqual([added]);
      expect(await fileOf(kernel, named(DEBUG_ID))).toBe("src/pay.ts");
    }
    await using kernel = await openKernel(store.engine);
    expect(await fileOf(kernel, named(DEBUG_ID, "/assets/app.js"))).toBe("src/pay.ts");
    expect(await fileOf(kernel, named(DEBUG_ID, "/assets/other.js"))).toBe(aFrame().filename);
    const [row] = await kernel.sourceMaps.list();
    await kernel.sourceMaps.remove(row?.id ?? "");
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe(aFrame().filename);
    await expect(kernel.sourceMaps.remove(row?.id ?? "")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("are found by release and file: the whole path first, then its end, then a name that only one has", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const add = (file: string, source: string) =>
      kernel.sourceMaps.add(given({ release: "shop@1.0.0", file, map: aMap({ sources: [source] }) }));
    await add("~/assets/app.js", "exact.ts");
    await add("app.js", "end.ts");
    await add("~/deep/only.js", "name.ts");
    const file = (filename: string, release = "shop@1.0.0") =>
      fileOf(kernel, { release, errors: [anError(aFrame({ filename }))] });
    expect(await file("https://shop.example.org/assets/app.js?v=2")).toBe("exact.ts");
    expect(await file("/srv/shop/app.js")).toBe("end.ts");
    expect(await file("/srv/shop/only.js")).toBe("name.ts");
    expect(await file("/srv/shop/none.js")).toBe("/srv/shop/none.js");
    expect(await file("/srv/shop/app.js", "shop@2.0.0")).toBe("/srv/shop/app.js");
  });

  test("are replaced by a later upload of the same build", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.sourceMaps.add(given({ debug_id: DEBUG_ID }));
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe("src/pay.ts");
    await kernel.sourceMaps.add(given({ debug_id: DEBUG_ID, map: aMap({ sources: ["again.ts"] }) }));
    await kernel.sourceMaps.add(given({ release: "a", file: "b" }));
    await kernel.sourceMaps.add(given({ release: "a", file: "b" }));
    expect(await kernel.sourceMaps.list()).toHaveLength(2);
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe("again.ts");
  });

  test("make one fault of two builds that minified differently", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const lines = (column: number): Parameters<typeof aMap>[1] => [[[column, 0, 1, 16, 1]]];
    for (const [release, column] of [
      ["1", 7],
      ["2", 900],
    ] as const) {
      await kernel.sourceMaps.add(given({ release, file: "~/assets/app.js", map: aMap({}, lines(column)) }));
      const frame = aFrame({ function: "abcdefgh".slice(column % 7), column: column + 1 });
      await fileOf(kernel, { release, errors: [anError(frame)] });
    }
    expect((await kernel.faults.list({ status: "all", limit: 50 })).faults.map((fault) => fault.count)).toEqual([2]);
  });

  test("hold nothing that was not scrubbed, in any column", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const token = "ghp_" + "aB3".repeat(12);
    const map = {
      ...aMap({ sourcesContent: [`f("${token}")`], names: [token], sources: [`${token}.ts`] }),
      note: token,
    };
    await kernel.sourceMaps.add(given({ release: token, file: `/a/${token}.js`, map }));
    const rows = await sql`select * from source_map`.execute(store.engine.reader);
    expect(rows.rows).toHaveLength(1);
    expect(JSON.stringify(rows.rows)).not.toContain(token.slice(0, 12));
  });

  test("refuse what nothing could find, an unknown project, and more than 500", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await expect(kernel.sourceMaps.add(given())).rejects.toMatchObject({ code: "PRUNELLA_REQUEST_INVALID" });
    await expect(kernel.sourceMaps.add(given({ release: "a" }))).rejects.toMatchObject({
      code: "PRUNELLA_REQUEST_INVALID",
    });
    await expect(kernel.sourceMaps.add(given({ project: "none", debug_id: DEBUG_ID }))).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
    });
    for (let at = 0; at < 500; at += 1)
      await sql`insert into source_map (project_id, map_id, debug_id, release, file, map, bytes, created_at)
        values ('default', ${`m${at}`}, '', 'old', ${`f${at}`}, '{}', 2, 1)`.execute(store.engine.writer);
    await expect(kernel.sourceMaps.add(given({ debug_id: DEBUG_ID }))).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
      detail: expect.stringContaining("release old"),
    });
  });

  test("cost an event nothing but its names when one cannot be read", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.sourceMaps.add(given({ debug_id: DEBUG_ID }));
    await sql`update source_map set map = 'broken'`.execute(store.engine.writer);
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe(aFrame().filename);
  });

  test("are read at most 120 times a minute, whatever events name", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await kernel.sourceMaps.add(given({ debug_id: DEBUG_ID }));
    const [row] = await kernel.sourceMaps.list();
    // A map that is gone is looked for each time, as one that the cache let go.
    const map = await sql<{ map: string }>`select map from source_map`.execute(store.engine.reader);
    await sql`delete from source_map`.execute(store.engine.writer);
    for (let at = 0; at < 120; at += 1)
      await kernel.report("default", [anEvent({ errors: [anError(aFrame())], ...named(DEBUG_ID) })]);
    await sql`insert into source_map (project_id, map_id, debug_id, release, file, map, bytes, created_at)
      values ('default', ${row?.id ?? ""}, ${row?.debug_id ?? ""}, '', '', ${map.rows[0]?.map ?? ""}, 2, 1)`.execute(
      store.engine.writer,
    );
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe(aFrame().filename);
    clock.advance(60_000);
    expect(await fileOf(kernel, named(DEBUG_ID))).toBe("src/pay.ts");
  });
});
