import { readFileSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";
import { EVERY_ROUTE, type RouteUnderAttack } from "./every-route.ts";

/** What each address says to somebody with no key, and to the operator, whatever came in. */
let fixture: ServerFixture;
let behindTls: ServerFixture;
beforeAll(async () => {
  fixture = await openServer();
  behindTls = await openServer({ server: { public_url: "https://prunella.example" } });
});
afterAll(async () => {
  await fixture[Symbol.asyncDispose]();
  await behindTls[Symbol.asyncDispose]();
});

/** fetch refuses TRACE; streams and long polls have no end. */
const routes = EVERY_ROUTE.filter(({ method, path }) => method !== "TRACE" && !/\/(?:stream|next)$/.test(path));

interface Said {
  readonly route: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

async function ask(
  { method, path }: RouteUnderAttack,
  init: RequestInit = {},
  { server }: ServerFixture = fixture,
): Promise<Said> {
  // What is no JSON, no envelope and no map.
  const body = method === "GET" || method === "HEAD" ? {} : { body: "\u0000{" };
  const local = server.token === behindTls.server.token ? portOf(behindTls) : server.url;
  const answer = await fetch(`${local}${path}`, { method, redirect: "manual", ...body, ...init });
  return { route: `${method} ${path}`, status: answer.status, headers: answer.headers, body: await answer.text() };
}

const portOf = ({ folder }: ServerFixture): string => {
  const { url } = JSON.parse(readFileSync(`${folder}/server.json`, "utf8"));
  return String(url);
};

async function everyAnswer(): Promise<Said[]> {
  const headers = { authorization: `Bearer ${fixture.server.token}` };
  const said: Said[] = [];
  for (const route of routes) {
    said.push(await ask(route));
    // Nothing here may turn the switch, or end for good what later routes look at.
    said.push(await ask(route, { headers }));
  }
  return said;
}

describe("every answer", () => {
  let said: Said[] = [];
  beforeAll(async () => {
    said = await everyAnswer();
  }, 120_000);

  it("is taken by browsers for what it says it is, shows nothing in a frame, and tells no referrer", () => {
    const missing = said.filter(
      ({ headers }) =>
        headers.get("x-content-type-options") !== "nosniff" ||
        headers.get("referrer-policy") !== "no-referrer" ||
        !/frame-ancestors 'none'/.test(headers.get("content-security-policy") ?? ""),
    );
    expect(missing.map(({ route, status }) => [route, status])).toEqual([]);
  });

  it("that is no page may load and run nothing, and a page nothing from elsewhere", () => {
    const policyOf = ({ headers }: Said): string => headers.get("content-security-policy") ?? "";
    const data = said.filter(({ route }) => / \/(?:v1|api|ledger|witness|healthz)\b/.test(route));
    expect(data.filter((each) => !/^default-src 'none';.*sandbox$/.test(policyOf(each)))).toEqual([]);
    const pages = said.filter(({ headers }) => (headers.get("content-type") ?? "").startsWith("text/html"));
    expect(pages.length).toBeGreaterThan(0);
    expect(
      pages.filter((each) => !/^default-src 'self';.*base-uri 'none'.*object-src 'none'$/.test(policyOf(each))),
    ).toEqual([]);
  });

  it("with a body says of what type, and text in which characters", () => {
    const wrong = said.filter(({ body, headers }) => {
      const type = headers.get("content-type") ?? "";
      return (
        body !== "" &&
        !(type === "application/json" || /^text\/(?:plain|html|x\.tlog\.size).*; ?charset=utf-8$/i.test(type))
      );
    });
    expect(wrong.map(({ route, status, headers }) => [route, status, headers.get("content-type")])).toEqual([]);
  });

  it("of the operator API is kept by no cache", () => {
    const kept = said.filter(
      ({ route, headers }) => / \/v1\/(?!crash)/.test(route) && headers.get("cache-control") !== "no-store",
    );
    expect(kept.map(({ route, status }) => [route, status])).toEqual([]);
  });

  it("to rubbish is no defect of ours, and shows no path, stack, query, version or token", () => {
    expect(
      said
        .filter(({ status }) => status >= 500 && status !== 503)
        .map(({ route, status, body }) => [route, status, body]),
    ).toEqual([]);
    const told = said.filter(
      ({ body, headers }) =>
        (!(headers.get("content-type") ?? "").startsWith("text/html") &&
          /node_modules|\bat .*\.ts:\d+|SQLITE|select .* from|insert into/i.test(body)) ||
        body.includes(fixture.server.token) ||
        headers.has("server") ||
        headers.has("x-powered-by"),
    );
    expect(told.map(({ route, body }) => [route, body.slice(0, 200)])).toEqual([]);
  });

  it("insists on TLS where the public address has it, and there alone", async () => {
    for (const route of routes) {
      const { headers, route: named } = await ask(route, {}, behindTls);
      expect([
        named,
        Number(/max-age=(\d+)/.exec(headers.get("strict-transport-security") ?? "")?.[1] ?? 0) >= 31_536_000,
      ]).toEqual([named, true]);
    }
    expect(said.filter(({ headers }) => headers.has("strict-transport-security"))).toEqual([]);
  });
});

describe("what lies beside the pages", () => {
  it.each([
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/package.json",
    "/server.json",
    "/ledger-key.json",
    "/prunella.db",
    "/..%2fprunella.db",
    "/%2e%2e/server.json",
    "/assets/..%5c..%5cpackage.json",
  ])("is served by no spelling: %s", async (path) => {
    const { body, status } = await ask({ method: "GET", path });
    const page = await ask({ method: "GET", path: "/" });
    // A name without an ending is a page of the app, whatever it is.
    if (status === 200) expect(body).toBe(page.body);
    else expect(status).toBe(404);
  });

  it("is not traced back to the sender", async () => {
    const { port } = new URL(fixture.server.url);
    const echoed = await new Promise<string>((resolve, reject) => {
      request({ host: "127.0.0.1", port, method: "TRACE", path: "/", headers: { cookie: "x=kept" } }, (answer) => {
        let body = "";
        answer.setEncoding("utf8").on("data", (text: string) => (body += text));
        answer.on("end", () => resolve(`${answer.statusCode} ${body}`));
      })
        .on("error", reject)
        .end();
    });
    expect(echoed).toMatch(/^4\d\d /);
    expect(echoed).not.toContain("x=kept");
  });
});
