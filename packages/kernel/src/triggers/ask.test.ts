import { AT_ALL_TIMES, type Condition, type Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, anEvent, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createTriggerCache } from "./cache.ts";

const trigger = (id: string, condition: Condition, given: Partial<Trigger> = {}): Trigger => ({
  id,
  project_id: "default",
  condition,
  target: null,
  remedies: [],
  debounce: { count: 1, window_ms: 1_000 },
  budgets: [],
  ceilings: [],
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 1_000,
  envelope: { enabled: false, actions: [], targets: [], expected_symptoms: [], allow_public: false, excludes: [] },
  ...AT_ALL_TIMES,
  version: 1,
  ...given,
});

const MINUTE = 60_000;

describe.each(ENGINES)("what came in asks triggers, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    return {
      store,
      clock,
      kernel,
      async report(...events: Parameters<typeof kernel.report>[1]) {
        await kernel.report("default", events);
        await kernel.settle();
      },
      /** How often each trigger was refused because it only watches. */
      async asked() {
        const { attempts } = await kernel.attempts.list({ limit: 200 });
        const counts: Record<string, number> = {};
        for (const { trigger_id: id, refusal, count } of attempts)
          if (refusal === "detect_only") counts[id ?? ""] = (counts[id ?? ""] ?? 0) + count;
        return counts;
      },
      hours: () =>
        store.engine.reader.selectFrom("trigger_hour").selectAll().orderBy("trigger_id").orderBy("hour").execute(),
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }
  const failure = (at: number, given: object = {}) =>
    anEvent({ at, source: "sentry", trust: "authenticated", level: "error", environment: "production", ...given });

  test("by class, template, environment, being new and being back, and counts each hour", async () => {
    await using all = await begin();
    const { kernel, clock } = all;
    await kernel.triggers.register(trigger("by-class", { class: "TypeError" }));
    await kernel.triggers.register(trigger("by-message", { message: "cannot read <n> of <value>" }));
    await kernel.triggers.register(trigger("when-new", { is: "new" }));
    await kernel.triggers.register(trigger("when-back", { is: "regressed" }));
    await kernel.triggers.register(trigger("elsewhere", { class: "TypeError", environment: "staging" }));
    const type = (at: number) =>
      failure(at, {
        errors: [
          {
            type: "TypeError",
            value: 'cannot read 7 of "x"',
            module: null,
            handled: false,
            mechanism: null,
            frames: [],
          },
        ],
        message: null,
      });
    await all.report(type(clock.now()));
    expect(await all.asked()).toEqual({ "by-class": 1, "by-message": 1, "when-new": 1 });
    clock.advance(MINUTE);
    await all.report(type(clock.now()));
    const [fault] = (await kernel.faults.list({ status: "all", limit: 5 })).faults;
    await kernel.faults.triage(fault?.id ?? "", { action: "resolve" });
    clock.advance(MINUTE);
    await all.report(type(clock.now()));
    expect(await all.asked()).toEqual({ "by-class": 3, "by-message": 3, "when-new": 1, "when-back": 1 });
    expect(
      (await all.hours()).map(({ trigger_id: id, evaluated, held, fired }) => [id, evaluated, held, fired].map(String)),
    ).toEqual([
      ["by-class", "3", "3", "0"],
      ["by-message", "3", "3", "0"],
      ["elsewhere", "3", "0", "0"],
      ["when-back", "1", "1", "0"],
      ["when-new", "1", "1", "0"],
    ]);
  });

  test("by how many came in within a window, of a fault and of a target", async () => {
    await using all = await begin();
    const { kernel, clock } = all;
    const count = { at_least: 3, within_ms: 10 * MINUTE };
    await kernel.triggers.register(trigger("of-fault", { source: "sentry", count }));
    await kernel.triggers.register(trigger("of-target", { target: "program:shop", count }));
    for (let times = 0; times < 2; times += 1) {
      await all.report(failure(clock.now(), { target: "program:shop", errors: [], message: "one" }));
      clock.advance(1_000);
    }
    await all.report(failure(clock.now(), { target: "program:shop", errors: [], message: "quite another thing" }));
    expect(await all.asked()).toEqual({ "of-target": 1 });
    clock.advance(1_000);
    await all.report(failure(clock.now(), { target: "program:shop", errors: [], message: "one" }));
    expect(await all.asked()).toEqual({ "of-target": 2, "of-fault": 1 });
    clock.advance(11 * MINUTE);
    await all.report(failure(clock.now(), { target: "program:shop", errors: [], message: "one" }));
    expect(await all.asked()).toEqual({ "of-target": 2, "of-fault": 1 });
  });

  test("what must still be bad is looked at again: for what came in since, unless it was resolved", async () => {
    await using all = await begin();
    const { kernel, clock } = all;
    await kernel.triggers.register(trigger("still", { target: "program:shop", for_ms: 5 * MINUTE }));
    const fail = () => all.report(failure(clock.now(), { target: "program:shop" }));
    const later = async (ms: number) => {
      clock.advance(ms);
      await kernel.settle();
    };
    await fail();
    await later(5 * MINUTE);
    expect(await all.asked()).toEqual({});
    await fail();
    await later(MINUTE);
    await fail();
    await later(3 * MINUTE);
    expect(await all.asked()).toEqual({});
    await later(MINUTE);
    expect(await all.asked()).toEqual({ still: 1 });
    await fail();
    await later(MINUTE);
    await fail();
    const [fault] = (await kernel.faults.list({ status: "all", limit: 5 })).faults;
    await kernel.faults.triage(fault?.id ?? "", { action: "resolve" });
    await later(5 * MINUTE);
    expect(await all.asked()).toEqual({ still: 1 });
  });

  test("a second look at what anyone could have sent goes behind everything else", async () => {
    await using all = await begin();
    const { envelope } = trigger("none", {});
    const open = { envelope: { ...envelope, allow_public: true } };
    await all.kernel.triggers.register(trigger("still", { source: "sentry", for_ms: 5 * MINUTE }, open));
    const lanes = () =>
      all.store.engine.reader.selectFrom("work").select(["kind", "lane"]).where("kind", "like", "look%").execute();
    await all.report(failure(all.clock.now(), { trust: "public" }));
    expect(await lanes()).toEqual([{ kind: "look_again_public", lane: 2 }]);
    await all.report(failure(all.clock.now(), { errors: [], message: "another" }));
    expect(await lanes()).toContainEqual({ kind: "look_again", lane: 0 });
    all.clock.advance(5 * MINUTE);
    await all.kernel.settle();
    expect(await lanes()).toEqual([]);
  });

  test("what anyone could have sent asks nobody, and is counted as refused", async () => {
    await using all = await begin();
    await all.kernel.triggers.register(trigger("public", { source: "sentry" }));
    await all.report(failure(all.clock.now(), { trust: "public" }));
    expect([await all.asked(), await all.hours()]).toEqual([{}, []]);
    const tallied = await all.store.engine.reader.selectFrom("tally_hour").select(["reason", "count"]).execute();
    expect(tallied.map(({ reason }) => reason)).toContain("refused.untrusted_source");
  });

  test("events about Prunella itself trigger nothing, whatever a trigger would act on", async () => {
    await using all = await begin();
    const remedies = [{ action: "restart", args: {}, timeout_ms: 60_000 }];
    await all.kernel.triggers.register(trigger("general", { level: "error" }, { target: "program:shop", remedies }));
    await all.report(aCrash("prunella:server", { at: all.clock.now() }));
    expect((await all.kernel.attempts.list({ limit: 5 })).attempts).toMatchObject([
      { refusal: "self", target: "prunella:server", trigger_id: "general" },
    ]);
  });

  test("an event meets only the triggers that it may concern, of ten thousand", async () => {
    await using store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const [row] = [await kernel.triggers.register(trigger("t", { target: "program:t", level: "error" }))];
    const standing = await store.engine.reader.selectFrom("self_heal_triggers").selectAll().executeTakeFirstOrThrow();
    const conditions = (at: number): Condition =>
      at % 3 === 0
        ? { target: `program:p${at}`, level: "error" }
        : at % 3 === 1
          ? { class: `E${at}`, source: "sentry" }
          : { any: [{ probe: `web${at}` }, { all: [{ release: `r${at}` }, { not: { environment: "staging" } }] }] };
    const many = Array.from({ length: 10_000 }, (_, at) => ({
      ...standing,
      trigger_id: `t${at}`,
      condition: JSON.stringify(conditions(at)),
    }));
    for (let from = 0; from < many.length; from += 1_000)
      await store.engine.writer
        .insertInto("self_heal_triggers")
        .values(many.slice(from, from + 1_000))
        .execute();
    const cache = createTriggerCache(store.engine.reader);
    await cache.refresh();
    const seen = {
      fault_id: "f",
      root_id: "f",
      source: "sentry" as const,
      target: "program:p9",
      level: "fatal" as const,
      environment: "production",
      release: "r5",
      origin: "",
      error_class: "E4",
      template: "it failed",
      isNew: true,
      isRegressed: false,
    };
    expect(row.id).toBe("t");
    expect(cache.candidates("default", seen).map(({ triggerId }) => triggerId)).toEqual(["t4", "t5", "t9"]);
    expect(cache.candidates("other", seen)).toEqual([]);
    await kernel.close();
  });
});
