import { afterAll, describe, expect, it } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config, type LedgerReport } from "@prunella/contract";
import { OPERATIONS } from "@prunella/contract/operations";
import { startServer } from "@prunella/server";
import { createPostgresDatabase, ENGINES } from "../engines.ts";

/** The holder of a DSN key against healing, at the doors of a server; what the kernel does is in public-events.test.ts. */
const root = mkdtempSync(join(tmpdir(), "prunella-flood-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CONNECTIONS = 8;
const MOST = 4_000;

describe.each(ENGINES)("a flood of public events at the doors on $name", ({ name, isMissing }) => {
  it.skipIf(isMissing)(
    "holds up no real crash: it is judged and permitted while the flood goes on, and starts nothing itself",
    { timeout: 120_000 },
    async () => {
      const store = name === "postgres" ? { store: { url: await createPostgresDatabase() } } : {};
      const server = await startServer({
        config: Config.parse({ server: { port: 0 }, limits: { new_faults_per_minute: 100_000 }, ...store }),
        dataFolder: join(root, name),
        isDemo: false,
        log: { info() {}, warn() {} },
      });
      try {
        const { username, pathname } = new URL(server.dsn);
        const headers = { authorization: `Bearer ${server.token}` };
        const call = (path: string, body: object) =>
          fetch(`${server.url}/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
        const policy = { backoff: { base_ms: 0, max_ms: 0 } };
        const { run_id } = OPERATIONS.announce_run.output.parse(
          await (await call("/supervised", { name: "shop", pid: null, policy })).json(),
        );

        let sent = 0;
        let isOver = false;
        const statuses = new Set<number>();
        const pour = async (): Promise<void> => {
          while (!isOver && sent < MOST) {
            sent += 1;
            const forged = {
              level: "fatal",
              message: `forged ${sent % 97}`,
              release: `r${sent % 50}`,
              tags: { "prunella.target": "program:shop" },
            };
            const answer = await fetch(`${server.url}/api${pathname}/store/?sentry_key=${username}`, {
              method: "POST",
              body: JSON.stringify(forged),
            });
            await answer.arrayBuffer();
            statuses.add(answer.status);
          }
        };
        const poured = Promise.all(Array.from({ length: CONNECTIONS }, pour));
        while (sent < 500) await new Promise((resolve) => setTimeout(resolve, 5));

        const body = {
          event_id: "c".repeat(32),
          at: Date.now(),
          exit_code: 3,
          signal: null,
          stderr_tail: "fatal: no stock",
          uptime_ms: 9,
          platform: "linux",
        };
        expect((await call(`/supervised/${run_id}/crash`, body)).status).toBe(204);
        const next = await fetch(`${server.url}/v1/supervised/${run_id}/next`, { headers });
        expect(await next.json()).toMatchObject({ kind: "restart" });
        // The flood was not waited for.
        expect(sent).toBeLessThan(MOST);
        isOver = true;
        await poured;
        expect([...statuses].filter((status) => status !== 200 && status !== 429)).toEqual([]);
        await server.kernel.settle();
        const { attempts } = await server.kernel.attempts.list({ limit: 50 });
        expect(attempts).toMatchObject([{ cause: { source: "supervisor", trust: "local" } }]);
        const verified: LedgerReport = OPERATIONS.verify_ledger.output.parse(
          await (await fetch(`${server.url}/v1/ledger/verify`, { headers })).json(),
        );
        expect(verified.problems).toEqual([]);
      } finally {
        await server.close();
      }
    },
  );
});
