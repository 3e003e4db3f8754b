import { expect, describe, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { aboutFault } from "./about.ts";
import { readFault } from "./detail.ts";

const frame = (name: string, isOwn: boolean) => ({
  function: name,
  module: null,
  filename: `/srv/${name}.js`,
  line: 3,
  column: null,
  in_app: isOwn,
  context_line: null,
  pre_context: [],
  post_context: [],
});

describe.each(ENGINES)("what whoever mends a fault is told, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("is its stack with its own frames first, the cause after, and the release before", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const error = (type: string, value: string) => ({ type, value, module: null, handled: false, mechanism: null });
    await kernel.report("default", [anEvent({ release: "shop@1", message: "older", errors: [] })]);
    await kernel.settle();
    clock.advance(60_000);
    await kernel.report("default", [
      anEvent({
        release: "shop@2",
        errors: [
          { ...error("IOError", "no disk"), frames: [frame("read", true)] },
          { ...error("SaveFailed", "not saved"), frames: [frame("save", true), frame("library", false)] },
        ],
      }),
    ]);
    await kernel.settle();
    const db = store.engine.reader;
    const faults = await db.selectFrom("fault").selectAll().where("title", "like", "%SaveFailed%").execute();
    expect(faults).toHaveLength(1);
    const about = await aboutFault(db, await readFault(db, faults[0]?.fault_id ?? ""));
    expect(about.stack?.split("\n")).toEqual([
      "SaveFailed: not saved",
      "  * save (/srv/save.js:3)",
      "    library (/srv/library.js:3)",
      "caused by IOError: no disk",
      "  * read (/srv/read.js:3)",
    ]);
    expect(about).toMatchObject({ tried: null, previous_release: "shop@1" });
  });
});
