import { createPublicKey, randomUUID, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importLedgerKey } from "@prunella/server";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { createPostgresDatabase } from "../engines.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly id: string;
  readonly method: string;
  readonly params: {
    readonly input?: { readonly name?: string };
    readonly events?: readonly { readonly title: string }[];
    readonly settings: object;
    readonly broker: { readonly url: string; readonly token: string; readonly expires_at: number };
    readonly invocation: { readonly deadline: number };
  };
}

/** A plugin of the kind `http`: a program of its own behind an address, by nothing but what docs/plugins.md says. */
async function openWorker() {
  const asked: Asked[] = [];
  let answer = async (one: Asked, response: ServerResponse): Promise<void> => reply(one, response, { text: "hi" });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const one: Asked = { ...JSON.parse(body), headers: request.headers, body };
      asked.push(one);
      void answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    asked,
    does: (next: typeof answer) => void (answer = next),
    close: () => (server.closeAllConnections(), server.close()),
  };
}

function reply({ id }: Asked, response: ServerResponse, output: unknown): void {
  response
    .setHeader("content-type", "application/json")
    .end(JSON.stringify({ jsonrpc: "2.0", id, result: { output } }));
}

let lastCall = 0;
async function call(
  { broker }: Asked["params"],
  method: string,
  params: object,
  more: { token?: string; url?: string; id?: number | string } = {},
): Promise<{ status: number; result?: unknown; error?: { code: number; message: string; data: unknown } }> {
  const answer = await fetch(more.url ?? broker.url, {
    method: "POST",
    headers: { authorization: `Bearer ${more.token ?? broker.token}` },
    body: JSON.stringify({ jsonrpc: "2.0", id: more.id ?? (lastCall += 1), method, params }),
  });
  return { status: answer.status, ...JSON.parse(await answer.text()) };
}

const manifestOf = (port: number) => ({
  manifestVersion: 1,
  name: "far-greeter",
  version: "0.1.0",
  description: "Greets from elsewhere.",
  license: "Apache-2.0",
  kind: "http",
  url: `http://127.0.0.1:${port}/prunella`,
  engines: { prunella: ">=0.1.0" },
  namespace: "far",
  commands: [
    {
      name: "hi",
      summary: "Says hi",
      risk: "write",
      input: { properties: { name: { type: "string" } }, required: ["name"] },
      output: { properties: { text: { type: "string" } }, required: ["text"] },
      uses: ["net:write", "capability:state:read", "capability:state:write"],
      timeoutMs: 60_000,
    },
    { name: "slow", summary: "Never answers", risk: "write", uses: ["net:write"], timeoutMs: 15_000 },
  ],
  listens: [{ event: "fault.new", uses: ["net:write"], reason: "Greets them." }],
  capabilities: [
    { name: "state", access: "read", reason: "Remembers." },
    { name: "state", access: "write", reason: "Remembers." },
    { name: "progress", access: "write", reason: "Says how far it is." },
  ],
  network: [{ host: "127.0.0.1", port, methods: ["POST"], path: "/prunella", reason: "It runs there." }],
  config: { properties: { greeting: { type: "string", default: "hello" } } },
});

describe.each(inject("postgresUrl") === null ? ["sqlite"] : ["sqlite", "postgres"])(
  "a plugin that runs behind an address, on %s",
  { timeout: 120_000 },
  (engine) => {
    let root = "";
    let store: string | null = null;
    let house: ServerFixture;
    let worker: Awaited<ReturnType<typeof openWorker>>;
    let where: string[];
    const run = (...typed: string[]) => prunella([...typed, ...where], { cwd: root });
    const history = async () => house.server.kernel.plugins.history("default", "far-greeter", 50);

    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), "prunella-outside-"));
      worker = await openWorker();
      mkdirSync(join(root, "far"));
      writeFileSync(join(root, "far", "prunella.plugin.json"), JSON.stringify(manifestOf(worker.port)));
      store = engine === "postgres" ? await createPostgresDatabase() : null;
      house = await openServer({
        store: { url: store },
        plugins: { settings: { "far-greeter": { greeting: "ahoy" } } },
      });
      writeFileSync(join(root, "token"), house.server.token);
      where = ["--url", house.server.url, "--token-file", join(root, "token")];
    }, 180_000);
    afterAll(async () => {
      await house[Symbol.asyncDispose]();
      worker.close();
      rmSync(root, { recursive: true, force: true });
    });

    it("says where it runs and what its digest is not of, and is sent nothing before somebody trusts it", async () => {
      expect((await run("plugin", "add", "./far")).stderr).toBe("");
      const info = (await run("plugin", "info", "far-greeter")).stdout;
      expect(info).toContain(`http://127.0.0.1:${worker.port}/prunella`);
      expect(info).toContain("its code is not held to a digest");
      const refused = await run("far", "hi", "Ada");
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("plugin trust far-greeter")]);
      expect(worker.asked).toEqual([]);
      expect((await run("plugin", "trust", "far-greeter", "--required")).code).toBe(0);
      const doctor = await run("plugin", "doctor");
      expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringContaining("far-greeter runs outside, at")]);
      expect((await run("plugin", "verify")).stdout).toMatch(/far-greeter .*outside/);
    });

    it("is asked by one signed request, with what was set for it, and its answer is the command's", async () => {
      const ran = await run("far", "hi", "Ada", "--json");
      expect(JSON.parse(ran.stdout)).toMatchObject({ status: "success", output: { text: "hi" } });
      const [one] = worker.asked;
      if (one === undefined) throw new Error("it was not asked");
      expect(one).toMatchObject({
        method: "commands/hi",
        params: { input: { name: "Ada" }, settings: { greeting: "ahoy" } },
      });
      const key = (await (await fetch(`${house.server.url}/broker/key`)).text()).trim();
      const at = String(one.headers["webhook-timestamp"]);
      const signed = (body: string) =>
        verify(
          null,
          Buffer.from(`${one.id}.${at}.${body}`),
          createPublicKey({
            key: {
              kty: "OKP",
              crv: "Ed25519",
              x: Buffer.from(key.replace("whpk_", ""), "base64").toString("base64url"),
            },
            format: "jwk",
          }),
          Buffer.from(String(one.headers["webhook-signature"]).replace("v1a,", ""), "base64"),
        );
      expect([one.headers["webhook-id"], signed(one.body), signed(`${one.body} `)]).toEqual([one.id, true, false]);
      expect(Math.abs(Number(at) * 1_000 - Date.now())).toBeLessThan(60_000);
      expect((await history())[0]).toMatchObject({
        id: one.id,
        state: "completed",
        engine: null,
        by: { kind: "person" },
        calls: [{ scope: "net:write", allowed: 1, refused: 0, systems: [`127.0.0.1:${worker.port}`] }],
      });
      expect((await run("ledger", "verify")).code).toBe(0);
    });

    it("asks its host by a token of this invocation alone, for what it declares and was granted, and is audited", async () => {
      const seen: unknown[] = [];
      worker.does(async (one, response) => {
        const { params } = one;
        seen.push(await call(params, "state.put", { key: "last", value: params.input?.name }));
        seen.push(await call(params, "state.get", { key: "last" }));
        // Declared and not of this command; never declared; no method at all.
        seen.push(await call(params, "progress.write", { text: "half" }));
        seen.push(await call(params, "faults.list", {}));
        seen.push(await call(params, "toString", {}));
        await fetch(params.broker.url, {
          method: "POST",
          headers: { authorization: `Bearer ${params.broker.token}` },
          body: JSON.stringify({ jsonrpc: "2.0", method: "log", params: { text: "greeting" } }),
        });
        reply(one, response, { text: "hi" });
      });
      expect((await run("far", "hi", "Ada")).code).toBe(0);
      expect(seen).toMatchObject([
        { status: 200, result: {} },
        { result: { value: "Ada" } },
        { error: { code: -32001, data: { reason: "not_used" } } },
        { error: { code: -32001, data: { reason: "not_declared" } } },
        { error: { code: -32601 } },
      ]);
      expect((await history())[0]?.calls).toMatchObject([
        { scope: "capability:progress:write", allowed: 0, refused: 1 },
        { scope: "capability:state:read", allowed: 1 },
        { scope: "capability:state:write", allowed: 1 },
        { scope: "faults:read", allowed: 0, refused: 1 },
        { scope: "net:write", allowed: 1 },
      ]);
    });

    it("is refused with a token that is over, of another invocation, or made up, and with a call that was made before", async () => {
      const first = worker.asked.at(-1);
      if (first === undefined) throw new Error("it was not asked");
      // Its invocation has ended.
      expect(await call(first.params, "state.get", { key: "last" })).toMatchObject({
        status: 401,
        error: { code: -32004 },
      });
      const seen: unknown[] = [];
      worker.does(async (one, response) => {
        const { params } = one;
        const get = (more: object) => call(params, "state.get", { key: "last" }, more);
        seen.push(await get({ token: first.params.broker.token }), await get({ url: first.params.broker.url }));
        seen.push(
          await get({ token: "made-up" }),
          await get({ url: params.broker.url.replace(/[^/]+$/, randomUUID()) }),
        );
        seen.push(await get({ id: "once" }), await get({ id: "once" }));
        reply(one, response, { text: "hi" });
      });
      expect((await run("far", "hi", "Ada")).code).toBe(0);
      expect(seen).toMatchObject([
        { status: 401 },
        { status: 401 },
        { status: 401 },
        { status: 401 },
        { status: 200, result: { value: "Ada" } },
        { status: 403, error: { message: "a call of this id was made before" } },
      ]);
      const { expires_at, token } = worker.asked.at(-1)?.params.broker ?? {};
      expect(Number(expires_at)).toBeLessThanOrEqual(Date.now() + 300_000);
      expect(house.written().toString("latin1")).not.toContain(token);
      for (const bad of ["[]", "{", '{"jsonrpc":"2.0"}', "[{}]"])
        expect((await fetch(first.params.broker.url, { method: "POST", body: bad })).status).toBe(401);
    });

    it.runIf(engine === "postgres")(
      "comes back to the server that asked it, of several behind one address",
      async () => {
        const dataFolder = join(root, "other");
        mkdirSync(dataFolder);
        await importLedgerKey(dataFolder, join(house.folder, "ledger-key.json"));
        await using other = await openServer(
          {
            store: { url: store },
            server: { own_url: "http://10.0.0.2:4500" },
            plugins: { settings: { "far-greeter": { greeting: "ahoy" } } },
          },
          { dataFolder },
        );
        const seen: unknown[] = [];
        worker.does(async (one, response) => {
          const { url } = one.params.broker;
          seen.push(url);
          for (const at of [other.server.url, house.server.url]) {
            const there = url.replace("http://10.0.0.2:4500", at.replace(/\/$/, ""));
            seen.push((await call(one.params, "state.get", { key: "x" }, { url: there })).status);
          }
          reply(one, response, { text: "hi" });
        });
        const ran = await other.api("/plugins/far-greeter/commands/hi", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ args: { name: "Ada" }, via: "cli" }),
        });
        expect(await ran.json()).toMatchObject({ status: "success" });
        expect(seen).toEqual([expect.stringMatching(/^http:\/\/10\.0\.0\.2:4500\/broker\/[\w-]+$/), 200, 401]);
      },
    );

    it("is told of what it listens to", async () => {
      const told: unknown[] = [];
      worker.does(async (one, response) => {
        told.push([one.method, one.params.events?.length]);
        reply(one, response, null);
      });
      expect((await house.api("/test-event", { method: "POST" })).status).toBe(202);
      await expect.poll(() => told, { timeout: 60_000 }).toContainEqual(["events/fault.new", 1]);
    });

    it.each([
      ["answers 502", 502, "bad gateway of ada@example.org", { category: "http", status: 502 }],
      ["answers what is no JSON-RPC", 200, "<html>hello</html>", { category: "validation", status: 200 }],
      ["sends it elsewhere", 302, "", { category: "http", status: 302 }],
      [
        "answers another invocation",
        200,
        JSON.stringify({ jsonrpc: "2.0", id: "another", result: { output: { text: "hi" } } }),
        { category: "validation", status: 200 },
      ],
    ])("fails, and is a fault of its project, where it %s", async (_what, status, body, error) => {
      worker.does(async (_one, response) => {
        response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body);
      });
      const ran = await run("far", "hi", "Ada", "--json");
      expect(JSON.parse(ran.stdout)).toMatchObject({ status: "failed" });
      const list = async () =>
        (await house.server.kernel.faults.list({ project: "default", status: "active", limit: 50 }, ["default"], null))
          .faults;
      await expect
        .poll(async () => (await list()).map(({ title }) => title).join("\n"), { timeout: 60_000 })
        .toContain(`PluginError.${error.category}`);
      expect(house.written().toString("latin1")).not.toContain("ada@example.org");
    });

    it("has sixteen commands going on at most, and one more is told so", async () => {
      const held: (() => void)[] = [];
      worker.does(async (one, response) => void held.push(() => reply(one, response, { text: "hi" })));
      const ask = async () => {
        const body = JSON.stringify({ args: { name: "Ada" }, via: "api" });
        const headers = { "content-type": "application/json" };
        const answer = await house.api("/plugins/far-greeter/commands/hi", { method: "POST", body, headers });
        return JSON.parse(await answer.text());
      };
      const going = Array.from({ length: 16 }, ask);
      await expect.poll(() => held.length, { timeout: 50_000 }).toBe(16);
      expect(await ask()).toMatchObject({
        status: "blocked",
        detail: "16 commands of this plugin run already; ask again when one has ended",
      });
      for (const answer of held) answer();
      expect(new Set((await Promise.all(going)).map(({ status }) => status))).toEqual(new Set(["success"]));
      expect((await run("ledger", "verify")).code).toBe(0);
    });

    it("ends with its time, with its own error, or with nobody there, and each is said", async () => {
      worker.does(async () => undefined);
      const slow = JSON.parse((await run("far", "slow", "--json")).stdout);
      expect(slow).toMatchObject({ status: "failed", detail: "It took longer than its 15 s." });
      worker.does(async ({ id }, response) => {
        response.end(
          JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32000, message: "no ada@example.org here" } }),
        );
      });
      const own = JSON.parse((await run("far", "hi", "Ada", "--json")).stdout);
      expect(own).toMatchObject({ status: "failed", detail: "no [REDACTED:EMAIL] here" });
      worker.close();
      const gone = JSON.parse((await run("far", "hi", "Ada", "--json")).stdout);
      expect(gone).toMatchObject({ status: "failed", detail: expect.stringContaining("was not reached") });
      expect((await history()).every(({ state }) => !["running", "admitted"].includes(state))).toBe(true);
      expect((await run("ledger", "verify")).code).toBe(0);
    });
  },
);
