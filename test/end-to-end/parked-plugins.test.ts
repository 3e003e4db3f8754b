import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { field, list, startPrunella, text, type Started } from "../../packages/cli/src/cli-fixture.ts";
import { createPostgresDatabase } from "../engines.ts";

const manifestOf = (port: number) => ({
  manifestVersion: 1,
  name: "far-tidy",
  version: "0.1.0",
  description: "Tidies elsewhere.",
  license: "Apache-2.0",
  kind: "http",
  url: `http://127.0.0.1:${port}/`,
  engines: { prunella: ">=0.1.0" },
  namespace: "tidy",
  commands: [
    {
      name: "up",
      summary: "Tidies up",
      risk: "destructive",
      input: { properties: { what: { type: "string" } }, required: ["what"] },
      uses: ["net:write"],
      timeoutMs: 60_000,
    },
  ],
  network: [{ host: "127.0.0.1", port, methods: ["POST"], reason: "It runs there." }],
});

/** What a person is asked about stays theirs to answer, whatever becomes of the server that asked. */
describe.each(inject("postgresUrl") === null ? ["sqlite"] : ["sqlite", "postgres"])(
  "a command that waits for a person, on %s",
  { timeout: 240_000 },
  (engine) => {
    let root = "";
    let up: Started;
    let port = 0;
    const done: string[] = [];
    const worker = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const asked: unknown = JSON.parse(Buffer.concat(chunks).toString());
        done.push(text(field(field(asked, "params"), "input"), "what"));
        response.end(JSON.stringify({ jsonrpc: "2.0", id: field(asked, "id"), result: { output: "tidied" } }));
      });
    });
    const until = <T>(found: () => T) => expect.poll(found, { timeout: 90_000, interval: 100 });

    const start = async () => {
      up = startPrunella(["up", "--data", join(root, "data"), "--port", "0", "--no-demo", "--json"], { cwd: root });
      await up.until(/"url"/);
    };
    async function call(path: string, body?: object): Promise<unknown> {
      const server: unknown = JSON.parse(readFileSync(join(root, "data", "server.json"), "utf8"));
      const headers = { "content-type": "application/json", authorization: `Bearer ${text(server, "token")}` };
      const answer = await fetch(`${text(server, "url")}/v1${path}`, {
        headers,
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      });
      return answer.json();
    }
    const park = async (what: string) => {
      const parked = await call("/plugins/far-tidy/commands/up", { args: { what }, asks: true, via: "cli" });
      expect(parked).toMatchObject({ status: "parked" });
      return { invocation: text(parked, "invocation"), question: text(parked, "escalation") };
    };
    const runOf = async (id: string) =>
      list(await call("/plugins/far-tidy/invocations"), "invocations").find((one) => field(one, "id") === id);
    const open = async () => list(await call("/escalations?status=open"), "escalations").map((one) => text(one, "id"));
    const decide = (id: string, decision: string) => call(`/escalations/${id}/decide`, { decision });

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "prunella-parked-"));
      await new Promise<void>((resolve) => worker.listen(0, "127.0.0.1", resolve));
      const address = worker.address();
      port = typeof address === "object" && address !== null ? address.port : 0;
      mkdirSync(join(root, "tidy"));
      writeFileSync(join(root, "tidy", "prunella.plugin.json"), JSON.stringify(manifestOf(port)));
      const url = engine === "postgres" ? await createPostgresDatabase() : null;
      writeFileSync(join(root, "prunella.yaml"), url === null ? "{}\n" : `store: { url: "${url}" }\n`);
      await start();
      await call("/plugins", { source: { kind: "path", path: join(root, "tidy") } });
      const scopes = [{ scope: "net:write", resources: [`POST 127.0.0.1:${port}/`] }];
      expect(await call("/plugins/far-tidy/trust", { scopes })).toMatchObject({ granted: [{ scope: "net:write" }] });
    }, 240_000);
    afterAll(async () => {
      up.signal("SIGKILL");
      await up.gone;
      worker.closeAllConnections();
      worker.close();
      rmSync(root, { recursive: true, force: true });
    });

    it.each(["SIGKILL", "SIGTERM"] as const)(
      "still waits after its server got %s, and goes on by what is answered then: once",
      async (signal) => {
        const [yes, no] = [await park(`the yes of ${signal}`), await park(`the no of ${signal}`)];
        const before = done.length;
        up.signal(signal);
        await up.gone;
        await start();
        expect((await open()).toSorted()).toEqual([yes.question, no.question].toSorted());
        expect([await runOf(yes.invocation), await runOf(no.invocation)]).toMatchObject([
          { state: "parked", ended_at: null },
          { state: "parked", ended_at: null },
        ]);
        await decide(yes.question, "allow_once");
        await decide(no.question, "refuse");
        await until(() => runOf(yes.invocation)).toMatchObject({
          state: "completed",
          calls: [{ scope: "net:write", allowed: 1, refused: 0 }],
        });
        await until(() => runOf(no.invocation)).toMatchObject({
          state: "blocked",
          detail: "A person was asked, and said no.",
        });
        expect(done.slice(before)).toEqual([`the yes of ${signal}`]);
      },
    );

    it("is lost where its arguments could not be written down, with how to run it again, and nobody is asked any more", async () => {
      const { invocation } = await park("what ada@example.org left");
      up.signal("SIGKILL");
      await up.gone;
      const before = done.length;
      await start();
      expect(await runOf(invocation)).toMatchObject({
        state: "failed",
        detail: expect.stringMatching(/Nothing of it ran: run it again with prunella tidy up/),
      });
      expect(await open()).toEqual([]);
      expect(done).toHaveLength(before);
    });

    it("ends where the plugin takes other arguments by then, and nobody is asked any more", async () => {
      const { invocation } = await park("what was taken then");
      up.signal("SIGKILL");
      await up.gone;
      // Its next version is there before anybody answers.
      const before = done.length;
      const manifest = manifestOf(port);
      const [command] = manifest.commands;
      const input = { properties: { where: { type: "string" } }, required: ["where"] };
      const next = { ...manifest, version: "0.2.0", commands: [{ ...command, input }] };
      writeFileSync(join(root, "tidy", "prunella.plugin.json"), JSON.stringify(next));
      await start();
      const [question = ""] = await open();
      await call("/plugins/far-tidy/update", {});
      await decide(question, "allow_once");
      await until(() => runOf(invocation)).toMatchObject({ ended_at: expect.any(Number) });
      expect(await runOf(invocation)).toMatchObject({ audit_log_id: null, state: "blocked" });
      expect(await open()).toEqual([]);
      expect(done).toHaveLength(before);
    });
  },
);
