import { gzipSync } from "node:zlib";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createPostgresDatabase } from "../engines.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await openServer({
    limits: { decompressed: "4000000 B", compressed: "1000000 B", in_flight: "8000000 B" },
  });
});
afterAll(() => fixture[Symbol.asyncDispose]());

const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${fixture.server.url}${path}`, { method: "POST", body, headers });
const envelope = (event: unknown, header: unknown = {}) =>
  `${JSON.stringify(header)}\n{"type":"event"}\n${typeof event === "string" ? event : JSON.stringify(event)}\n`;
const door = () => `/api/1/envelope/?sentry_version=7&sentry_key=${fixture.key}`;
const id = (n: number) => n.toString(16).padStart(32, "e");

describe("the door", () => {
  it("says what is wrong: no key, wrong key, unknown project, no number", async () => {
    const body = envelope({ message: "x" });
    const answers = await Promise.all([
      post("/api/1/envelope/", body),
      post(`/api/1/envelope/?sentry_key=${"0".repeat(32)}`, body),
      post(`/api/99/envelope/?sentry_key=${fixture.key}`, body),
      post(`/api/shop/envelope/?sentry_key=${fixture.key}`, body),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([401, 403, 404, 404]);
    for (const answer of answers) {
      expect(answer.headers.get("x-sentry-error")).toMatch(/^PRUNELLA_INGEST_/);
      expect(await answer.json()).toMatchObject({ error: { code: expect.stringMatching(/^PRUNELLA_INGEST_/) } });
    }
  });

  it("takes all three ways of authenticating", async () => {
    const dsn = fixture.server.dsn;
    const answers = await Promise.all([
      post(door(), envelope({ event_id: id(1), message: "query" })),
      post("/api/1/envelope/", envelope({ event_id: id(2), message: "header" }), {
        "x-sentry-auth": `Sentry sentry_version=7, sentry_key=${fixture.key}`,
      }),
      post("/api/1/envelope/", envelope({ event_id: id(3), message: "tunnel" }, { dsn })),
      post(`/api/1/store/?sentry_key=${fixture.key}`, JSON.stringify({ event_id: id(4), message: "store" })),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(await answers[0]?.json()).toEqual({ id: id(1) });
  });

  it("stops bombs and bodies over the limit, whatever they claim to be", async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)));
    expect((await post(door(), bomb, { "content-encoding": "gzip" })).status).toBe(413);
    expect((await post(door(), "x".repeat(5_000_000))).status).toBe(413);
    expect((await post(door(), envelope({ message: "y".repeat(1_100_000) }))).status).toBe(413);
    expect((await post(door(), new Uint8Array([0x1f, 0x8b, 1, 2, 3]), { "content-encoding": "gzip" })).status).toBe(
      400,
    );
    expect((await post(door(), "abc", { "content-encoding": "rot13" })).status).toBe(400);
  });

  it("never answers garbage with a 5xx, and goes on serving", async () => {
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const bodies: (string | Uint8Array<ArrayBuffer>)[] = [
      "",
      "\n",
      "{}",
      "{}\n",
      "null\n",
      "[]\n[]\n[]",
      '{}\n{"type":"event","length":99}\n{}',
      '{}\n{"type":"event","length":-1}\n{}',
      '{}\n{"type":"event"}\nnot json',
      '{}\n{"type":"nonsense"}\n{}',
      `${"x".repeat(9_000)}\n`,
      new Uint8Array([0xff, 0xfe, 0x00, 0x0a, 0x80]),
      envelope(deep(10_000)),
      envelope(`{"contexts":${deep(10_000)}}`),
      envelope({
        exception: { values: [null, 3, { stacktrace: { frames: "no" } }] },
        tags: 7,
        breadcrumbs: "x",
        level: { a: 1 },
        timestamp: "soon",
        message: ["x"],
      }),
      envelope({ event_id: "short", timestamp: 99_999_999_999, message: "\u0000\ud800" }),
      envelope('{"a":1e999999}'),
      `{}\n${'{"type":"event"}\n{}\n'.repeat(1_500)}`,
    ];
    for (const body of bodies) {
      const { status } = await post(door(), body);
      expect(status).toBeLessThan(500);
    }
    for (let cut = 0; cut < 120; cut += 7)
      expect(
        (await post(door(), envelope({ event_id: id(5), message: "cut short" }).slice(0, cut))).status,
      ).toBeLessThan(500);
    expect((await post(door(), envelope({ event_id: id(6), message: "still here" }))).status).toBe(200);
    expect((await fetch(`${fixture.server.url}/healthz`)).status).toBe(200);
  });

  it("does not believe a clock that runs ahead", async () => {
    await post(
      door(),
      envelope({ event_id: id(7), message: "from the future", timestamp: Date.now() / 1000 + 86_400 * 365 }),
    );
    await fixture.server.kernel.settle();
    const { faults } = await fixture.server.kernel.faults.list({ status: "all", limit: 200 });
    const future = faults.find((fault) => fault.title.includes("future"));
    expect(future?.last_seen).toBeLessThanOrEqual(Date.now());
  });

  it("answers a browser's preflight and lets pages read the back-pressure headers", async () => {
    const preflight = await fetch(`${fixture.server.url}${door()}`, {
      method: "OPTIONS",
      headers: { origin: "https://shop.example", "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
    const answer = await post(door(), envelope({ message: "x" }), { origin: "https://shop.example" });
    expect(answer.headers.get("access-control-expose-headers")?.toLowerCase()).toContain("x-sentry-rate-limits");
  });

  // The embedded engine commits before the next request is read, so only PostgreSQL lets a queue grow.
  it.skipIf(inject("postgresUrl") === null)("answers 429 before any write when the queue is full", async () => {
    await using busy = await openServer({
      limits: { queue_events: 1 },
      store: { url: await createPostgresDatabase() },
    });
    const send = (n: number) =>
      fetch(`${busy.server.url}/api/1/envelope/?sentry_key=${busy.key}`, {
        method: "POST",
        body: envelope({ event_id: n.toString(16).padStart(32, "0"), message: "storm" }),
      });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => send(n + 1)));
    const taken = answers.filter((answer) => answer.status === 200).length;
    const refused = answers.find((answer) => answer.status === 429);
    expect(taken + answers.filter((answer) => answer.status === 429).length).toBe(200);
    expect(refused?.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(refused?.headers.get("x-sentry-rate-limits")).toMatch(/^\d+:/);
    await busy.server.kernel.settle();
    expect(
      (await busy.server.kernel.faults.list({ status: "all", limit: 50 })).faults.reduce(
        (sum, fault) => sum + fault.count,
        0,
      ),
    ).toBe(taken);
  });
});

describe("the operator API", () => {
  it("wants a sign-in for everything, and takes a link once", async () => {
    const { server } = fixture;
    for (const path of ["/me", "/faults", "/projects", "/stream", "/ledger", "/nonsense"])
      expect((await fetch(`${server.url}/v1${path}`)).status).toBe(401);
    const code = new URL(await server.signInLink()).hash.replace("#code=", "");
    const sign = () => fetch(`${server.url}/v1/session`, { method: "POST", body: JSON.stringify({ code }) });
    const first = await sign();
    expect(first.status).toBe(200);
    const signedIn: unknown = await first.json();
    expect(signedIn).toEqual({ page_key: expect.any(String) });
    const page = String(Reflect.get(Object(signedIn), "page_key"));
    const cookie = first.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await sign()).status).toBe(401);
    const session = cookie.split(";")[0] ?? "";
    expect((await fetch(`${server.url}/v1/me`, { headers: { cookie: session, "x-prunella-page": page } })).status).toBe(
      200,
    );
    const forged = await fetch(`${server.url}/v1/kill`, {
      method: "POST",
      headers: { cookie: session, "x-prunella-page": page, origin: "https://evil.example" },
    });
    expect(forged.status).toBe(403);
    const acting = await fetch(`${server.url}/v1/supervised`, {
      method: "POST",
      headers: { cookie: session, "x-prunella-page": page, origin: server.url },
      body: JSON.stringify({ name: "x", pid: 1, policy: {} }),
    });
    expect(acting.status).toBe(401);
  });

  it("refuses what is said where nothing is heard, and does not act as if it had heard it", async () => {
    const kill = (body: string) => fixture.api("/kill", { method: "POST", body });
    const said = await kill('{"reason":"the deploy went wrong"}');
    expect(said.status).toBe(400);
    expect(JSON.stringify(await said.json())).toContain("reason");
    expect((await kill("not json")).status).toBe(400);
    expect(await (await fixture.api("/kill")).json()).toMatchObject({ on: false });
    for (const nothing of ["", "{}"]) expect((await kill(nothing)).status).toBe(200);
    expect((await fixture.api("/unkill", { method: "POST" })).status).toBe(200);
  });

  it.each([
    ["/views", 262_144],
    ["/rehearsals", 8_388_608],
  ])("takes a body of what %s may have, and not one byte more", async (path, most) => {
    const post = (body: string | ReadableStream) => fixture.api(path, { method: "POST", body, duplex: "half" });
    // Of a stream nobody knows the end beforehand.
    const streamed = (size: number) => new Blob(["{}".padEnd(size)]).stream();
    for (const body of [(size: number) => "{}".padEnd(size), streamed]) {
      expect((await post(body(most))).status).toBe(400);
      expect((await post(body(most + 1))).status).toBe(413);
    }
  });

  it("names the field that is wrong, and never a secret", async () => {
    const wrong = await fixture.api("/projects", { method: "POST", body: JSON.stringify({ id: "Not A Slug" }) });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({
      error: { code: "PRUNELLA_REQUEST_INVALID", message: expect.stringContaining("id:") },
    });
    expect((await fixture.api("/faults?limit=0")).status).toBe(400);
    expect((await fixture.api("/faults?status=odd")).status).toBe(400);
    expect((await fixture.api("/faults/zzzz")).status).toBe(404);
    expect((await fixture.api("/kill", { method: "POST", headers: { authorization: "Bearer wrong" } })).status).toBe(
      401,
    );
    expect((await fixture.api("/projects", { method: "POST", body: "{" })).status).toBe(400);
  });

  it("serves the ledger's files and verifies them, and nothing else of the folder", async () => {
    const report: unknown = await (await fixture.api("/ledger/verify")).json();
    expect(report).toMatchObject({ ok: true, problems: [] });
    const headers = { authorization: `Bearer ${fixture.server.token}` };
    const get = (path: string) => fetch(`${fixture.server.url}/ledger/${path}`, { headers });
    expect((await get("checkpoint")).status).toBe(200);
    const page = await fetch(`${fixture.server.url}/ledger`, { redirect: "manual" });
    expect([page.status, page.headers.get("location")]).toEqual([302, "/entries"]);
    expect(await (await get("vkey")).text()).toMatch(/^prunella\.local\/ledger-[0-9a-f]{12}\+[0-9a-f]{8}\+/);
    for (const path of [
      "/ledger/../server.json",
      "/ledger/..%2fserver.json",
      "/ledger/tile/../../ledger-key.json",
      "/ledger/tile/%2e%2e/%2e%2e/server.json",
      "/ledger/nonsense",
      "/../../../../etc/hosts.txt",
      "/assets/..%2f..%2fpackage.json",
    ]) {
      expect([path, await rawStatus(path)]).toEqual([path, 404]);
    }
  });
});

/** `fetch` tidies paths up before it sends them; this sends them as they are. */
function rawStatus(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(fixture.server.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { authorization: `Bearer ${fixture.server.token}` } }, (response) =>
      resolve(response.resume().statusCode),
    )
      .on("error", reject)
      .end();
  });
}
