import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import type { TellPlugins } from "./events.ts";
import type { Taken } from "./handing.ts";
import { callOf, install, manifestOf, run, trust } from "./plugin-fixture.ts";

const HOUR = 3_600_000;

describe.each(ENGINES)("what plugins hear of, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(listens: readonly string[] = []) {
    const store = await open();
    const clock = testClock();
    const told: TellPlugins[] = [];
    let answer: () => Promise<Taken> = async () => "taken";
    const start = () =>
      openKernel(store.engine, clock, 5_000, undefined, undefined, {
        tellPlugins: (event) => {
          told.push(event);
          return answer();
        },
      });
    let kernel = await start();
    if (listens.length > 0) {
      const uses = ["github:branch:delete"];
      const manifest = manifestOf({ listens: listens.map((event) => ({ event, uses, reason: "It hears." })) });
      await install(kernel, "one", manifest);
      await expect.poll(() => hears(kernel, store)).toBe(true);
    }
    return {
      clock,
      told,
      types: () => told.map(({ type }) => type),
      get kernel() {
        return kernel;
      },
      answer: (next: () => Promise<Taken>) => void (answer = next),
      waiting: async () =>
        (await store.engine.reader.selectFrom("work").selectAll().where("kind", "=", "plugin_event").execute()).length,
      /** Rows of events that were ever written from here on, also those that are gone again. */
      written: async () => {
        const { writer: db, kind } = store.engine;
        const insert = "insert into event_written values (1)";
        await sql`create table event_written (n integer)`.execute(db);
        const body =
          kind === "sqlite"
            ? `after insert on work when new.kind = 'plugin_event' begin ${insert}; end`
            : "after insert on work for each row when (new.kind = 'plugin_event') execute function event_written()";
        if (kind === "postgres")
          await sql
            .raw(
              `create function event_written() returns trigger language plpgsql as $$begin ${insert}; return new; end$$`,
            )
            .execute(db);
        await sql.raw(`create trigger event_written ${body}`).execute(db);
        return async () => (await sql`select n from event_written`.execute(db)).rows.length;
      },
      report: async (value = "of undefined") => {
        await kernel.report("default", [
          anEvent({
            errors: [{ type: "TypeError", value, module: null, handled: false, mechanism: null, frames: [] }],
          }),
        ]);
        await kernel.settle();
      },
      async restart() {
        await kernel.close();
        kernel = await start();
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  /** What is listened to is read when a plugin changes, a moment after. */
  const hears = async (kernel: Awaited<ReturnType<typeof openKernel>>, store: Awaited<ReturnType<typeof open>>) => {
    await kernel.settle();
    return (await store.engine.reader.selectFrom("plugin").selectAll().execute()).length > 0;
  };

  test("is a fault that is new, resolved and back, each as it stands then, and who listened has it once", async () => {
    await using all = await begin(["fault.new", "fault.resolved", "fault.regressed"]);
    await all.report();
    await expect.poll(all.types).toEqual(["fault.new"]);
    expect(all.told[0]).toMatchObject({
      projectId: "default",
      causedBy: null,
      fields: {
        title: expect.stringContaining("of undefined"),
        status: "open",
        level: "error",
        is_public: true,
        stack: expect.stringContaining("TypeError: of undefined"),
        tried: null,
      },
    });
    const id = String(all.told[0]?.fields["id"]);
    await all.kernel.faults.triage(id, { action: "resolve", in_next_release: false });
    await all.kernel.settle();
    await expect.poll(all.types).toEqual(["fault.new", "fault.resolved"]);
    all.clock.advance(HOUR);
    await all.kernel.report("default", [
      anEvent({
        at: all.clock.now(),
        errors: [
          { type: "TypeError", value: "of undefined", module: null, handled: false, mechanism: null, frames: [] },
        ],
      }),
    ]);
    await all.kernel.settle();
    await expect.poll(all.types).toEqual(["fault.new", "fault.resolved", "fault.regressed"]);
    await expect.poll(all.waiting).toBe(0);
  });

  test("is a heartbeat that is missed and heard again", async () => {
    await using all = await begin(["heartbeat.failed", "heartbeat.recovered"]);
    const given = { project: "default", target: null, cron: null, time_zone: "UTC", grace: 60_000, max_runtime: null };
    const { key } = await all.kernel.heartbeats.add({ ...given, name: "nightly", every: HOUR });
    const settle = async () => (await all.kernel.heartbeats.settle(), await all.kernel.settle());
    await all.kernel.heartbeats.hear("nightly", key, { kind: "ok" }, "");
    await settle();
    all.clock.advance(HOUR + 62_000);
    await settle();
    await expect.poll(all.types).toEqual(["heartbeat.failed"]);
    expect(all.told[0]?.fields).toMatchObject({ id: "nightly", category: "missed", target: "heartbeat:nightly" });
    await all.kernel.heartbeats.hear("nightly", key, { kind: "ok" }, "");
    await settle();
    await expect.poll(all.types).toEqual(["heartbeat.failed", "heartbeat.recovered"]);
  });

  test("is a question, and of one that a plugin asked it is said which, so that it need not hear of itself", async () => {
    await using all = await begin(["escalation.opened", "escalation.resolved"]);
    await trust(all.kernel, [
      { scope: "capability:state:write", resources: ["*"] },
      { scope: "net:read", resources: ["GET api.example.com/v1/"] },
      { scope: "net:write", resources: ["POST api.example.com/v1/"] },
      { scope: "events:receive", resources: ["escalation.opened", "escalation.resolved"] },
      { scope: "github:branch:delete", resources: ["*"] },
    ]);
    const invocation = await run(all.kernel, "event:escalation.opened");
    const ends = new AbortController();
    const asked = all.kernel.plugins.authorize(
      callOf(invocation, { access: "write", scope: "github:branch:delete", resource: "octo/shop" }),
      { signal: ends.signal, begins() {}, ends() {} },
    );
    await expect.poll(all.types).toEqual(["escalation.opened"]);
    const { id } = await all.kernel.plugins.find("greeter").then((row) => ({ id: row.plugin_id }));
    expect(all.told[0]).toMatchObject({ causedBy: id, fields: { target: "plugin:greeter", asker: "plugin_call" } });
    ends.abort(new Error("enough"));
    await asked;
    await all.kernel.settle();
    await expect.poll(all.types).toEqual(["escalation.opened", "escalation.resolved"]);
  });

  test.each([
    ["where nothing is installed", []],
    ["where what is installed listens to something else", ["probe.failed"]],
  ])("is written down for nobody %s, whatever happens", async (_, listens) => {
    await using all = await begin(listens);
    const written = await all.written();
    await all.report();
    const [fault] = (await all.kernel.faults.list({ project: "default", status: "active", limit: 1 })).faults;
    await all.kernel.faults.triage(fault?.id ?? "", { action: "resolve", in_next_release: false });
    await all.kernel.settle();
    expect(await written()).toBe(0);
    expect(all.told).toEqual([]);
  });

  test("is written down from the moment that whoever listens is installed", async () => {
    await using all = await begin();
    await all.report();
    const [fault] = (await all.kernel.faults.list({ project: "default", status: "active", limit: 1 })).faults;
    await install(
      all.kernel,
      "one",
      manifestOf({ listens: [{ event: "fault.resolved", uses: [], reason: "It hears." }] }),
    );
    await all.kernel.faults.triage(fault?.id ?? "", { action: "resolve", in_next_release: false });
    await all.kernel.settle();
    await expect.poll(all.types).toEqual(["fault.resolved"]);
  });

  test("comes again when the server that had it ended, in good order or not", async () => {
    await using all = await begin(["fault.new"]);
    const { promise: never } = Promise.withResolvers<Taken>();
    all.answer(() => never);
    await all.report();
    await expect.poll(() => all.told.length).toBe(1);
    expect(await all.waiting()).toBe(1);
    await all.restart();
    all.answer(async () => "given_back");
    all.clock.advance(31_000);
    await expect
      .poll(async () => (all.clock.advance(5_000), await all.kernel.settle(), all.told.length), { timeout: 10_000 })
      .toBeGreaterThan(1);
    all.answer(async () => "taken");
    await expect
      .poll(async () => (all.clock.advance(1_000), await all.kernel.settle(), await all.waiting()), { timeout: 10_000 })
      .toBe(0);
    expect(new Set(all.told.map(({ fields }) => fields["id"])).size).toBe(1);
  });

  test("is left after the third time that nobody could take it", async () => {
    await using all = await begin(["fault.new"]);
    all.answer(async () => "not_taken");
    await all.report();
    for (let nth = 0; nth < 5; nth += 1) {
      await all.kernel.settle();
      all.clock.advance(HOUR);
    }
    await expect.poll(async () => (await all.kernel.settle(), await all.waiting())).toBe(0);
    expect(all.told).toHaveLength(3);
  });

  test("is not that a plugin failed, which would go round for ever", async () => {
    await using all = await begin(["fault.new"]);
    await all.kernel.report("default", [
      anEvent({
        source: "plugin",
        trust: "local",
        target: "plugin:greeter",
        errors: [
          {
            type: "PluginError.dispatch",
            value: "it broke",
            module: null,
            handled: true,
            mechanism: "dispatch",
            frames: [],
          },
        ],
      }),
    ]);
    await all.kernel.settle();
    await all.report("another");
    await expect.poll(() => all.told.length).toBe(1);
    expect(all.told[0]?.fields["title"]).toContain("another");
  });
});
