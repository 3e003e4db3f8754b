import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { field, list, prunella, startPrunella } from "../../packages/cli/src/cli-fixture.ts";

test(
  "a newcomer sees three faults, six restarts, one escalation and a ledger that verifies, and Ctrl-C ends it",
  { timeout: 120_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), "prunella-newcomer-"));
    const data = join(root, "data");
    const up = startPrunella(["up", "--port", "0", "--data", data], { cwd: root });
    try {
      await up.until(/DSN {7}http/);
      await up.until(/stays down \(budget_exhausted\)/);
      const json = async (...args: string[]): Promise<unknown> =>
        JSON.parse((await prunella([...args, "--data", data, "--json"])).stdout);
      const faults = list(await json("faults"), "faults");
      expect(faults.map((fault) => field(fault, "count")).toSorted()).toEqual([2, 2, 3]);
      expect(list(await json("escalations"), "escalations")).toMatchObject([
        { target: "program:flaky-service", reason: "budget_exhausted" },
      ]);
      expect(list(await json("attempts"), "attempts")).toHaveLength(7);
      expect(await json("ledger", "verify")).toMatchObject({ ok: true });
      up.signal("SIGINT");
      const { code, stdout } = await up.ended;
      expect(code).toBe(0);
      expect(stdout.match(/restarted flaky-service/g)).toHaveLength(6);
      expect(stdout.match(/new fault/g)).toHaveLength(3);
    } finally {
      up.signal("SIGKILL");
      rmSync(root, { recursive: true, force: true });
    }
  },
);
