import { createHash } from "node:crypto";
import type { Args, Trigger } from "@prunella/contract";
import { createCalendar } from "@prunella/server/platform";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ENGINES } from "../../../../test/engines.ts";
import { lampTrigger } from "../../../../test/lamp-house.ts";
import { anAttempt } from "../escalations/question-fixture.ts";
import { aGrant, aLamp, NOW } from "../gate/facts-fixture.ts";
import { addGrant } from "../gate/grants.ts";
import { openRows } from "../gate/rows-fixture.ts";
import type { Tables } from "../store/tables.ts";
import { askAnew, judgeHeld } from "./again.ts";
import { createTriggerCache } from "./cache.ts";
import { createClimb } from "./climb.ts";
import type { Seen } from "./condition.ts";
import { putConfigured } from "./configured.ts";
import { countedSince } from "./counted.ts";
import { countFired, createHourCounts } from "./hours.ts";
import { createPolicies, targetsOf } from "./policy.ts";
import { listTriggers, readTrigger, registerTrigger, removeTrigger, type TriggerRules } from "./registry.ts";

const ANNA = { kind: "person", id: "anna" } as const;
const HOUR = 3_600_000;
const rules: TriggerRules = {
  remedies: new Map([["switch_on", aLamp({ args: z.strictObject({ level: z.number().default(1) }) })]]),
  calendar: createCalendar(),
  isClean: (text) => text !== "dirty",
};
const SEEN: Seen = {
  fault_id: "f1",
  root_id: "f1",
  source: "probe",
  target: "lamp:hall",
  level: "error",
  environment: "live",
  release: "r1",
  origin: "p1",
  error_class: "",
  template: "",
  isNew: false,
  isRegressed: false,
};

describe.each(ENGINES)("triggers by rows, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const all = await openRows(open);
    return {
      ...all,
      register: (given: Partial<Trigger> = {}, name = "hall") =>
        all.run((tx) => registerTrigger(tx, NOW, lampTrigger(name, given), rules)),
      remove: (id: string, projectId = "default") => all.run((tx) => removeTrigger(tx, NOW + 1, projectId, id)),
      list: async (given: Partial<Parameters<typeof listTriggers>[1]> = {}) =>
        (await listTriggers(all.db, { limit: 10, ...given })).map(({ project_id: project, id }) => `${project} ${id}`),
      attempts: (...given: Tables["self_heal_attempts"][]) =>
        all.run(async ({ db }) => void (await db.insertInto("self_heal_attempts").values(given).execute())),
      work: async () =>
        (await all.db.selectFrom("work").selectAll().orderBy("work_id").execute()).map(
          ({ kind, due_at: at, payload, project_id: project }): unknown => [
            kind,
            project,
            at - NOW,
            JSON.parse(payload),
          ],
        ),
    };
  }
  const refused = (detail: string) => ({ code: "PRUNELLA_REQUEST_INVALID", detail: expect.stringContaining(detail) });

  test("one is registered once for each policy, and the ledger says which", async () => {
    await using all = await begin();
    expect(await all.register()).toMatchObject({ version: 1 });
    expect(await all.register({ version: 7 })).toMatchObject({ version: 1 });
    expect(await all.register({ verify_ms: 5 })).toMatchObject({ version: 2, verify_ms: 5 });
    expect(await readTrigger(all.db, "default", "light-hall")).toMatchObject({ version: 2, verify_ms: 5 });
    const row = await all.db.selectFrom("self_heal_triggers").selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      target: "lamp:hall",
      acts_on: null,
      configured: 0,
      allows_public: 0,
      logs_all: 0,
      created_at: NOW,
    });
    const [first, second, ...more] = await all.entries();
    expect(more).toEqual([]);
    expect(first).toMatchObject({ type: "trigger_registered", version: 1 });
    expect(second).toEqual({
      v: 1,
      at: NOW,
      type: "trigger_registered",
      project: "default",
      trigger: "light-hall",
      policy_sha256: createHash("sha256").update(row.policy).digest("hex"),
      version: 2,
    });
    const { envelope } = lampTrigger("hall");
    await all.register({ target: "lamp:attic", log_evaluations: "all", envelope: { ...envelope, allow_public: true } });
    expect(await all.db.selectFrom("self_heal_triggers").selectAll().executeTakeFirst()).toMatchObject({
      target: "lamp:attic",
      acts_on: "lamp:attic",
      allows_public: 1,
      logs_all: 1,
    });
  });

  test("one that is taken out is there no more, comes back as another version, and goes once", async () => {
    await using all = await begin();
    await all.register();
    expect(await all.remove("light-attic")).toBe(false);
    expect(await all.remove("light-hall", "other")).toBe(false);
    expect(await all.remove("light-hall")).toBe(true);
    expect(await all.remove("light-hall")).toBe(false);
    await expect(readTrigger(all.db, "default", "light-hall")).rejects.toMatchObject({
      code: "PRUNELLA_NOT_FOUND",
      detail: "The project default has no trigger light-hall.",
      hint: "List them: prunella triggers",
    });
    expect(await all.list()).toEqual([]);
    expect(await all.register()).toMatchObject({ version: 2 });
    expect((await all.entries())[1]).toEqual({
      v: 1,
      at: NOW + 1,
      type: "trigger_removed",
      project: "default",
      trigger: "light-hall",
      version: 1,
    });
  });

  test("one that nobody could judge, carry out or keep is refused by its name and key", async () => {
    await using all = await begin();
    const rung = (args: Args) => ({ remedies: [{ action: "switch_on", args, timeout_ms: 1_000 }] });
    await expect(all.register(rung({ level: "high" }))).rejects.toMatchObject(
      refused("The trigger light-hall: remedies.0.args.level: "),
    );
    await expect(all.register(rung({ other: 1 }))).rejects.toMatchObject(
      refused("The trigger light-hall: remedies.0.args: "),
    );
    await expect(
      all.register({ remedies: [{ action: "paint", args: { colour: "dirty" }, timeout_ms: 1_000 }] }),
    ).rejects.toMatchObject({ code: "PRUNELLA_UNSCRUBBED", detail: expect.stringContaining("colour") });
    for (const windows of [
      { maintenance: [{ from: "01:00", to: "02:00", zone: "Mars/Olympus" }], quiet: [] },
      { maintenance: [], quiet: [{ from: "01:00", to: "02:00", zone: "Mars/Olympus" }] },
    ])
      await expect(all.register({ windows })).rejects.toMatchObject(refused("no time zone Mars/Olympus"));
    const storm = (min_healthy: number, over: "trigger" | "project" = "trigger") => ({
      storm: { over, min_healthy, cooldown_ms: 1 },
    });
    await expect(all.register(storm(1))).rejects.toMatchObject(
      refused(
        "The trigger light-hall: storm.min_healthy is 1, and its envelope lists 1 targets; at most 0 is expected.",
      ),
    );
    expect(await all.entries()).toEqual([]);
    const { envelope } = lampTrigger("hall");
    await all.register({ ...storm(1), envelope: { ...envelope, targets: ["lamp:hall", "lamp:attic"] } });
    await all.register(storm(5, "project"));
    await all.register({ remedies: [{ action: "paint", args: { colour: "red" }, timeout_ms: 1_000 }] });
  });

  test("a list goes by project and name, page by page, and shows what one may see", async () => {
    await using all = await begin();
    for (const [project_id, name] of [
      ["other", "a"],
      ["default", "b"],
      ["default", "a"],
    ] as const)
      await all.register({ project_id }, name);
    const names = ["default light-a", "default light-b", "other light-a"];
    expect(await all.list()).toEqual(names);
    expect(await all.list({ limit: 2 })).toEqual(names.slice(0, 2));
    expect(await all.list({ after: { projectId: "default", triggerId: "light-a" } })).toEqual(names.slice(1));
    expect(await all.list({ sees: ["other"] })).toEqual(names.slice(2));
    expect(await all.list({ sees: null })).toEqual(names);
  });

  test("those of the configuration are made what it says, and others are left alone", async () => {
    await using all = await begin();
    const put = (...given: Trigger[]) => all.run((tx) => putConfigured(tx, NOW, given, rules));
    await all.register({}, "own");
    expect(await put(lampTrigger("a"), lampTrigger("b"))).toEqual({ registered: ["light-a", "light-b"], removed: [] });
    expect(await put(lampTrigger("a"), lampTrigger("b", { verify_ms: 5 }))).toEqual({
      registered: ["light-b"],
      removed: [],
    });
    expect(await put(lampTrigger("c"), lampTrigger("a", { project_id: "other" }))).toEqual({
      registered: ["light-c", "light-a"],
      removed: ["light-a", "light-b"],
    });
    expect(await all.list()).toEqual(["default light-c", "default light-own", "other light-a"]);
    expect(await put()).toEqual({ registered: [], removed: ["light-c", "light-a"] });
    expect(await all.list()).toEqual(["default light-own"]);
  });

  test("what a decision reads of a trigger and a grant is what stands there now", async () => {
    await using all = await begin();
    const policies = createPolicies();
    const of = (subject: { kind: "trigger" | "grant"; id: string }, triggerId: string | null) =>
      policies.of(all.db, { projectId: "default", subject, triggerId });
    const watch = (trigger_id: string | null) =>
      all.run((tx) => policies.watchMs(tx, { project_id: "default", trigger_id }));
    const trigger = { kind: "trigger", id: "light-hall" } as const;
    expect(await of(trigger, "light-hall")).toMatchObject({ trigger: null, grant: null });
    expect(await watch("light-hall")).toBe(10_000);
    await all.register({ verify_ms: 77 });
    expect((await of(trigger, "light-hall")).trigger).toMatchObject({ id: "light-hall", version: 1 });
    expect((await of(trigger, null)).trigger).toBeNull();
    expect(await policies.trigger(all.db, "other", "light-hall")).toBeNull();
    expect([await watch("light-hall"), await watch(null)]).toEqual([77, 10_000]);
    const before = await policies.trigger(all.db, "default", "light-hall");
    expect(await policies.trigger(all.db, "default", "light-hall")).toBe(before);
    await all.register({ verify_ms: 78 });
    expect(await policies.trigger(all.db, "default", "light-hall")).toMatchObject({ verify_ms: 78, version: 2 });
    await all.remove("light-hall");
    expect(await policies.trigger(all.db, "default", "light-hall")).toBeNull();
    await all.run((tx) => addGrant(tx, NOW, aGrant(), "key", ANNA));
    expect((await of({ kind: "grant", id: "agents" }, null)).grant).toMatchObject({ id: "agents" });
    expect((await of({ kind: "trigger", id: "agents" }, null)).grant).toBeNull();
  });

  test("a storm is judged by the targets of those that have the action, each once", async () => {
    await using all = await begin();
    const { envelope } = lampTrigger("hall");
    await all.register({ envelope: { ...envelope, targets: ["lamp:hall", "lamp:attic"] } });
    await all.register({}, "hall2");
    await all.register({ remedies: [{ action: "paint", args: {}, timeout_ms: 1_000 }] }, "painted");
    await all.register({}, "gone");
    await all.remove("light-gone");
    await all.register({ project_id: "other" }, "elsewhere");
    expect(await targetsOf(all.db, "default", "switch_on")).toEqual(["lamp:attic", "lamp:hall", "lamp:hall2"]);
    expect(await targetsOf(all.db, "default", "sing")).toEqual([]);
  });

  test("an event asks those that it may concern, as they stood when they were read last", async () => {
    await using all = await begin();
    const cache = createTriggerCache(all.db);
    const found = (more: Partial<Seen> = {}, project = "default") =>
      cache.candidates(project, { ...SEEN, ...more }).map(({ triggerId }) => triggerId);
    await cache.refresh();
    expect([found(), cache.generation()]).toEqual([[], 0]);
    await all.register({}, "hall");
    await all.register({ condition: { not: { source: "crash" } } }, "any");
    await all.register({ condition: { any: [{ target: "lamp:hall" }, { class: "E" }] } }, "either");
    expect(found()).toEqual([]);
    await cache.refresh();
    expect(cache.generation()).toBe(3);
    expect(found()).toEqual(["light-any", "light-either", "light-hall"]);
    expect(found({ target: "lamp:attic", error_class: "E" })).toEqual(["light-any", "light-either"]);
    expect(found({}, "other")).toEqual([]);
    await all.register({ condition: { target: "lamp:attic" }, target: "lamp:x", log_evaluations: "all" }, "hall");
    await all.remove("light-either");
    await cache.refresh();
    expect(found()).toEqual(["light-any"]);
    expect(cache.candidates("default", { ...SEEN, target: "lamp:attic" })[1]).toEqual({
      triggerId: "light-hall",
      condition: { target: "lamp:attic" },
      target: "lamp:x",
      allowsPublic: false,
      logsAll: true,
    });
  });

  test("how many came in is counted by the second, of those that are meant alone", async () => {
    await using all = await begin();
    const add = (agoMs: number, count: number, more: Partial<Tables["delta"]> = {}) =>
      all.run(async ({ db }) => {
        const at = NOW - agoMs;
        await db
          .insertInto("delta")
          .values({
            project_id: "default",
            fault_id: "f1",
            second: at / 1_000,
            release: "r1",
            environment: "live",
            level: "error",
            source: "probe",
            trust: "local",
            target: "lamp:hall",
            origin: "p1",
            count,
            first_at: at,
            last_at: at,
            ...more,
          })
          .execute();
      });
    await add(0, 1);
    await add(1_000, 2);
    await add(9_000, 4);
    await add(10_000, 8);
    await add(1_000, 16, { trust: "public" });
    await add(1_000, 32, { fault_id: "f2" });
    await add(1_000, 64, { project_id: "other" });
    await add(1_000, 128, {
      target: "lamp:attic",
      level: "info",
      source: "crash",
      environment: "test",
      release: "r2",
      origin: "p2",
    });
    const most = async (condition: object, withinMs = 10_000, allowsPublic = false) => {
      let enough = 0;
      for (let bit = 256; bit >= 1; bit /= 2) {
        const counted = { ...condition, count: { at_least: enough + bit, within_ms: withinMs } };
        if (await countedSince(all.db, { row: { ...SEEN, project_id: "default" }, counted, now: NOW, allowsPublic }))
          enough += bit;
      }
      return enough;
    };
    expect(await most({})).toBe(1 + 2 + 4 + 128);
    expect(await most({}, 10_001)).toBe(1 + 2 + 4 + 8 + 128);
    expect(await most({}, 9_000)).toBe(1 + 2 + 128);
    expect(await most({}, 10_000, true)).toBe(1 + 2 + 4 + 16 + 128);
    expect(await most({ target: "lamp:hall" })).toBe(1 + 2 + 4 + 32);
    expect(await most({ target: "lamp:hall", fault: "f1" })).toBe(1 + 2 + 4);
    for (const part of [{ class: "E" }, { message: "m" }, { message_begins: "m" }, { is: "new" }])
      expect([part, await most({ target: "lamp:hall", ...part })]).toEqual([part, 7]);
    for (const part of [
      { source: "probe" },
      { environment: "live" },
      { release: "r1" },
      { probe: "p1" },
      { heartbeat: "p1" },
      { level: "warning" },
    ])
      expect([part, await most(part)]).toEqual([part, 7]);
    expect(await most({ level: "info" })).toBe(135);
    expect(await most({ level: "fatal" })).toBe(0);
  });

  test("each hour counts how often a trigger was asked, how often it held and how often it fired", async () => {
    await using all = await begin();
    const counts = createHourCounts(NOW + 5);
    counts.add("default", "b", true);
    counts.add("default", "b", false);
    counts.add("default", "a", false);
    for (const now of [NOW, NOW + HOUR])
      await all.run(async (tx) => {
        counts.write(tx);
        countFired(tx, "default", "b", now);
        return Promise.resolve();
      });
    const found = await all.db.selectFrom("trigger_hour").selectAll().orderBy("trigger_id").orderBy("hour").execute();
    expect(found).toEqual([
      { project_id: "default", trigger_id: "a", hour: NOW, evaluated: 2, held: 0, fired: 0 },
      { project_id: "default", trigger_id: "b", hour: NOW, evaluated: 4, held: 2, fired: 1 },
      { project_id: "default", trigger_id: "b", hour: NOW + HOUR, evaluated: 0, held: 0, fired: 1 },
    ]);
  });

  const cause = JSON.stringify({ source: "probe", trust: "local", level: "error" });
  const asks = (target = "lamp:hall", trigger = "light-hall", project = "default", dueIn = 0): unknown => [
    "evaluate_trigger",
    project,
    dueIn,
    { trigger, fault: expect.any(String), target, cause: JSON.parse(cause) },
  ];

  test("the next remedy of a ladder is asked for when one failed, and after the last nobody", async () => {
    await using all = await begin();
    const rung = { action: "switch_on", args: {}, timeout_ms: 1_000 };
    await all.register({ remedies: [rung, rung] });
    const climb = createClimb({ policies: createPolicies(), clock: { now: () => NOW + 5 }, newId: all.newId });
    const from = (given: Partial<Tables["self_heal_attempts"]> = {}) =>
      all.run((tx) => climb(tx, anAttempt(1, { cause, ...given })));
    for (const none of [
      { rung: 1 },
      { subject_kind: "person" },
      { trigger_id: null },
      { trigger_id: "gone" },
      { cause: null },
    ] as const)
      expect([none, await from(none)]).toEqual([none, false]);
    expect(await all.work()).toEqual([]);
    expect(await from()).toBe(true);
    expect(await all.work()).toEqual([asks("lamp:hall", "light-hall", "default", 5)]);
  });

  test("what was held back is judged again, of each trigger and target once, and nothing else is", async () => {
    await using all = await begin();
    const held = (nth: number, given: Partial<Tables["self_heal_attempts"]> = {}) =>
      anAttempt(nth, {
        state: "refused",
        refusal: "paused",
        cause,
        created_at: NOW + nth,
        ended_at: NOW + nth,
        ...given,
      });
    await all.attempts(
      held(1),
      held(2),
      held(3, { target: "lamp:attic" }),
      held(4, { trigger_id: "other" }),
      held(5, { project_id: "other" }),
      held(6, { refusal: "killed", target: "lamp:killed" }),
      held(7, { subject_kind: "grant", target: "lamp:grant" }),
      held(8, { cause: null, target: "lamp:nothing" }),
      held(9, { trigger_id: null, target: "lamp:none" }),
      // Equal refusals share the row of the first, which may be older than what held them.
      held(10, { created_at: NOW - HOUR, ended_at: NOW, target: "lamp:shared" }),
      held(11, { created_at: NOW - HOUR - 1, ended_at: NOW, target: "lamp:older" }),
      held(12, { created_at: NOW - 5, ended_at: NOW - 1, target: "lamp:before" }),
      held(13, { created_at: NOW - 5, ended_at: null, target: "lamp:endless" }),
    );
    const judged = async (of: Partial<Parameters<typeof judgeHeld>[2]>) => {
      await all.run(({ db }) => db.deleteFrom("work").execute());
      const given = {
        now: NOW + 50,
        since: NOW,
        refusal: "paused",
        projectId: null,
        triggerId: null,
        target: null,
      } as const;
      await all.run((tx) => judgeHeld(tx, all.newId, { ...given, ...of }));
      return all.work();
    };
    expect(await judged({})).toEqual([
      asks("lamp:hall", "light-hall", "other", 50),
      asks("lamp:hall", "other", "default", 50),
      asks("lamp:attic", "light-hall", "default", 50),
      asks("lamp:hall", "light-hall", "default", 50),
      asks("lamp:shared", "light-hall", "default", 50),
    ]);
    expect(await judged({ projectId: "other" })).toEqual([asks("lamp:hall", "light-hall", "other", 50)]);
    expect(await judged({ triggerId: "other" })).toEqual([asks("lamp:hall", "other", "default", 50)]);
    expect(await judged({ target: "lamp:attic" })).toEqual([asks("lamp:attic", "light-hall", "default", 50)]);
    expect(await judged({ refusal: "killed" })).toEqual([asks("lamp:killed", "light-hall", "default", 50)]);
  });

  test("a permit that was taken back has its trigger ask anew, and a caller's that of the trigger which it had outrun", async () => {
    await using all = await begin();
    const anew = async (given: Partial<Tables["self_heal_attempts"]>) => {
      await all.run(({ db }) => db.deleteFrom("work").execute());
      await all.run((tx) => askAnew(tx, all.newId, NOW, anAttempt(5, { cause, fence: 5, created_at: NOW, ...given })));
      return (await all.work()).length;
    };
    expect(await anew({})).toBe(1);
    expect(await anew({ cause: null })).toBe(0);
    expect(await anew({ trigger_id: null })).toBe(0);
    const caller = { subject_kind: "grant", trigger_id: null } as const;
    expect(await anew(caller)).toBe(0);
    const outrun = { state: "expired", cause, fence: 4, ended_at: NOW } as const;
    for (const [nth, given, count] of [
      [1, { ...outrun, state: "succeeded" }, 0],
      [2, { ...outrun, ended_at: NOW - 1 }, 0],
      [3, { ...outrun, fence: 5 }, 0],
      [4, { ...outrun, target: "lamp:attic" }, 0],
      [6, { ...outrun, subject_kind: "grant" }, 0],
      [7, { ...outrun, refusal: "paused" }, 0],
      [8, outrun, 1],
    ] as const) {
      await all.run(({ db }) => db.deleteFrom("self_heal_attempts").execute());
      await all.attempts(anAttempt(nth, given));
      expect([nth, await anew(caller)]).toEqual([nth, count]);
    }
    await all.attempts(anAttempt(9, { ...outrun, fence: 3, state: "succeeded" }));
    expect(await anew(caller)).toBe(1);
  });
});
