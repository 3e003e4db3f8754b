import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../actors.ts";

const ALL = { status: "all", limit: 50 } as const;

describe.each(ENGINES)("intake on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("counts equal events as one fault, exactly", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await Promise.all(Array.from({ length: 1_000 }, () => kernel.report("default", [anEvent()])));
    await kernel.settle();
    const { faults } = await kernel.faults.list(ALL);
    expect(faults.map(({ title, count, status }) => ({ title, count, status }))).toEqual([
      { title: "TypeError: Cannot read properties of undefined", count: 1_000, status: "open" },
    ]);
  });

  test("counts a resent event once, also within one buffer", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const event = anEvent();
    await kernel.report("default", [event, event]);
    await kernel.report("default", [event]);
    await kernel.settle();
    expect((await kernel.faults.list(ALL)).faults[0]?.count).toBe(1);
  });

  test("keeps an event together with what was to be written with it, or neither", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const within = async (): Promise<void> => {
      throw new Error("it cannot be written");
    };
    const [refused] = await Promise.allSettled([
      kernel.report("default", [anEvent()], undefined, within),
      kernel.report("default", [anEvent()]),
    ]);
    await kernel.settle();
    expect(refused.status).toBe("rejected");
    expect((await kernel.faults.list(ALL)).faults[0]?.count).toBe(1);
  });

  test("keeps the same id apart in two projects", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await kernel.projects.add({ id: "other", by: OPERATOR });
    const event = anEvent();
    await Promise.all([kernel.report("default", [event]), kernel.report("other", [event])]);
    await kernel.settle();
    expect((await kernel.faults.list(ALL)).faults.map((fault) => [fault.project_id, fault.count]).toSorted()).toEqual([
      ["default", 1],
      ["other", 1],
    ]);
  });

  test("keeps eleven bodies of ten thousand equal events, the first and the last among them", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const sent = Array.from({ length: 3_000 }, () => anEvent());
    for (let at = 0; at < sent.length; at += 500) await kernel.report("default", sent.slice(at, at + 500));
    await kernel.settle();
    const [fault] = (await kernel.faults.list(ALL)).faults;
    const { samples } = await kernel.faults.detail(fault?.id ?? "");
    expect(samples.length).toBeLessThanOrEqual(11);
    const kept = samples.map((sample) => sample.event_id);
    expect(kept).toContain(sent[0]?.id);
    expect(kept).toContain(sent.at(-1)?.id);
  });

  test("opens a resolved fault again as regressed, and leaves a muted one muted", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    await kernel.report("default", [anEvent({ at: clock.now() })]);
    await kernel.settle();
    const id = (await kernel.faults.list(ALL)).faults[0]?.id ?? "";
    await kernel.faults.triage(id, { action: "resolve" });
    clock.advance(1_000);
    await kernel.report("default", [anEvent({ at: clock.now() })]);
    await kernel.settle();
    expect((await kernel.faults.detail(id)).fault.status).toBe("regressed");
    await kernel.faults.triage(id, { action: "mute" });
    clock.advance(1_000);
    await kernel.report("default", [anEvent({ at: clock.now() })]);
    await kernel.settle();
    expect((await kernel.faults.detail(id)).fault).toMatchObject({ status: "muted", count: 3 });
  });

  test("writes no secret anywhere, whatever part of the event carried it", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const secret = `ghp_${"aB3".repeat(12)}`;
    await kernel.report("default", [
      anEvent({
        message: `token ${secret}`,
        release: secret,
        environment: secret,
        tags: { password: "hunter2", note: secret },
        context: { [secret]: { authorization: `Bearer ${secret}` } },
        errors: [
          { type: secret, value: `failed with ${secret}`, module: null, handled: null, mechanism: null, frames: [] },
        ],
      }),
    ]);
    await kernel.settle();
    const tables = ["fault", "delta", "event_sample", "fault_key", "ledger"] as const;
    for (const table of tables) {
      const rows = JSON.stringify(await store.engine.reader.selectFrom(table).selectAll().execute());
      expect(rows).not.toContain(secret);
      expect(rows).not.toContain("hunter2");
    }
  });

  test("takes text that one of the engines cannot store, without losing its neighbours", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await Promise.all([
      kernel.report("default", [anEvent({ release: "a\u0000b", message: "\ud800 \u0000" })]),
      kernel.report("default", [anEvent({ release: "c" })]),
    ]);
    await kernel.settle();
    const { faults } = await kernel.faults.list(ALL);
    expect(faults.reduce((sum, fault) => sum + fault.count, 0)).toBe(2);
  });

  test("refuses before anything is taken in when too many events wait", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine, testClock(), 10);
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => kernel.report("default", [anEvent()])));
    const kept = results.filter((result) => result.status === "fulfilled").length;
    await kernel.settle();
    expect(kept).toBe(10);
    expect(results.find((result) => result.status === "rejected")?.reason).toMatchObject({
      code: "PRUNELLA_INGEST_BUSY",
    });
    expect((await kernel.faults.list(ALL)).faults[0]?.count).toBe(10);
  });
});
