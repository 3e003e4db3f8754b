import { RestartPolicy } from "@prunella/contract";
import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { aCrash, openKernel, testClock, timePasses } from "../../../../test/kernel-fixture.ts";
import { verifyRows } from "../../../../test/ledger-rows.ts";
import type { Kernel } from "../kernel.ts";

const POLICY = RestartPolicy.parse({
  budget: { max: 2, window_ms: 60_000 },
  backoff: { base_ms: 1_000, max_ms: 4_000 },
  verify_ms: 5_000,
});

async function runProgram(kernel: Kernel, target = "shop", policy = POLICY) {
  const { runId } = await kernel.supervised.announce({ projectId: "default", name: target, pid: 1, policy });
  return {
    runId,
    async crash() {
      await kernel.supervised.crash(runId, (name) => aCrash(name));
      await kernel.settle();
      const { attempts } = await kernel.attempts.list({ limit: 1 });
      return attempts[0];
    },
    /** What a supervisor does with a permit. */
    async restart(clock: ReturnType<typeof testClock>) {
      const instruction = await kernel.supervised.next(runId, null);
      if (instruction.kind !== "restart") throw new Error(`not to be restarted but ${instruction.kind}`);
      clock.advance(Math.max(0, instruction.not_before - clock.now()));
      await kernel.redeemer(instruction.permit_id, instruction.fence);
      await kernel.supervised.outcome(instruction.attempt_id, instruction.fence, "succeeded", 2);
      await kernel.settle();
      return instruction;
    },
  };
}

describe.each(ENGINES)("the gate on $name", ({ open, isMissing }) => {
  const test = it.skipIf(isMissing);

  test("restarts inside the budget, then stops and asks a person once", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel);
    for (let at = 0; at < 2; at += 1) {
      expect(await program.crash()).toMatchObject({ state: "permitted", refusal: null });
      await program.restart(clock);
      clock.advance(100);
    }
    expect(await program.crash()).toMatchObject({ state: "refused", refusal: "budget_exhausted" });
    expect(await program.crash()).toMatchObject({ state: "refused", refusal: "budget_exhausted" });
    const { escalations, open: count } = await kernel.escalations.list("open");
    expect(count).toBe(1);
    expect(escalations[0]).toMatchObject({
      reason: "budget_exhausted",
      failures_since: 1,
      default_decision: "leave_stopped",
    });
    const sprints = await store.engine.reader.selectFrom("corrective_sprint_log").selectAll().execute();
    expect(sprints).toHaveLength(1);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("restarts once more when a person says so, and asks again when that does not help", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel, "shop", { ...POLICY, budget: { max: 0, window_ms: 60_000 } });
    await program.crash();
    const first = (await kernel.escalations.list("open")).escalations[0];
    await kernel.escalations.decide(first?.id ?? "", "restart_once");
    await kernel.settle();
    expect(await program.restart(clock)).toMatchObject({ subject: { kind: "person", id: "operator" } });
    await program.crash();
    const again = (await kernel.escalations.list("open")).escalations;
    expect(again).toHaveLength(1);
    expect(again[0]?.id).not.toBe(first?.id);
    await expect(kernel.escalations.decide(first?.id ?? "", "restart_once")).rejects.toMatchObject({
      code: "PRUNELLA_CONFLICT",
    });
  });

  test("leaves a program stopped for good when a person says so", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const program = await runProgram(kernel, "shop", { ...POLICY, budget: { max: 0, window_ms: 60_000 } });
    await program.crash();
    await kernel.escalations.decide((await kernel.escalations.list("open")).escalations[0]?.id ?? "", "leave_stopped");
    expect(await kernel.supervised.next(program.runId, null)).toMatchObject({ kind: "stopped" });
  });

  test("takes the default when nobody decides for a day", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel, "shop", { ...POLICY, budget: { max: 0, window_ms: 60_000 } });
    await program.crash();
    clock.advance(24 * 3_600_000);
    await kernel.settle();
    expect((await kernel.escalations.list("all")).escalations[0]).toMatchObject({
      status: "expired",
      decision: "leave_stopped",
    });
    // Its supervisor was silent for a day, which may have been noticed before or after.
    expect(["stopped", "over"]).toContain((await kernel.supervised.next(program.runId, null)).kind);
  });

  test("asks nothing any more about a run that ended or was replaced", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const policy = { ...POLICY, budget: { max: 0, window_ms: 60_000 } };
    const first = await runProgram(kernel, "shop", policy);
    await first.crash();
    const second = await runProgram(kernel, "shop", policy);
    expect((await kernel.escalations.list("open")).open).toBe(0);
    await second.crash();
    await kernel.supervised.end(first.runId);
    expect((await kernel.escalations.list("open")).open).toBe(1);
    await kernel.supervised.end(second.runId);
    const { escalations, open: count } = await kernel.escalations.list("all");
    expect(count).toBe(0);
    expect(escalations).toHaveLength(2);
    for (const each of escalations)
      expect(each).toMatchObject({
        status: "expired",
        decision: "leave_stopped",
        decided_by: { kind: "default", id: null },
      });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("writes a refusal of each trigger to the ledger, so that none is shown with another's entry", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const policy = { ...POLICY, budget: { max: 0, window_ms: 60_000 } };
    for (const target of ["shop", "mill", "shop"]) await (await runProgram(kernel, target, policy)).crash();
    const { attempts } = await kernel.attempts.list({ limit: 50 });
    expect(attempts).toHaveLength(3);
    const rows = await store.engine.reader.selectFrom("ledger").selectAll().execute();
    const spokenOf = attempts.map(({ audit_log_id: index, trigger_id: trigger }) => {
      const entry: unknown = JSON.parse(String(rows.find((row) => row.idx === index)?.entry));
      expect(entry).toMatchObject({ type: "attempt_refused", trigger });
      return index;
    });
    expect(new Set(spokenOf).size).toBe(2);
  });

  test("lets nothing act while the kill switch is on, not even a permit that was granted before", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel);
    expect(await program.crash()).toMatchObject({ state: "permitted" });
    const granted = await kernel.supervised.next(program.runId, null);
    await kernel.switches.kill(true);
    if (granted.kind !== "restart") throw new Error("no permit was granted");
    await expect(kernel.redeemer(granted.permit_id, granted.fence)).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
    expect(await program.crash()).toMatchObject({ state: "refused", refusal: "killed" });
    expect((await kernel.escalations.list("open")).open).toBe(0);
    await kernel.switches.kill(false);
    await kernel.settle();
    await program.restart(clock);
    expect((await kernel.supervised.list())[0]).toMatchObject({ state: "running", restarts: 1 });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("redeems a permit once, with its own fencing token, and within its time", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel);
    await program.crash();
    const granted = await kernel.supervised.next(program.runId, null);
    if (granted.kind !== "restart") throw new Error("no permit was granted");
    await expect(kernel.redeemer(granted.permit_id, granted.fence + 1)).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
    const results = await Promise.allSettled([
      kernel.redeemer(granted.permit_id, granted.fence),
      kernel.redeemer(granted.permit_id, granted.fence),
    ]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    await kernel.supervised.outcome(granted.attempt_id, granted.fence, "succeeded", 2);
    await program.crash();
    const late = await kernel.supervised.next(program.runId, null);
    if (late.kind !== "restart") throw new Error("no permit was granted");
    await expect(kernel.redeemer(late.permit_id, late.fence)).rejects.toMatchObject({
      detail: expect.stringContaining("begins"),
    });
    clock.advance(120_000);
    await expect(kernel.redeemer(late.permit_id, late.fence)).rejects.toMatchObject({
      code: "PRUNELLA_PERMIT_INVALID",
    });
  });

  test("waits longer before each restart that did not hold, and not before the first", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel, "shop", { ...POLICY, budget: { max: 10, window_ms: 600_000 } });
    const waits: number[] = [];
    for (let at = 0; at < 5; at += 1) {
      await program.crash();
      const crashedAt = clock.now();
      waits.push((await program.restart(clock)).not_before - crashedAt);
    }
    expect(waits).toEqual([0, 1_000, 2_000, 4_000, 4_000]);
  });

  test("says that a restart held only after the quiet watch", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel);
    await program.crash();
    await program.restart(clock);
    const verification = async () => (await kernel.attempts.list({ limit: 1 })).attempts[0]?.verification;
    expect(await verification()).toBe("watching");
    clock.advance(5_000);
    await kernel.settle();
    expect(await verification()).toBe("held");
  });

  test("tells in a sentence how far a restart has come", async () => {
    await using store = await open();
    const clock = testClock();
    await using kernel = await openKernel(store.engine, clock);
    const program = await runProgram(kernel);
    const summary = async () => {
      const fault = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0];
      return (await kernel.faults.explain(fault?.id ?? "")).summary;
    };
    await program.crash();
    expect(await summary()).toBe("An attempt to restart shop is permitted and waits to be done.");
    await program.restart(clock);
    expect(await summary()).toBe("shop was restarted; whether it holds shows soon.");
    clock.advance(5_000);
    await kernel.settle();
    expect(await summary()).toBe("shop was restarted and has held.");
  });

  test("tells what stands now, a question or its answer, and not the refusal of that moment", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    const program = await runProgram(kernel, "shop", { ...POLICY, budget: { max: 0, window_ms: 60_000 } });
    await program.crash();
    const fault = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0];
    const summary = async () => (await kernel.faults.explain(fault?.id ?? "")).summary;
    expect(await summary()).toMatch(/^shop waits for a person: Restart shop once more, or leave it stopped\?/);
    await kernel.escalations.decide((await kernel.escalations.list("open")).escalations[0]?.id ?? "", "leave_stopped");
    expect(await summary()).toBe("shop stays stopped, as a person decided.");
  });

  test("lets a public event that names a supervised program ask for nothing: it is counted and said", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await runProgram(kernel);
    for (let at = 0; at < 20; at += 1) {
      await kernel.report("default", [aCrash("shop", { source: "sentry", trust: "public" })]);
      await kernel.settle();
    }
    expect((await kernel.attempts.list({ limit: 50 })).attempts).toEqual([]);
    const tally = await store.engine.reader.selectFrom("tally_hour").selectAll().execute();
    expect(tally).toMatchObject([{ project_id: "default", reason: "refused.untrusted_source", count: 20 }]);
    expect((await kernel.escalations.list("open")).open).toBe(0);
    const fault = (await kernel.faults.list({ status: "all", limit: 1 })).faults[0];
    expect(await kernel.faults.explain(fault?.id ?? "")).toMatchObject({
      summary: expect.stringContaining("Anyone"),
      refusal: { refusal: "untrusted_source", check: 2, attempt_id: null },
    });
  });

  test("treats a target that only looks alike as another target", async () => {
    await using store = await open();
    await using kernel = await openKernel(store.engine);
    await runProgram(kernel, "shop");
    await kernel.report("default", [aCrash("Shop")]);
    await kernel.settle();
    expect((await kernel.attempts.list({ limit: 50 })).attempts).toEqual([]);
  });

  test("records no attempt without an earlier ledger entry, and lets no entry be changed or removed", async () => {
    await using store = await open();
    const { engine } = store;
    await using kernel = await openKernel(engine);
    const program = await runProgram(kernel);
    await program.crash();
    await expect(sql`update self_heal_attempts set audit_log_id = 999`.execute(engine.writer)).rejects.toThrow();
    await expect(sql`update self_heal_attempts set audit_log_id = null`.execute(engine.writer)).rejects.toThrow();
    await expect(sql`update ledger set entry = 'x'`.execute(engine.writer)).rejects.toThrow(/append-only/);
    await expect(sql`delete from ledger`.execute(engine.writer)).rejects.toThrow();
  });

  test("counts what was running when the owner ended as abandoned, never as a success", async () => {
    await using store = await open();
    {
      await using kernel = await openKernel(store.engine);
      const program = await runProgram(kernel);
      await program.crash();
      const granted = await kernel.supervised.next(program.runId, null);
      if (granted.kind === "restart") await kernel.redeemer(granted.permit_id, granted.fence);
    }
    await using kernel = await openKernel(store.engine);
    expect((await kernel.attempts.list({ limit: 1 })).attempts[0]?.state).toBe("abandoned");
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("judges a crash from before its start only when the supervisor is back", async () => {
    await using store = await open();
    const clock = testClock();
    let runId = "";
    {
      await using kernel = await openKernel(store.engine, clock);
      runId = (await runProgram(kernel)).runId;
    }
    clock.advance(1);
    // What an owner leaves that ends between the commit of a crash and its judgement.
    await sql`update supervised set state = 'waiting'`.execute(store.engine.writer);
    const work = {
      trigger: "restart-shop",
      fault: null,
      target: "program:shop",
      cause: { source: "supervisor", trust: "local", level: "fatal" },
    };
    await sql`insert into work (project_id, work_id, kind, lane, payload, due_at, leased_until, fence, tries)
      values ('default', '01a1fd39-1b81-70d8-9e80-1b91f9fa5461', 'evaluate_trigger', 0, ${JSON.stringify(work)}, 0, 0, 0, 0)`.execute(
      store.engine.writer,
    );
    await using kernel = await openKernel(store.engine, clock);
    await kernel.settle();
    expect((await kernel.attempts.list({ limit: 10 })).attempts).toEqual([]);
    const answer = kernel.supervised.next(runId, null);
    // It may be looked at before the supervisor's word is written, and is then put off once more.
    expect(await timePasses(clock, 300, answer)).toMatchObject({ kind: "restart" });
  });

  test("asks the gate again when the owner ended between a permit's redeeming and its outcome", async () => {
    await using store = await open();
    const clock = testClock();
    let runId = "";
    {
      await using kernel = await openKernel(store.engine, clock);
      const program = await runProgram(kernel);
      runId = program.runId;
      await program.crash();
      const granted = await kernel.supervised.next(runId, null);
      if (granted.kind === "restart") await kernel.redeemer(granted.permit_id, granted.fence);
    }
    clock.advance(10);
    await using kernel = await openKernel(store.engine, clock);
    const answer = kernel.supervised.next(runId, null);
    await kernel.settle();
    expect(await answer).toMatchObject({ kind: "restart", subject: { kind: "trigger", id: "restart-shop" } });
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("believes an executor that reports after its attempt was given up, and counts no success", async () => {
    await using store = await open();
    const clock = testClock();
    let granted: Awaited<ReturnType<Kernel["supervised"]["next"]>> = { kind: "wait" };
    {
      await using kernel = await openKernel(store.engine, clock);
      const program = await runProgram(kernel);
      await program.crash();
      granted = await kernel.supervised.next(program.runId, null);
      if (granted.kind === "restart") await kernel.redeemer(granted.permit_id, granted.fence);
    }
    await using kernel = await openKernel(store.engine, clock);
    if (granted.kind !== "restart") throw new Error("no permit was granted");
    await kernel.supervised.outcome(granted.attempt_id, granted.fence, "succeeded", 7);
    expect((await kernel.supervised.list())[0]).toMatchObject({ state: "running", pid: 7 });
    expect((await kernel.attempts.list({ limit: 1 })).attempts[0]?.state).toBe("abandoned");
  });
});
