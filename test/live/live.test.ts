import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serve } from "@hono/node-server";
import { createFakehub } from "@prunella/forge/fakehub";
import { expect, it } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

/** As `npm run test:live` does; nobody's token and no repository come in from outside. */
const live = (env: NodeJS.ProcessEnv) =>
  run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "vitest.live.config.ts"], {
    cwd: root,
    env: { PATH: process.env["PATH"], NO_COLOR: "1", ...env },
  }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );

it(
  "the live test passes against the double, closes what it made, and asks for what it lacks",
  { timeout: 120_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "prunella-live-"));
    const hub = createFakehub({ folder, clock: { now: Date.now } });
    const repo = hub.addRepo("acme/live", { "README.md": "# For live tests\n" });
    const permissions = { issues: "write", contents: "read", metadata: "read" };
    const expiresAt = Date.now() + 3_600_000;
    hub.state.tokens.set("a-token", { login: "ada", repos: new Set(["acme/live"]), permissions, expiresAt });
    const { promise: listening, resolve } = Promise.withResolvers<number>();
    const server = serve(
      { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }) => resolve(port),
    );
    try {
      const url = `http://127.0.0.1:${await listening}`;
      const passed = await live({
        PRUNELLA_LIVE_TOKEN: "a-token",
        PRUNELLA_LIVE_REPO: "acme/live",
        PRUNELLA_LIVE_URL: url,
      });
      expect(passed.said).toContain("3 passed");
      expect(repo.issues).toMatchObject([{ state: "closed" }]);
      expect(repo.comments).toHaveLength(1);
      const lacking = await live({});
      expect([lacking.code, lacking.said]).toEqual([1, expect.stringContaining("Set PRUNELLA_LIVE_TOKEN")]);
    } finally {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
