import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { createIds } from "../ids.ts";
import { createWriter } from "../store/writer.ts";
import { addWork, LANES, workKind, workName } from "./kind.ts";
import { MAX_TRIES } from "./queue.ts";
import { createWorker } from "./worker.ts";

const STEP = workName("step", LANES.people, z.strictObject({ n: z.int() }));
const WAIT = workName("wait", LANES.events, z.strictObject({}), true);

describe.each(ENGINES)("work on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(handle: (n: number) => Promise<void>, starts = true) {
    const store = await open();
    const clock = testClock();
    const writer = createWriter(store.engine);
    const newId = createIds(clock, testRng(7));
    const warnings: string[] = [];
    const stuck: string[] = [];
    let release = () => {};
    const worker = createWorker({
      engine: store.engine,
      writer,
      clock,
      log: { info: () => undefined, warn: (message) => void warnings.push(message) },
      before: async () => false,
      kinds: [
        workKind(STEP, async ({ payload, finish }) => {
          await handle(payload.n);
          await writer.run(finish);
        }),
        workKind(WAIT, async ({ finish }) => {
          await new Promise<void>((resolve) => (release = resolve));
          await writer.run(finish);
        }),
      ],
      onStuck: async (_, item) => void stuck.push(item.workId),
    });
    if (starts) worker.start();
    return {
      store,
      clock,
      worker,
      warnings,
      stuck,
      release: () => release(),
      add: (n: number) =>
        writer.run((tx) =>
          addWork(tx, newId, { kind: STEP, projectId: "default", dueAt: clock.now(), payload: { n } }),
        ),
      addWaiting: () =>
        writer.run((tx) => addWork(tx, newId, { kind: WAIT, projectId: "default", dueAt: clock.now(), payload: {} })),
      addRaw: (kind: string, payload: string) =>
        sql`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
          values ('default', ${newId()}, ${kind}, 0, ${payload}, 0, 0, 0, 0)`.execute(store.engine.writer),
      left: async () =>
        await store.engine.reader.selectFrom("work").select(["kind", "tries", "fence"]).orderBy("work_id").execute(),
      async [Symbol.asyncDispose]() {
        await worker.close();
        await writer.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }

  test("carries out nothing before it is started, whoever wakes it", async () => {
    const done: number[] = [];
    await using all = await begin(async (n) => void done.push(n), false);
    await all.add(1);
    all.worker.wake();
    all.worker.wakeSoon();
    all.clock.advance(10_000);
    await all.worker.settle();
    expect(done).toEqual([]);
    all.worker.start();
    await all.worker.settle();
    expect(done).toEqual([1]);
  });

  test("leaves a kind that it does not know to others, and says so once", async () => {
    const done: number[] = [];
    await using all = await begin(async (n) => void done.push(n));
    await all.addRaw("of_a_later_version", "{}");
    await all.add(1);
    for (let minute = 0; minute < 5; minute += 1) {
      await all.worker.settle();
      all.clock.advance(61_000);
    }
    expect(done).toEqual([1]);
    expect(await all.left()).toEqual([{ kind: "of_a_later_version", tries: 0, fence: 0 }]);
    expect(all.warnings).toHaveLength(1);
    expect(all.warnings[0]).toContain("of_a_later_version");
  });

  test.each(["{", '{"n":"one"}', "null"])(
    "puts an item back alone whose payload %s cannot be read",
    async (payload) => {
      const done: number[] = [];
      await using all = await begin(async (n) => void done.push(n));
      await all.addRaw("step", payload);
      await all.add(2);
      await all.worker.settle();
      expect(done).toEqual([2]);
      expect(await all.left()).toEqual([{ kind: "step", tries: 1, fence: 1 }]);
    },
  );

  test("backs off longer each time, tells of it once, and hands it to a person at last", async () => {
    let failures = 0;
    await using all = await begin(async () => {
      failures += 1;
      throw new Error("out of order");
    });
    const id = await all.add(1);
    await all.worker.settle();
    expect(failures).toBe(1);
    // Not before its time, however often somebody looks.
    for (let at = 0; at < 20; at += 1) await all.worker.settle();
    expect(failures).toBe(1);
    for (let minute = 0; minute < 20; minute += 1) {
      all.clock.advance(60_000);
      await all.worker.settle();
    }
    expect(failures).toBe(MAX_TRIES);
    expect(all.stuck).toEqual([id]);
    expect(all.warnings).toHaveLength(1);
  });

  test("does not look again and again for what somebody works on", async () => {
    await using all = await begin(async () => undefined);
    // The look that starting brings is over: it would be counted, or take the item itself.
    await all.worker.settle();
    await all.add(1);
    await sql`update work set leased_until = ${all.clock.now() + 30_000}`.execute(all.store.engine.writer);
    let wakes = 0;
    const { after } = all.clock;
    Object.assign(all.clock, {
      after: (ms: number, callback: () => void) => {
        wakes += 1;
        expect(ms).toBeGreaterThanOrEqual(250);
        return after(ms, callback);
      },
    });
    await all.worker.settle();
    expect(wakes).toBe(1);
  });

  test("lets nothing wait for an item that waits for something outside", async () => {
    const done: number[] = [];
    await using all = await begin(async (n) => void done.push(n));
    await all.addWaiting();
    all.worker.wake();
    await expect.poll(async () => (await all.left())[0]?.fence).toBe(1);
    await all.add(1);
    all.worker.wake();
    await expect.poll(() => done).toEqual([1]);
    all.release();
    await all.worker.settle();
    expect(await all.left()).toEqual([]);
  });
});

describe.each(ENGINES)("a step of Prunella's own that keeps failing, on $name", ({ open, isMissing }) => {
  it.skipIf(isMissing)("becomes one question, on which healing does not wait", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, {
      log: { info: () => undefined, warn: () => undefined },
    });
    await sql`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
      values ('default', '01a1fd39-1b81-70d8-9e80-1b91f9fa5461', 'evaluate_trigger', 0, '{}', 0, 0, 0, 0)`.execute(
      store.engine.writer,
    );
    for (let minute = 0; minute < 12; minute += 1) {
      await kernel.settle();
      clock.advance(60_000);
    }
    const { escalations } = await kernel.escalations.list("open");
    expect(escalations).toMatchObject([{ asker: "work", reason: "step_failed", trigger_id: null }]);
    const { runId } = await kernel.supervised.announce({
      projectId: "default",
      name: "shop",
      pid: 1,
      policy: {
        budget: { max: 1, window_ms: 1_000 },
        ceiling: 1,
        backoff: { base_ms: 0, max_ms: 0 },
        debounce: { count: 1, window_ms: 1_000 },
        verify_ms: 1_000,
      },
    });
    await kernel.supervised.crash(runId, (name) => aCrash(name));
    await kernel.settle();
    expect((await kernel.attempts.list({ limit: 1 })).attempts[0]).toMatchObject({ state: "permitted" });
    expect(await kernel.escalations.decide(escalations[0]?.id ?? "", "set_aside")).toMatchObject({ verdict: "none" });
    const left = await store.engine.reader
      .selectFrom("work")
      .select("payload")
      .where("kind", "=", "evaluate_trigger")
      .where("payload", "=", "{}")
      .execute();
    expect(left).toEqual([]);
  });
});
