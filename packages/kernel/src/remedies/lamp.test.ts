import { AT_ALL_TIMES, type Trigger } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import { createLamps } from "./lamp-fixture.ts";
import { remedySuite, SUITE_POLICY } from "./remedy-suite.ts";

const TARGET = "lamp:hall/2.left@home#1";

function lampTrigger(given: Partial<Trigger> = {}): Trigger {
  return {
    ...SUITE_POLICY,
    ...AT_ALL_TIMES,
    id: "light-hall",
    project_id: "default",
    condition: { target: TARGET, level: "error" },
    target: null,
    remedies: [{ action: "switch_on", args: {}, timeout_ms: 60_000 }],
    budgets: [{ scope: "trigger", max: 3, window_ms: 60_000 }],
    ceilings: [{ scope: "trigger", max: 1 }],
    envelope: {
      enabled: true,
      actions: ["switch_on"],
      targets: [TARGET],
      expected_symptoms: [],
      allow_public: false,
      excludes: [],
    },
    version: 1,
    ...given,
  };
}

const lampName = TARGET.slice("lamp:".length);
const dark = () => aCrash(TARGET, { source: "probe", level: "error" });

// It acts in this process: the kernel redeems and carries it out by itself.
remedySuite("a lamp", async (engine, clock, budget) => {
  const lamps = createLamps();
  lamps.add(lampName);
  const kernel = await openKernel(engine, clock, 5_000, undefined, undefined, { remedies: [lamps.remedy] });
  await kernel.triggers.register(
    lampTrigger({
      budgets: [{ scope: "trigger", max: budget, window_ms: 60_000 }],
      backoff: { base_ms: 0, max_ms: 0 },
    }),
  );
  return {
    kernel,
    remedy: lamps.remedy,
    target: TARGET,
    missingTarget: "lamp:cellar",
    async fail() {
      lamps.fail(lampName);
      await kernel.report("default", [dark()]);
      await Promise.race([kernel.settle(), lamps.begun()]);
    },
    async carryOut(works) {
      lamps.break(lampName, !works);
      await lamps.begun();
      lamps.release();
      await kernel.settle();
    },
    acts: () => lamps.switched(lampName),
    [Symbol.asyncDispose]: () => kernel.close(),
  };
});

describe.each(ENGINES)("a remedy that acts in this process, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);
  const begin = async (given: Partial<Trigger> = {}) => {
    const store = await open();
    const lamps = createLamps();
    lamps.add(lampName);
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock, 5_000, undefined, undefined, { remedies: [lamps.remedy] });
    await kernel.triggers.register(lampTrigger(given));
    return {
      store,
      lamps,
      clock,
      kernel,
      async [Symbol.asyncDispose]() {
        await kernel.close();
        await store[Symbol.asyncDispose]();
      },
    };
  };

  test("asks a person when its budget is used up, though no supervisor waits for it", async () => {
    await using all = await begin({ budgets: [{ scope: "trigger", max: 0, window_ms: 60_000 }] });
    all.lamps.fail(lampName);
    await all.kernel.report("default", [dark()]);
    await all.kernel.settle();
    expect((await all.kernel.escalations.list("open")).escalations).toMatchObject([
      { reason: "budget_exhausted", target: TARGET, cause: { source: "probe", trust: "local", level: "error" } },
    ]);
  });

  test("asks nobody when the target is well by the time it is judged", async () => {
    await using all = await begin({ budgets: [{ scope: "trigger", max: 0, window_ms: 60_000 }] });
    await all.kernel.report("default", [dark()]);
    await all.kernel.settle();
    expect((await all.kernel.attempts.list({ limit: 1 })).attempts[0]).toMatchObject({ refusal: "budget_exhausted" });
    expect((await all.kernel.escalations.list("open")).open).toBe(0);
  });

  test("asks a person when the quiet watch ends with the target down, which nobody reported", async () => {
    await using all = await begin();
    all.lamps.fail(lampName);
    await all.kernel.report("default", [dark()]);
    await Promise.race([all.kernel.settle(), all.lamps.begun()]);
    all.lamps.release();
    await all.kernel.settle();
    all.lamps.fail(lampName);
    all.clock.advance(SUITE_POLICY.verify_ms);
    await all.kernel.settle();
    expect((await all.kernel.attempts.list({ limit: 1 })).attempts[0]).toMatchObject({ verification: "ineffective" });
    expect((await all.kernel.escalations.list("open")).escalations).toMatchObject([{ reason: "ineffective" }]);
  });

  test("leaves an act of a process that died to a person, and repeats nothing blindly", async () => {
    await using all = await begin();
    all.lamps.fail(lampName);
    await all.kernel.report("default", [dark()]);
    await Promise.race([all.kernel.settle(), all.lamps.begun()]);
    // It stands at the switch, and its process is gone for all that others know.
    const engine = await all.store.again();
    const other = await openKernel(engine, all.clock, 5_000, undefined, undefined, { remedies: [all.lamps.remedy] });
    await other.settle();
    expect((await other.attempts.list({ limit: 1 })).attempts[0]).toMatchObject({ state: "abandoned" });
    expect((await other.escalations.list("open")).escalations).toMatchObject([{ reason: "ineffective" }]);
    expect(all.lamps.switched(lampName)).toBe(0);
    await other.close();
    all.lamps.release();
  });

  test("does what a grant allows, and nothing else", async () => {
    await using all = await begin();
    const limits = { budgets: [{ scope: "target", max: 1, window_ms: 60_000 } as const], ceilings: [] };
    const { key } = await all.kernel.callers.add({
      id: "ci",
      project_id: "default",
      actions: ["switch_on"],
      targets: [TARGET],
      ...limits,
      expires_at: null,
    });
    const stored = await all.store.engine.reader.selectFrom("grant_policy").selectAll().executeTakeFirstOrThrow();
    expect(JSON.stringify(stored)).not.toContain(key);
    const ask = (given: { action?: string; target?: string; key?: string } = {}) =>
      all.kernel.callers.ask(given.key ?? key, { action: "switch_on", target: TARGET, args: {}, ...given });
    expect(await ask()).toMatchObject({ refused: { refusal: "target_already_healthy" } });
    all.lamps.fail(lampName);
    expect(await ask({ target: "lamp:cellar" })).toMatchObject({ refused: { refusal: "not_granted" } });
    expect(await ask({ action: "restart" })).toMatchObject({ refused: { refusal: "not_granted" } });
    await expect(ask({ key: "guessed" })).rejects.toMatchObject({ code: "PRUNELLA_SIGN_IN_REQUIRED" });
    expect(await ask()).toMatchObject({ kind: "permitted" });
    const [attempt] = (await all.kernel.attempts.list({ limit: 1 })).attempts;
    expect(attempt).toMatchObject({
      subject: { kind: "grant", id: "ci" },
      because: { kind: "call" },
      cause: null,
      trigger_id: null,
    });
    await all.kernel.callers.revoke("default", "ci");
    expect(await ask()).toMatchObject({ refused: { refusal: "not_granted" } });
    // What was permitted before is refused when it is redeemed.
    await all.kernel.settle();
    expect(all.lamps.switched(lampName)).toBe(0);
    expect(await verifyRows(all.store.engine)).toEqual([]);
  });

  test("refuses arguments that hold a secret, before anything is written", async () => {
    await using all = await begin();
    const secret = ["ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a"].join("");
    await expect(
      all.kernel.triggers.register(
        lampTrigger({ remedies: [{ action: "switch_on", args: { header: secret }, timeout_ms: 60_000 }] }),
      ),
    ).rejects.toMatchObject({
      code: "PRUNELLA_UNSCRUBBED",
    });
  });
});
