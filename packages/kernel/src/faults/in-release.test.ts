import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";

const HOUR = 3_600_000;
const apart = (type: string) => [{ type, value: null, module: null, handled: null, mechanism: null, frames: [] }];

describe.each(ENGINES)("what a fault's page asks beside it, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("releases come newest first, seen or announced, with what each brought and nothing of merged faults", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const happen = async (type: string, release: string) => {
      clock.advance(HOUR);
      await kernel.report("default", [anEvent({ release, at: clock.now(), errors: apart(type) })]);
      await kernel.settle();
    };
    await happen("Apples", "shop@1");
    await happen("Pears", "shop@2");
    await happen("Plums", "shop@2");
    clock.advance(HOUR);
    await kernel.releases.deploy({
      projectId: "default",
      version: "shop@3",
      deploy: { environment: "production", name: null, url: null, date_started: null, date_finished: null },
    });
    const { faults } = await kernel.faults.list({ status: "all", limit: 10 });
    const idOf = (title: string) => faults.find((fault) => fault.title.startsWith(title))?.id ?? "";
    await kernel.faults.merge(idOf("Pears"), idOf("Plums"));
    await kernel.faults.triage(idOf("Apples"), { action: "resolve" });
    await happen("Apples", "shop@2");
    const releases = await kernel.faults.releases("default", 50);
    expect(
      releases.map((each) => [each.version, each.events, each.new_faults, each.regressed_faults, each.deployed_to]),
    ).toEqual([
      ["shop@3", 0, 0, 0, ["production"]],
      ["shop@2", 3, 1, 1, []],
      ["shop@1", 1, 1, 0, []],
    ]);
    expect(await kernel.faults.releases("other", 50)).toEqual([]);
    expect((await kernel.faults.releases(undefined, 1)).map(({ version }) => version)).toEqual(["shop@3"]);
    const detail = await kernel.faults.release("default", "shop@2");
    expect([detail.before, detail.new_faults.map(({ id }) => id), detail.regressed_faults.map(({ id }) => id)]).toEqual(
      ["shop@1", [idOf("Pears")], [idOf("Apples")]],
    );
    expect((await kernel.faults.release("default", "shop@1")).before).toBe(null);
    await expect(kernel.faults.release("default", "shop@9")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
  });

  test("of a project the thousand releases that were seen last are known", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const send = async (from: number, to: number) => {
      clock.advance(1_000);
      const events = Array.from({ length: to - from }, (_, at) =>
        anEvent({ release: `r${from + at}`, at: clock.now() }),
      );
      for (let at = 0; at < events.length; at += 250) await kernel.report("default", events.slice(at, at + 250));
      await kernel.settle();
    };
    await send(0, 3);
    await send(3, 1_003);
    const rows = await store.engine.reader.selectFrom("release_seen").select("version").execute();
    expect(rows).toHaveLength(1_000);
    expect(rows.filter(({ version }) => ["r0", "r1", "r2"].includes(version))).toEqual([]);
  });

  test("a trend counts by its step, the one that is under way last, and sums to what came in", async () => {
    await using store = await open();
    const clock = testClock(Date.UTC(2026, 10, 21, 8, 30, 30));
    await using kernel = await openKernel(store.engine, clock);
    for (const minutes of [0, 20, 20, 90]) {
      clock.advance(minutes * 60_000);
      await kernel.report("default", [anEvent({ at: clock.now() })]);
      await kernel.settle();
    }
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    const at = (hour: number, minute: number) => Date.UTC(2026, 10, 21, hour, minute);
    expect(await kernel.faults.trend(id, "1h")).toEqual({ step_ms: 60_000, counts: [[at(10, 40), 1]] });
    expect(await kernel.faults.trend(id, "24h")).toEqual({
      step_ms: 900_000,
      counts: [
        [at(8, 30), 1],
        [at(8, 45), 1],
        [at(9, 0), 1],
        [at(10, 30), 1],
      ],
    });
    expect(await kernel.faults.trend(id, "30d")).toEqual({ step_ms: 86_400_000, counts: [[at(0, 0), 4]] });
    expect((await kernel.faults.detail(id)).trend).toEqual((await kernel.faults.trend(id, "7d")).counts);
  });

  test("users are those whom kept bodies name, scrubbed, and bodies that name nobody are said", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    for (const user of [{ id: "u-1" }, { id: 42 }, { id: "u-1" }, { email: "mia@shop.example" }, {}, "nobody"]) {
      clock.advance(1_000);
      await kernel.report("default", [anEvent({ at: clock.now(), context: { user } })]);
      await kernel.settle();
    }
    const id = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0]?.id ?? "";
    const said = await kernel.faults.users(id);
    expect(said).toMatchObject({ bodies: 6, naming: 4 });
    expect(said.users.map(({ user, events }) => [user, events])).toEqual([
      [expect.stringContaining("[REDACTED:"), 1],
      ["u-1", 2],
      ["42", 1],
    ]);
    expect(JSON.stringify(said)).not.toContain("mia@");
  });
});
