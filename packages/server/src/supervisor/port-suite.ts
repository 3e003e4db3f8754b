import { randomBytes } from "node:crypto";
import type { CrashBody, Instruction } from "@prunella/contract";
import { Permit, type Kernel } from "@prunella/kernel";
import { describe, expect, test } from "vitest";
import type { SupervisorPort } from "./port.ts";
import { quickPolicy } from "./supervisor-fixture.ts";

export interface PortFixture extends AsyncDisposable {
  readonly port: SupervisorPort;
  /** Of the owner that the port speaks with. */
  readonly kernel: Kernel;
}

/** What every way of speaking with the owner must do alike. */
export function supervisorPortSuite(name: string, open: () => Promise<PortFixture>): void {
  const crashBody = (over: Partial<CrashBody> = {}): CrashBody => ({
    event_id: randomBytes(16).toString("hex"),
    at: Date.now(),
    exit_code: 3,
    signal: null,
    stderr_tail: "FATAL: no cache",
    uptime_ms: 12,
    platform: "linux",
    ...over,
  });
  const announce = (port: SupervisorPort, max = 1) =>
    port.announce({ name: "shop", project: "default", pid: 7, policy: quickPolicy(max) });
  const granted = async (port: SupervisorPort, runId: string): Promise<Extract<Instruction, { kind: "restart" }>> => {
    const instruction = await port.next(runId, null);
    if (instruction.kind !== "restart") throw new Error(`${instruction.kind} instead of restart`);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, instruction.not_before - Date.now() + 2)));
    return instruction;
  };

  describe(`${name} as a supervisor's port`, () => {
    test("leads from a crash over a permit to a running program", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port);
      expect(await kernel.supervised.list()).toMatchObject([{ name: "shop", state: "running", pid: 7 }]);
      await port.crash(runId, crashBody());
      const restart = await granted(port, runId);
      const permit = await port.redeem(restart.permit_id, restart.fence);
      expect(Permit.read(permit)).toEqual({
        permitId: restart.permit_id,
        attemptId: restart.attempt_id,
        projectId: "default",
        action: "restart",
        target: "program:shop",
        args: { run: runId },
        fence: restart.fence,
        expiresAt: expect.any(Number),
      });
      await port.outcome(restart.attempt_id, restart.fence, "succeeded", 8);
      expect(await kernel.supervised.list()).toMatchObject([{ state: "running", pid: 8, restarts: 1 }]);
      await port.end(runId);
      expect(await kernel.supervised.list()).toEqual([]);
    });

    test("tells how the program is, and its last lines without their secrets, until it ends", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port);
      expect(await kernel.supervised.list()).toMatchObject([{ vitals: null }]);
      const secret = ["hunter2", "correct", "horse"].join("-");
      await port.vitals(runId, { rss_bytes: 4_096, cpu: 0.5, output: `ready\npassword=${secret}\n` });
      expect(await kernel.supervised.list()).toMatchObject([{ vitals: { rss_bytes: 4_096, cpu: 0.5 } }]);
      const { lines } = await kernel.supervised.output("default", "shop");
      expect([lines.length, lines[0]]).toEqual([2, "ready"]);
      expect(JSON.stringify(lines)).not.toContain(secret);
      await port.end(runId);
      await expect(kernel.supervised.output("default", "shop")).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
    });

    test("counts a crash that is reported twice once", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port);
      const body = crashBody();
      await port.crash(runId, body);
      await port.crash(runId, body);
      await kernel.settle();
      expect((await kernel.faults.list({ status: "all", limit: 10 })).faults).toMatchObject([
        { count: 1, title: expect.stringContaining("no cache") },
      ]);
    });

    test("tells of a refusal once, and of the decision that follows", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port, 0);
      await port.crash(runId, crashBody());
      const held = await port.next(runId, null);
      if (held.kind !== "hold" || held.escalation_id === null) throw new Error(`${held.kind} instead of hold`);
      expect(held).toMatchObject({ refusal: "budget_exhausted" });
      const after = port.next(runId, held.attempt_id);
      await kernel.escalations.decide(held.escalation_id, "leave_stopped");
      expect(await after).toMatchObject({ kind: "stopped", escalation_id: held.escalation_id });
    });

    test("redeems a permit once, with its own fence only, and never under the kill switch", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port, 5);
      await port.crash(runId, crashBody());
      const restart = await granted(port, runId);
      await expect(port.redeem(restart.permit_id, restart.fence + 1)).rejects.toMatchObject({
        code: "PRUNELLA_PERMIT_INVALID",
      });
      await port.redeem(restart.permit_id, restart.fence);
      await expect(port.redeem(restart.permit_id, restart.fence)).rejects.toMatchObject({
        code: "PRUNELLA_PERMIT_INVALID",
      });
      await port.outcome(restart.attempt_id, restart.fence, "succeeded", 8);
      await expect(port.outcome(restart.attempt_id, restart.fence, "failed", null)).rejects.toMatchObject({
        code: "PRUNELLA_CONFLICT",
      });

      await port.crash(runId, crashBody());
      const second = await granted(port, runId);
      await kernel.switches.kill(true);
      await expect(port.redeem(second.permit_id, second.fence)).rejects.toMatchObject({
        code: "PRUNELLA_PERMIT_INVALID",
      });
    });

    test("knows no run and no permit that is not there", async () => {
      await using fixture = await open();
      const { port } = fixture;
      const nobody = "01a1fd39-1b81-70d8-9e80-1b91f9fa5461";
      await expect(port.crash(nobody, crashBody())).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
      await expect(port.next(nobody, null)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
      await expect(port.end(nobody)).rejects.toMatchObject({ code: "PRUNELLA_NOT_FOUND" });
      await expect(port.redeem("../../kill", 1)).rejects.toMatchObject({ code: "PRUNELLA_PERMIT_INVALID" });
    });

    test("takes whatever a program can leave on stderr", async () => {
      await using fixture = await open();
      const { port, kernel } = fixture;
      const { runId } = await announce(port);
      await port.crash(
        runId,
        crashBody({
          stderr_tail: "\u0000\u001b[31mError: \uFFFD\u0007 ÿ\u001b[0m\n".repeat(700).slice(0, 16_384),
          signal: "SIGSEGV",
          exit_code: null,
        }),
      );
      await kernel.settle();
      expect((await kernel.faults.list({ status: "all", limit: 10 })).faults).toHaveLength(1);
    });
  });
}
