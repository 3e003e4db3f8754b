import { AT_ALL_TIMES, type Rehearsal, type Trigger, type TriggerDeeds } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { createLamps } from "../remedies/lamp-fixture.ts";

const MINUTE = 60_000;
const HALL = "lamp:hall";
const CELLAR = "lamp:cellar";

const trigger = (given: Partial<Trigger> = {}): Trigger => ({
  id: "light",
  project_id: "default",
  condition: { target: HALL, level: "error" },
  target: null,
  remedies: [{ action: "switch_on", args: {}, timeout_ms: 5_000 }],
  debounce: { count: 2, window_ms: 5 * MINUTE },
  budgets: [{ scope: "trigger", max: 2, window_ms: 60 * MINUTE }],
  ceilings: [{ scope: "trigger", max: 1 }],
  backoff: { base_ms: 1_000, max_ms: 10_000 },
  verify_ms: 30_000,
  envelope: {
    enabled: true,
    actions: ["switch_on"],
    targets: [HALL, CELLAR],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  ...AT_ALL_TIMES,
  version: 1,
  ...given,
});

const deeds = (given: TriggerDeeds | null | undefined) =>
  given && { fires: given.fires, refusals: given.refusals, escalations: given.escalations };

describe.each(ENGINES)("rehearsing a policy, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin(policy: readonly Trigger[]) {
    const store = await open();
    const clock = testClock();
    const lit = new Set([HALL, CELLAR]);
    const broken = new Set<string>();
    const remedy = {
      ...createLamps().remedy,
      observe: async (_: string, target: string) => ({
        isReachable: true,
        isHealthy: lit.has(target),
        staysDown: false,
        args: {},
      }),
      act: async () => {
        for (const target of [HALL, CELLAR]) if (!broken.has(target)) lit.add(target);
        return true;
      },
      verify: async (_: string, target: string) => (lit.has(target) ? ("healthy" as const) : ("unhealthy" as const)),
    };
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, { remedies: [remedy] });
    for (const each of policy) await kernel.triggers.register(each);
    const since = clock.now() - 1;
    return {
      kernel,
      engine: store.engine,
      broken,
      clock,
      since,
      async fail(target: string) {
        lit.delete(target);
        await kernel.report("default", [aCrash(target, { source: "webhook", level: "error", at: clock.now() })]);
        await kernel.settle();
      },
      /** So many at the same moment. */
      async failTogether(target: string, count: number) {
        lit.delete(target);
        const crash = () => aCrash(target, { source: "webhook", level: "error", at: clock.now() });
        await kernel.report("default", Array.from({ length: count }, crash));
        await kernel.settle();
      },
      async later(ms: number) {
        clock.advance(ms);
        await kernel.settle();
      },
      async rehearse(given: readonly Trigger[], against: readonly Trigger[] | null = null): Promise<Rehearsal> {
        const { id } = kernel.rehearsals.start({ policy: given, against, since, project: null });
        for (let tries = 0; tries < 2_000; tries += 1) {
          const found = kernel.rehearsals.read(id, null);
          if (found.status !== "running") return found;
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        throw new Error("the rehearsal does not end");
      },
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }
  type Begun = Awaited<ReturnType<typeof begin>>;

  /** An evening: fires, waits, debounced, useless remedies, an exhausted budget, a pause, and the kill switch. */
  async function evening(all: Begun): Promise<void> {
    const { kernel, broken } = all;
    const person = { kind: "person", id: "ada" } as const;
    await all.fail(HALL);
    await all.later(MINUTE);
    await all.fail(HALL);
    await all.later(5_000);
    await all.later(10 * MINUTE);
    broken.add(HALL);
    await all.fail(HALL);
    await all.later(MINUTE);
    await all.fail(HALL);
    await all.later(5_000);
    await all.later(MINUTE);
    await all.fail(HALL);
    await all.later(2 * MINUTE);
    await all.fail(HALL);
    await all.later(1_000);
    const pause = await kernel.pauses.add(
      { projectId: "default", triggerId: null, reason: "deploy", until: null },
      person,
    );
    await all.later(30 * MINUTE);
    await all.fail(CELLAR);
    await all.later(MINUTE);
    await all.fail(CELLAR);
    await all.later(MINUTE);
    await kernel.pauses.lift(pause.id, person);
    await all.later(2_000);
    await all.later(5 * MINUTE + 1_000);
    await kernel.switches.kill(true, person);
    await all.later(60 * MINUTE);
    await all.fail(CELLAR);
    await all.later(MINUTE);
    await kernel.switches.kill(false, person);
    await all.later(1_000);
    await all.fail(CELLAR);
    await all.later(MINUTE);
    await all.later(5 * MINUTE);
  }
  const POLICY = [trigger(), trigger({ id: "cellar", condition: { target: CELLAR } })];

  test("with the policy that was in force gives exactly what happened", async () => {
    await using all = await begin(POLICY);
    await evening(all);
    const { status, report, error } = await all.rehearse(POLICY);
    expect([status, error]).toEqual(["done", null]);
    const told = report?.triggers.map((each) => [each.trigger_id, deeds(each.given), each.difference]) ?? [];
    expect(told).toEqual(
      report?.triggers.map((each) => [each.trigger_id, deeds(each.happened), { fires: 0, refused: 0, escalations: 0 }]),
    );
    // And something did happen, of each kind.
    const [cellar, hall] = report?.triggers ?? [];
    expect(hall?.happened.fires).toBe(2);
    expect(hall?.happened.refusals).toEqual({ debounced: 2, budget_exhausted: 2 });
    expect(Object.keys(hall?.happened.escalations ?? {})).not.toEqual([]);
    expect(cellar?.happened.refusals).toMatchObject({ paused: 2, killed: 1 });
  }, 90_000);

  test("follows what was taken back and turned away, and is asked again when nothing stands in the way", async () => {
    const policy = trigger({
      debounce: { count: 1, window_ms: MINUTE },
      budgets: [{ scope: "trigger", max: 9, window_ms: 24 * 60 * MINUTE }],
      backoff: { base_ms: MINUTE, max_ms: MINUTE },
      verify_ms: 24 * 60 * MINUTE,
      // It is eight o'clock; the last of them waits for its turn when these begin.
      windows: { maintenance: [], quiet: [{ from: "09:00", to: "10:00", zone: "UTC" }] },
    });
    await using all = await begin([policy]);
    const person = { kind: "person", id: "ada" } as const;
    const { kernel, clock } = all;
    const of = { projectId: "default", reason: "deploy" };
    const day = [0, 24 * 60 * MINUTE].map((ms) => new Date(clock.now() + ms).toISOString());
    await all.fail(HALL);
    await all.later(1_000);
    await all.fail(HALL);
    await all.later(1_000);
    const pause = await kernel.pauses.add({ ...of, triggerId: null, until: null }, person);
    await all.later(5 * MINUTE);
    await kernel.pauses.lift(pause.id, person);
    await all.later(1_000);
    await kernel.switches.kill(true, person);
    await all.later(5 * MINUTE);
    await kernel.switches.kill(false, person);
    await all.later(1_000);
    const window = { from: day[0] ?? "", to: day[1] ?? "" };
    const closed = await kernel.maintenance.add({ ...of, target: HALL, window }, person);
    await all.later(5 * MINUTE);
    await kernel.maintenance.end(closed.id, person);
    await all.later(1_000);
    await all.later(MINUTE);
    await all.later(59 * MINUTE - (clock.now() % (60 * MINUTE)) + 30_000);
    await all.fail(HALL);
    await all.later(MINUTE);
    await all.later(60 * MINUTE);
    await all.later(MINUTE);
    const { report, error } = await all.rehearse([policy]);
    expect(error).toBeNull();
    const [one] = report?.triggers ?? [];
    expect(deeds(one?.happened)).toEqual({
      fires: 7,
      refusals: { paused: 1, killed: 1, outside_window: 2 },
      escalations: {},
    });
    expect(deeds(one?.given)).toEqual(deeds(one?.happened));
  });

  test.each([
    ["a condition's count", { condition: { target: HALL, count: { at_least: 3, within_ms: MINUTE } } }],
    ["a debounce", { condition: { target: HALL }, debounce: { count: 3, window_ms: MINUTE } }],
  ])("counts equal events of one second as many as they were, for %s", async (_of, given) => {
    const policy = trigger({ debounce: { count: 1, window_ms: MINUTE }, ...given });
    await using all = await begin([policy]);
    await all.failTogether(HALL, 2);
    await all.later(2_000);
    const before = deeds((await all.rehearse([policy])).report?.triggers[0]?.given);
    expect(before).toMatchObject({ fires: 0 });
    await all.later(10 * MINUTE);
    await all.failTogether(HALL, 3);
    await all.later(2_000);
    const rows = await all.engine.reader.selectFrom("delta").select("count").orderBy("second").execute();
    expect(rows.map(({ count }) => Number(count))).toEqual([2, 3]);
    const { report } = await all.rehearse([policy]);
    expect(report).toMatchObject({ deltas: 2, events: 5, triggers: [{ happened: { fires: 1 }, given: { fires: 1 } }] });
  });

  test("tells two policies apart as one does by hand", async () => {
    await using all = await begin([]);
    // Five failures, ten minutes apart, and nobody did anything.
    for (let times = 0; times < 5; times += 1) {
      await all.fail(HALL);
      await all.later(10 * MINUTE);
    }
    const eager = trigger({ debounce: { count: 1, window_ms: MINUTE } });
    const careful = trigger({
      debounce: { count: 2, window_ms: 15 * MINUTE },
      budgets: [{ scope: "trigger", max: 1, window_ms: 24 * 60 * MINUTE }],
    });
    const { report } = await all.rehearse([careful], [eager]);
    const [one] = report?.triggers ?? [];
    // Eager: two of the first hour, then the budget is used up and a person is asked, once; whoever is asked is waited for.
    expect(deeds(one?.against)).toEqual({
      fires: 2,
      refusals: { budget_exhausted: 3 },
      escalations: { budget_exhausted: 1 },
    });
    // Careful: the first failure is one of two; then one attempt, and the rest is above the budget.
    expect(deeds(one?.given)).toEqual({
      fires: 1,
      refusals: { debounced: 1, budget_exhausted: 3 },
      escalations: { budget_exhausted: 1 },
    });
    expect(one?.difference).toEqual({ fires: -1, refused: 1, escalations: 0 });
    expect(one?.given?.budgets.map(({ peak }) => peak)).toEqual([1]);
    expect(one?.against?.budgets.map(({ peak }) => peak)).toEqual([2]);
    expect(deeds(one?.happened)).toEqual({ fires: 0, refusals: {}, escalations: {} });
  });

  test("writes nothing, and two at once are refused", async () => {
    await using all = await begin(POLICY);
    await evening(all);
    const tables = ["ledger", "self_heal_attempts", "permit", "work", "escalation_attempts", "trigger_hour"] as const;
    const count = async () =>
      Promise.all(
        tables.map(
          async (table) =>
            (
              await all.engine.reader
                .selectFrom(table)
                .select(({ fn }) => fn.countAll().as("n"))
                .executeTakeFirst()
            )?.n,
        ),
      );
    const before = await count();
    const rehearsing = all.rehearse([trigger({ budgets: [] })]);
    expect(() => all.kernel.rehearsals.start({ policy: [], against: null, since: all.since, project: null })).toThrow(
      /one at a time/,
    );
    expect((await rehearsing).status).toBe("done");
    expect(await count()).toEqual(before);
  });
});
