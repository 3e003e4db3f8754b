import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startPrunella } from "../../packages/cli/src/cli-fixture.ts";
import { createStatic } from "../../packages/server/src/http/static.ts";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";

/** What a page in the operator's browser, or a program on another port of the same host, can try. */
let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await openServer();
});
afterAll(() => fixture[Symbol.asyncDispose]());

async function signIn(): Promise<{ cookie: string; page: string }> {
  const { server } = fixture;
  const code = new URL(await server.signInLink()).hash.replace("#code=", "");
  const answer = await fetch(`${server.url}/v1/session`, { method: "POST", body: JSON.stringify({ code }) });
  const page = String(Reflect.get(Object(await answer.json()), "page_key"));
  return { cookie: (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "", page };
}

/** fetch sets the Host header by itself; a page under a name that was led here sends its own. */
function asHost(host: string, path: string): Promise<number> {
  const { port } = new URL(fixture.server.url);
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

describe("a stolen cookie", () => {
  it("opens nothing without what only the page has", async () => {
    const { server } = fixture;
    const { cookie, page } = await signIn();
    const me = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1/me`, { headers }).then(({ status }) => status);
    expect(await me({ cookie, "x-prunella-page": page })).toBe(200);
    expect(await me({ cookie })).toBe(401);
    expect(await me({ "x-prunella-page": page })).toBe(401);
    expect(await me({ cookie, "x-prunella-page": cookie.split("=")[1] ?? "" })).toBe(401);
    const kill = await fetch(`${server.url}/v1/kill`, { method: "POST", headers: { cookie, origin: server.url } });
    expect(kill.status).toBe(401);
    expect((await fixture.server.kernel.switches.read()).on).toBe(false);
  });

  it("writes nothing when it does not say where it comes from", async () => {
    const { server } = fixture;
    const { cookie, page } = await signIn();
    const headers = { cookie, "x-prunella-page": page };
    const write = (more: Record<string, string>) =>
      fetch(`${server.url}/v1/unkill`, { method: "POST", headers: { ...headers, ...more } }).then(
        ({ status }) => status,
      );
    expect(await write({})).toBe(403);
    expect(await write({ origin: "http://127.0.0.1:1" })).toBe(403);
    expect(await write({ "sec-fetch-site": "same-site" })).toBe(403);
    expect(await write({ origin: server.url })).toBe(200);
    expect(await write({ "sec-fetch-site": "same-origin" })).toBe(200);
  });

  it("follows no stream once its session was ended", async () => {
    const { server } = fixture;
    const { cookie, page } = await signIn();
    const headers = { cookie, "x-prunella-page": page, origin: server.url };
    const stream = await fetch(`${server.url}/v1/stream`, { headers });
    const reader = stream.body?.getReader();
    await reader?.read();
    await fetch(`${server.url}/v1/session`, { method: "DELETE", headers });
    for (let isOver = false; !isOver;) isOver = (await reader?.read())?.done ?? true;
    expect((await fetch(`${server.url}/v1/stream`, { headers })).status).toBe(401);
  });
});

describe("a name that was led here", () => {
  it.each(["evil.example", "evil.example:4500", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "a b"])(
    "reads nothing as %j",
    async (host) => {
      for (const path of ["/", "/v1/me", "/ledger/checkpoint", "/ledger/vkey"])
        expect([400, 421]).toContain(await asHost(host, path));
    },
  );

  it("is known as localhost, as an address, and by the names of the configuration", async () => {
    for (const host of ["localhost", "LOCALHOST:1", "shop.localhost", "127.0.0.1:9", "[::1]:4500", "192.168.1.7"])
      expect(await asHost(host, "/")).toBeLessThan(404);
    await using named = await openServer({
      server: { hosts: ["prunella.example"], public_url: "https://public.example" },
    });
    fixture = await swap(named);
    expect(await asHost("prunella.example", "/v1/me")).toBe(401);
    expect(await asHost("public.example:443", "/v1/me")).toBe(401);
    expect(await asHost("other.example", "/v1/me")).toBe(421);
    fixture = original;
  });

  let original: ServerFixture;
  async function swap(other: ServerFixture): Promise<ServerFixture> {
    original = fixture;
    const address = new URL(
      `http://127.0.0.1:${(await import("node:fs")).readFileSync(`${other.folder}/server.json`, "utf8").match(/:(\d+)"/)?.[1]}`,
    );
    return { ...other, server: { ...other.server, url: address.origin } };
  }
});

describe("the ledger's files", () => {
  it("are for who may call the API, also on loopback, and for no foreign page", async () => {
    const { server } = fixture;
    for (const file of ["checkpoint", "vkey", "tile/entries/000.p/1"]) {
      const answer = await fetch(`${server.url}/ledger/${file}`, { headers: { origin: "https://evil.example" } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    const mine = await fetch(`${server.url}/ledger/vkey`, { headers: { authorization: `Bearer ${server.token}` } });
    expect(mine.status).toBe(200);
    expect(mine.headers.get("access-control-allow-origin")).toBeNull();
    await using open = await openServer({ server: { public_ledger: true } });
    const anyone = await fetch(`${open.server.url}/ledger/vkey`);
    expect(anyone.status).toBe(200);
    expect(anyone.headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("names of files that nobody built", () => {
  it("cost no memory, however they are spelt", () => {
    const page = createStatic();
    page("/");
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 3_000; at += 1) {
      page(`/assets/${at}%2f..%2findex.js`);
      page(`/assets/..%2f${at}%2f..%2findex.html`);
    }
    // Each of them was kept before, some 150 KB a name.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * 1024 * 1024);
  });

  it.skipIf(!existsSync("/proc/self/status"))(
    "cost a running server no memory either (needs /proc)",
    { timeout: 90_000 },
    async () => {
      const root = mkdtempSync(join(tmpdir(), "prunella-names-"));
      const up = startPrunella(["up", "--port", "0", "--no-demo", "--data", join(root, "data"), "--json"], {
        cwd: root,
      });
      const url = (await up.until(/"url":"([^"]+)"/))[1] ?? "";
      const resident = (): number =>
        Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${up.pid}/status`, "utf8"))?.[1]) / 1024;
      const ask = async (at: number): Promise<void> => {
        // As another site's page would: no credentials, and whatever cache-control it likes.
        for (const path of [`/assets/${at}%2f..%2findex.js`, `/${at}/%2e%2e/index.html`, `/assets/index.js?${at}`])
          await (await fetch(`${url}${path}`, { headers: { "cache-control": "no-cache" } })).arrayBuffer();
      };
      await ask(0);
      const before = resident();
      for (let at = 1; at <= 1_000; at += 8) await Promise.all(Array.from({ length: 8 }, (_, next) => ask(at + next)));
      const grown = resident() - before;
      up.signal("SIGTERM");
      await up.ended;
      rmSync(root, { recursive: true, force: true });
      // 3,000 names cost 450 MB once; what a thousand answers leave for the collector is far less.
      expect(grown).toBeLessThan(120);
    },
  );

  it("lead to no file that nobody built", async () => {
    const { server } = fixture;
    const traversal = await fetch(`${server.url}/assets/x%2f..%2f..%2f..%2fpackage.json`);
    expect(traversal.status).toBe(404);
  });
});
