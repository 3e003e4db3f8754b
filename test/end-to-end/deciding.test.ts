import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config, RestartPolicy, type Decided } from "@prunella/contract";
import { startServer } from "@prunella/server";
import { expect, it } from "vitest";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/** A person's decisions about one program have a cap of their own: ten an hour. */
const PERSONS_CAP = 10;

const crash = () => ({
  event_id: crypto.randomUUID().replaceAll("-", ""),
  at: Date.now(),
  exit_code: 3,
  signal: null,
  stderr_tail: "FATAL: no cache",
  uptime_ms: 12,
  platform: "linux",
});

/** A program without a budget, so that each crash asks a person. */
async function announce({ server }: Pick<ServerFixture, "server">) {
  const policy = RestartPolicy.parse({ budget: { max: 0, window_ms: 600_000 } });
  const { runId } = await server.supervisorPort.announce({ name: "shop", project: "default", pid: 7, policy });
  return runId;
}

async function ask({ server }: Pick<ServerFixture, "server">, run: string, seen: string | null) {
  await server.supervisorPort.crash(run, crash());
  const held = await server.supervisorPort.next(run, seen);
  if (held.kind !== "hold" || held.escalation_id === null) throw new Error(`${held.kind} instead of a question`);
  return { question: held.escalation_id, attempt: held.attempt_id };
}

it("says and exits by what the gate ruled: permitted ten times an hour, then refused", async () => {
  await using fixture = await openServer();
  const { supervisorPort: port } = fixture.server;
  const say = (...args: string[]) => prunella(["decide", ...args, "--data", fixture.folder]);
  const run = await announce(fixture);
  let seen: string | null = null;
  for (let n = 1; n <= PERSONS_CAP; n += 1) {
    const asked = await ask(fixture, run, seen);
    if (n === 1)
      expect(await say(asked.question, "restart_once")).toMatchObject({
        code: 0,
        stderr: "",
        stdout: expect.stringContaining("shop is restarted once more"),
      });
    else {
      const body = JSON.stringify({ decision: "restart_once" });
      const answer = await fixture.api(`/escalations/${asked.question}/decide`, { method: "POST", body });
      expect(await answer.json()).toMatchObject({ verdict: "permitted", refusal: null });
    }
    const restart = await port.next(run, asked.attempt);
    if (restart.kind !== "restart") throw new Error(`${restart.kind} instead of restart`);
    await port.redeem(restart.permit_id, restart.fence);
    await port.outcome(restart.attempt_id, restart.fence, "succeeded", 8);
    seen = restart.attempt_id;
  }

  const asked = await ask(fixture, run, seen);
  const refused = await say(asked.question, "restart_once");
  expect(refused).toMatchObject({ code: 3, stderr: "" });
  expect(refused.stdout).toMatch(
    /gate refused to restart shop: budget_exhausted\.\n {2}because {6}\S.*\n {2}change with {2}\S/,
  );
  expect(refused.stdout).not.toContain("restarted once more");

  const { escalations } = await fixture.server.kernel.escalations.list("open");
  const left = await say(escalations[0]?.id ?? "", "leave_stopped", "--json");
  expect(left.code).toBe(0);
  expect(JSON.parse(left.stdout)).toMatchObject({ verdict: "none", refusal: null, attempt_id: null });
});

it("is pending while the gate waits for a supervisor that an earlier server knew, and claims nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-pending-"));
  const config = Config.parse({ server: { port: 0 } });
  const open = () =>
    startServer({ config, dataFolder: folder, isDemo: false, checksAnswers: true, log: { info() {}, warn() {} } });
  const before = await open();
  const run = await announce({ server: before });
  const { question, attempt } = await ask({ server: before }, run, null);
  await before.close();
  const after = await open();
  const { code, stdout, stderr } = await prunella(["decide", question, "restart_once", "--data", folder]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("has not answered yet");
  expect(stdout).not.toContain("is restarted");
  // The gate answers once the supervisor is back.
  expect(await after.supervisorPort.next(run, attempt)).toMatchObject({ kind: "restart", subject: { kind: "person" } });
  await after.close();
  rmSync(folder, { recursive: true, force: true });
});

it("names a refusal that has no detail and no way out, too", async () => {
  const escalation = {
    id: "01a1fd39-1b81-70d8-9e80-1b91f9fa5461",
    project_id: "default",
    trigger_id: "restart-shop",
    fault_id: null,
    target: "program:shop",
    reason: "budget_exhausted",
    status: "decided",
    asker: "restart",
    cause: null,
    args: { run: "01a1fd39-1b81-70d8-9e80-1b91f9fa5462" },
    approved_until: 3,
    question: "?",
    options: [],
    default_decision: "leave_stopped",
    decision: "restart_once",
    note: null,
    hold: null,
    held_by: null,
    held_until: null,
    decided_by: { kind: "person", id: "operator" },
    opened_at: 1,
    expires_at: 2,
    decided_at: 1,
    failures_since: 0,
    version: 2,
  } satisfies Decided["escalation"];
  const bare = { detail: null, change_with: null, attempt_id: null, escalation };
  const decided: Decided = { ...bare, verdict: "refused", refusal: "acme_token_unset" };
  const server = createServer((_request, response) => response.end(JSON.stringify(decided)));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const folder = mkdtempSync(join(tmpdir(), "prunella-refused-"));
  writeFileSync(join(folder, "token"), "t");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const args = ["decide", escalation.id, "restart_once", "--url", url, "--token-file", join(folder, "token")];
  expect(await prunella(args)).toEqual({
    code: 3,
    stderr: "",
    stdout: "Decided, but the gate refused to restart shop: acme_token_unset.\n",
  });
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
