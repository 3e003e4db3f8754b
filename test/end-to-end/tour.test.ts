import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startPrunella } from "../../packages/cli/src/cli-fixture.ts";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { needs } from "../needs.ts";

const TOUR = join(import.meta.dirname, "../../examples/tour/tour.mjs");
const run = promisify(execFile);

it.skipIf(!needs("deno", denoBinary() !== null))(
  "the tour through the demo ends: five failures are one issue, what strangers sent is public only when a person says so, and the host says that it is a double",
  { timeout: 240_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "prunella-tour-"));
    const data = join(folder, "data");
    const server = startPrunella(["up", "--data", data, "--port", "0"]);
    try {
      const [, host = ""] = await server.until(/Issues\s+(http:\/\/127\.0\.0\.1:\d+)/);
      await server.until(/double of GitHub/);
      const { stdout } = await run(process.execPath, [TOUR, "--data", data], { maxBuffer: 10_000_000 });
      expect(stdout).toContain("The ledger verifies.");
      expect(stdout).toMatch(/wait\s+1 approved this very commit/);
      const list = await (await fetch(host)).text();
      expect(list).toContain("A double of GitHub");
      expect(list.match(/fragile: connect ECONNREFUSED/g)).toHaveLength(1);
      expect(list).toMatch(/shop-private <small>private<\/small>.*CartMissing/s);
      expect(list.match(/CartMissing/g)).toHaveLength(2);
      expect(list.match(/tests ended with failure/g)).toHaveLength(1);
      // Nobody's page but its own presses its button.
      expect((await fetch(`${host}/fail`, { method: "POST" })).status).toBe(404);
    } finally {
      server.signal("SIGTERM");
      await server.ended;
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
