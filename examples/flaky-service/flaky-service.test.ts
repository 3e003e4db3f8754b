import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, list, prunella, startPrunella, text } from "../../packages/cli/src/cli-fixture.ts";

test(
  "a newcomer sees three faults, six restarts, questions that reach a viewer, a probe that heals, a clerk who is woken twice, a trigger that only detects, and a ledger that verifies, and Ctrl-C ends it",
  { timeout: 120_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), "prunella-newcomer-"));
    const data = join(root, "data");
    const up = startPrunella(["up", "--port", "0", "--data", data], { cwd: root });
    try {
      await up.until(/DSN {7}http/);
      const json = async (...args: string[]): Promise<unknown> =>
        JSON.parse((await prunella([...args, "--data", data, "--json"])).stdout);
      // Shop and till fail side by side, in no order: each is waited for by itself.
      await up.until(/stays down \(budget_exhausted\)/);
      await up.until(/the demo's own message viewer: flaky-service needs a decision/);
      await up.until(/the demo's own message viewer: heartbeat:clerk needs a decision/);
      await up.until(/new-faults-of-the-shop holds for program:flaky-service; it only detects/);
      await up.until(/new fault \S+ ProbeFailed\.status/);
      await up.until(/the probe till-answers is unhealthy: It answered 503/);
      await up.until(/restarted till/);
      await up.until(/the probe till-answers is healthy again: It answered 200/);
      await up.until(/the heartbeat clerk is unhealthy: Nothing was heard of it in time/);
      const isWell = async () => list(await json("probes", "list"), "probes").map((probe) => field(probe, "status"));
      await expect.poll(isWell, { timeout: 60_000 }).toEqual(["healthy"]);

      const all = list(await json("faults", "--status", "all"), "faults");
      const faults = all.filter((fault) => !text(fault, "title").match(/^(ProbeFailed|HeartbeatMissed)/));
      expect(faults.map((fault) => field(fault, "count")).toSorted()).toEqual([2, 2, 3]);
      const asked = list(await json("escalations"), "escalations");
      expect(asked.map((one) => text(one, "target")).toSorted()).toEqual(["heartbeat:clerk", "program:flaky-service"]);
      expect(asked).toContainEqual(expect.objectContaining({ reason: "budget_exhausted" }));
      const attempts = list(await json("attempts", "--limit", "50"), "attempts");
      const of = (trigger: string) => attempts.filter((one) => field(one, "trigger_id") === trigger);
      expect(of("restart-flaky-service")).toHaveLength(7);
      expect(of("restart-till").map((one) => field(one, "cause"))).toContainEqual(
        expect.objectContaining({ source: "probe" }),
      );
      expect(of("wake-the-clerk")).toMatchObject([
        { action: "wake", state: "succeeded", verification: "ineffective" },
        { action: "wake", state: "succeeded", verification: "ineffective" },
      ]);
      expect(of("new-faults-of-the-shop")).toContainEqual(expect.objectContaining({ refusal: "detect_only" }));
      expect(await json("ledger", "verify")).toMatchObject({ ok: true });
      up.signal("SIGINT");
      const { code, stdout } = await up.ended;
      expect(code).toBe(0);
      expect(stdout.match(/restarted flaky-service/g)).toHaveLength(6);
      expect(stdout.match(/new fault (?!\S+ (?:ProbeFailed|HeartbeatMissed))/g)).toHaveLength(3);
      expect(stdout.match(/somebody knocks/g)).toHaveLength(2);
      // A question about a program that was stopped with the server is settled, which may still be told.
      expect(stdout.match(/message viewer: \S+ needs/g)).toHaveLength(2);
    } finally {
      up.signal("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    }
  },
);
