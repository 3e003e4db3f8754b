import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "@prunella/contract/operations";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";
import { ROUTES } from "../../packages/server/src/doors/releases/routes.ts";
import { EVERY_ROUTE } from "./every-route.ts";

/** Every key at every address that is not its own. */
let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await openServer();
});
afterAll(() => fixture[Symbol.asyncDispose]());

type Key = Readonly<Record<string, string>>;
const WAYS_IN = [
  "sign_in",
  "accept_invitation",
  "list_sign_in_ways",
  "sign_in_by_password",
  "begin_passkey_sign_in",
  "sign_in_by_passkey",
  "begin_oidc",
];
/** Programs of the table `callers`, by a key of their own. */
const BY_OWN_KEY = ["call_autofix"];
const table = Object.entries<Operation>(OPERATIONS);

async function signIn(former: Key = {}): Promise<Key> {
  const { server } = fixture;
  const code = new URL(await server.signInLink()).hash.replace("#code=", "");
  const answer = await fetch(`${server.url}/v1/session`, {
    method: "POST",
    headers: former,
    body: JSON.stringify({ code }),
  });
  const page = String(Reflect.get(Object(await answer.json()), "page_key"));
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  return { cookie, "x-prunella-page": page, origin: server.url };
}

async function ask(method: string, path: string, headers: Key): Promise<number> {
  const leaving = new AbortController();
  const { status } = await fetch(`${fixture.server.url}${path.replace(/:\w+/g, "x")}`, {
    method,
    headers,
    redirect: "manual",
    signal: leaving.signal,
    ...(method === "GET" || method === "HEAD" ? {} : { body: "{}" }),
  });
  // A stream has no end.
  leaving.abort();
  return status;
}

/** What is worth nothing at the operator API. */
function worthless(): Readonly<Record<string, Key>> {
  const { server, key } = fixture;
  return {
    "no key": {},
    "a DSN key as a token": { authorization: `Bearer ${key}` },
    "a DSN key as SDKs send it": { "x-sentry-auth": `Sentry sentry_version=7, sentry_key=${key}` },
    "a token of the same length": { authorization: `Bearer ${"A".repeat(server.token.length)}` },
    "the token's first half": { authorization: `Bearer ${server.token.slice(0, 20)}` },
    "the token with more behind": { authorization: `Bearer ${server.token}x` },
    "the token as a password": { authorization: `Basic ${btoa(`prunella:${server.token}`)}` },
    "the token as a cookie": {
      cookie: `prunella_session=${server.token}`,
      "x-prunella-page": server.token,
      origin: server.url,
    },
    "a cookie that was made up": {
      cookie: `prunella_session=${"A".repeat(22)}`,
      "x-prunella-page": "A".repeat(21),
      origin: server.url,
    },
    "a word of whom it comes from": {
      "x-forwarded-for": "127.0.0.1",
      "x-real-ip": "127.0.0.1",
      "x-user-id": "operator",
    },
  };
}

describe("an operation", () => {
  it("is for nobody without the operator's token or a session, and says so before it looks at anything", async () => {
    for (const [name, key] of Object.entries(worthless()))
      for (const [id, { method, path, who }] of table)
        if (who !== "anyone") expect([name, id, await ask(method, path, key)]).toEqual([name, id, 401]);
  });

  it("of supervisors is for no session, and one of people's own browsers for no token", async () => {
    const session = await signIn();
    const token = { authorization: `Bearer ${fixture.server.token}` };
    const kept = table.filter(([, { who }]) => who === "token" || who === "account");
    expect(kept.length).toBeGreaterThan(5);
    for (const [id, { method, path, who }] of kept)
      expect([id, await ask(method, path, who === "token" ? session : token)]).toEqual([id, 401]);
  });

  it("that anybody may call is a way to sign in, or asks for a caller's own key", () => {
    expect(table.filter(([, { who }]) => who === "anyone").map(([id]) => id)).toEqual([...WAYS_IN, ...BY_OWN_KEY]);
  });

  it("that changes anything is no GET, and asks a browser where it comes from", async () => {
    const session = await signIn();
    for (const [id, { method, path, effect, who }] of table) {
      expect([id, method === "GET"]).toEqual([id, effect === "read" && method === "GET"]);
      if (method === "GET" || who === "token" || who === "anyone") continue;
      for (const origin of ["https://evil.example", "http://127.0.0.1:1", "null"])
        expect([id, origin, await ask(method, path, { ...session, origin })]).toEqual([id, origin, 403]);
    }
    // The controls: the session is a good one, and nothing of the above has happened.
    expect(await ask("GET", "/v1/me", session)).toBe(200);
    expect((await fixture.server.kernel.switches.read()).on).toBe(false);
  });
});

describe("the door of build tools", () => {
  it("opens to the operator's token alone", async () => {
    const addresses = EVERY_ROUTE.filter(({ path }) => path.startsWith("/api/0"));
    expect(addresses.length).toBeGreaterThan(ROUTES.length);
    for (const [name, key] of Object.entries(worthless()))
      for (const { method, path } of addresses.filter((each) => each.path !== "/api/0/nothing"))
        expect([name, path, await ask(method, path, key)]).toEqual([name, path, 401]);
    expect(await ask("GET", "/api/0/", await signIn())).toBe(401);
  });
});

describe("a DSN key", () => {
  it("sends to its own project, and to no other", async () => {
    const { kernel, url } = fixture.server;
    await kernel.projects.add({ id: "other", title: "Other", by: { kind: "system", id: "test" } });
    const rows = await kernel.projects.list();
    expect(rows.length).toBeGreaterThan(1);
    for (const mine of rows)
      for (const theirs of rows) {
        const { status } = await fetch(`${url}/api/${theirs.dsn_id}/store/?sentry_key=${mine.public_key}`, {
          method: "POST",
          body: JSON.stringify({ message: "hello" }),
        });
        expect([mine.project_id, theirs.project_id, status === 200]).toEqual([
          mine.project_id,
          theirs.project_id,
          mine === theirs,
        ]);
      }
  });
});

describe("a session", () => {
  it("is another each time, of 256 random bits, and both halves are needed", async () => {
    const sessions = [await signIn(), await signIn(), await signIn()];
    const secrets = sessions.map(({ cookie, "x-prunella-page": page }) => `${cookie?.split("=")[1]}${page}`);
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    for (const session of sessions) expect(await ask("GET", "/v1/me", session)).toBe(200);
  });

  it("ends when it is signed out, and when its browser signs in anew", async () => {
    const first = await signIn();
    const second = await signIn(first);
    expect([await ask("GET", "/v1/me", first), await ask("GET", "/v1/me", second)]).toEqual([401, 200]);
    expect(await ask("DELETE", "/v1/session", second)).toBe(204);
    expect(await ask("GET", "/v1/me", second)).toBe(401);
  });

  it("comes from a link that is used up, holds its code behind the #, and is random", async () => {
    const { server } = fixture;
    const links = [new URL(await server.signInLink()), new URL(await server.signInLink())];
    for (const { search, hash } of links) {
      expect(search).toBe("");
      expect(Buffer.from(hash.replace("#code=", ""), "base64url")).toHaveLength(32);
    }
    expect(links[0]?.hash).not.toBe(links[1]?.hash);
    const body = JSON.stringify({ code: links[0]?.hash.replace("#code=", "") });
    const sign = () => fetch(`${server.url}/v1/session`, { method: "POST", body }).then(({ status }) => status);
    // All at once: it is used up by one of them.
    const statuses = await Promise.all(Array.from({ length: 8 }, sign));
    expect(statuses.toSorted()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  it("has a cookie that scripts cannot read, other sites do not send, and TLS alone carries where there is TLS", async () => {
    await using secure = await openServer({ server: { public_url: "https://prunella.example" } });
    const code = new URL(await secure.server.signInLink()).hash.replace("#code=", "");
    const { readFileSync } = await import("node:fs");
    const url = String(Reflect.get(Object(JSON.parse(readFileSync(`${secure.folder}/server.json`, "utf8"))), "url"));
    const answer = await fetch(`${url}/v1/session`, { method: "POST", body: JSON.stringify({ code }) });
    expect(answer.headers.get("set-cookie")).toMatch(
      /^__Host-prunella_session=[\w-]{22}; Secure; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    const { cookie } = await signIn();
    expect(cookie).toMatch(/^prunella_session=/);
  });

  it("is there for nobody on a fresh server", async () => {
    await using fresh = await openServer();
    for (const [user, password] of [
      ["admin", "admin"],
      ["root", "root"],
      ["prunella", "prunella"],
      ["sa", ""],
    ] as const) {
      const authorization = `Basic ${btoa(`${user}:${password}`)}`;
      expect((await fetch(`${fresh.server.url}/v1/me`, { headers: { authorization } })).status).toBe(401);
      const body = JSON.stringify({ code: password || user });
      expect((await fetch(`${fresh.server.url}/v1/session`, { method: "POST", body })).status).toBe(401);
    }
  });
});
