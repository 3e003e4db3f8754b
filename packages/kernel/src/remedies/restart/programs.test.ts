import { RestartPolicy } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../../test/engines.ts";
import { aCrash, openKernel, testClock } from "../../../../../test/kernel-fixture.ts";
import { OPERATOR } from "../../actors.ts";

const POLICY = RestartPolicy.parse({ backoff: { base_ms: 0, max_ms: 0 }, budget: { max: 1, window_ms: 3_600_000 } });

describe.each(ENGINES)("what is told of a program, on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    const kernel = await openKernel(store.engine, clock);
    const announce = () => kernel.supervised.announce({ projectId: "default", name: "shop", pid: 1, policy: POLICY });
    const { runId } = await announce();
    const row = async () => {
      const [first] = await kernel.supervised.list();
      if (!first) throw new Error("the program is not listed");
      return first;
    };
    const crash = async (run: string) => {
      clock.advance(60_000);
      await kernel.supervised.crash(run, (target) => aCrash(target, { exit_code: 7, at: clock.now() }));
      await kernel.settle();
    };
    const obey = async (run: string) => {
      const told = await kernel.supervised.next(run, null);
      if (!("permit_id" in told)) throw new Error(`it was told ${told.kind}`);
      await kernel.redeemer(told.permit_id, told.fence);
      clock.advance(1_000);
      await kernel.supervised.outcome(told.attempt_id, told.fence, "succeeded", 2);
      await kernel.settle();
    };
    const end = async () => {
      await kernel.close();
      await store[Symbol.asyncDispose]();
    };
    return { kernel, clock, announce, runId, row, crash, obey, [Symbol.asyncDispose]: end };
  }

  test("nothing but that it runs, before anything happened", async () => {
    await using all = await begin();
    expect(await all.row()).toMatchObject({
      state: "running",
      restarts_day: 0,
      last_crash: null,
      fault_id: null,
      open_escalation_id: null,
      last_attempt: null,
      day: { crashes: 0 },
    });
  });

  test("how its last crash ended, which fault that is, and that the restart is watched", async () => {
    await using all = await begin();
    await all.crash(all.runId);
    const at = all.clock.now();
    await all.obey(all.runId);
    const [fault] = (await all.kernel.faults.list({ status: "all", limit: 1 })).faults;
    expect(await all.row()).toMatchObject({
      state: "running",
      restarts_day: 1,
      last_crash: { at, exit_code: 7, signal: null },
      fault_id: fault?.id,
      last_attempt: { action: "restart", state: "succeeded", verification: "watching", by: { kind: "trigger" } },
      day: { crashes: 1, up_ms: 60_000 },
    });
  });

  test("the question that it waits for, and what a person did", async () => {
    await using all = await begin();
    await all.crash(all.runId);
    await all.obey(all.runId);
    await all.crash(all.runId);
    const [question] = (await all.kernel.escalations.list("open")).escalations;
    expect(await all.row()).toMatchObject({
      state: "waiting",
      open_escalation_id: question?.id,
      last_attempt: { state: "refused", refusal: "budget_exhausted" },
    });
    await all.kernel.act("default", "shop", "start", OPERATOR);
    await all.obey(all.runId);
    expect(await all.row()).toMatchObject({
      state: "running",
      open_escalation_id: null,
      restarts_day: 2,
      last_attempt: { action: "start", by: { kind: "person" } },
      day: { crashes: 2 },
    });
    // Nobody answered it, and it does not say that the program was left stopped.
    const [fault] = (await all.kernel.faults.list({ status: "all", limit: 1 })).faults;
    const { summary } = await all.kernel.faults.explain(fault?.id ?? "");
    expect(summary).toContain("the question was settled without an answer");
  });

  test("a stop by hand is no answer to the question that it settles", async () => {
    await using all = await begin();
    await all.crash(all.runId);
    await all.obey(all.runId);
    await all.crash(all.runId);
    expect((await all.row()).open_escalation_id).not.toBeNull();
    await all.kernel.act("default", "shop", "stop", OPERATOR);
    await all.obey(all.runId);
    expect(await all.row()).toMatchObject({ state: "stopped", open_escalation_id: null });
    expect(await all.kernel.supervised.next(all.runId, null)).toMatchObject({ kind: "stopped", escalation_id: null });
  });

  test("the next run of its name still knows the last crash, and a day later it is no longer of the day", async () => {
    await using all = await begin();
    await all.crash(all.runId);
    const { last_crash } = await all.row();
    await all.kernel.supervised.end(all.runId);
    all.clock.advance(25 * 3_600_000);
    await all.announce();
    expect(await all.row()).toMatchObject({ state: "running", restarts: 0, last_crash, day: { crashes: 0, up_ms: 0 } });
  });

  test("what a decision had done stands with its question", async () => {
    await using all = await begin();
    await all.crash(all.runId);
    await all.obey(all.runId);
    await all.crash(all.runId);
    const [open] = (await all.kernel.escalations.list("open")).escalations;
    expect(open?.answer).toBeNull();
    await all.kernel.escalations.decide(open?.id ?? "", "restart_once");
    await all.obey(all.runId);
    const [decided] = (await all.kernel.escalations.list("all")).escalations;
    expect(decided?.answer).toMatchObject({ action: "restart", state: "succeeded", verification: "watching" });
  });
});
