import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";
import { EVERY_ROUTE, type RouteUnderAttack } from "./every-route.ts";
import { drive, type Driven } from "./raw-client.ts";

const MB = 1024 * 1024;
/** What a route may take of what has no end: the doors' bounds here, and what the system holds on the way. */
const TAKEN = 12 * MB;
/** Beyond it the attack has won. */
const MOST = 48 * MB;
const AT_ONCE = 8;

let fixture: ServerFixture;
let port = 0;
beforeAll(async () => {
  await using other = await openServer();
  const headers = { authorization: `Bearer ${other.server.token}` };
  const vkey = await (await fetch(`${other.server.url}/ledger/vkey`, { headers })).text();
  fixture = await openServer({
    limits: { compressed: "1 MiB", decompressed: "1 MiB" },
    witness: { origins: [vkey.trim()] },
  });
  port = Number(new URL(fixture.server.url).port);
});
afterAll(() => fixture[Symbol.asyncDispose]());

const START = "host: 127.0.0.1\r\n";
const chunk = Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`);
const letters = Buffer.alloc(65_536, "x");

interface Endless {
  readonly rest: (token: string) => string;
  readonly piece: Buffer;
  /** Of everything but a body little is taken: Node's parser ends it. */
  readonly taken?: number;
  /** Where the body is left unread while the answer goes on, until the time for a request is over. */
  readonly but?: string;
}
const SHAPES: Readonly<Record<string, Endless>> = {
  "a chunked body": { rest: () => `${START}transfer-encoding: chunked\r\n\r\n`, piece: chunk },
  "a body of one announced chunk": {
    rest: () => `${START}transfer-encoding: chunked\r\n\r\nfffffffffff\r\n`,
    piece: letters,
  },
  "a body of an announced length": { rest: () => `${START}content-length: 1000000000000\r\n\r\n`, piece: letters },
  "a compressed body": {
    rest: () => `${START}transfer-encoding: chunked\r\ncontent-encoding: gzip\r\n\r\n`,
    piece: chunk,
  },
  "a chunked body and a wrong token": {
    rest: () => `${START}authorization: Bearer ${"x".repeat(43)}\r\ntransfer-encoding: chunked\r\n\r\n`,
    piece: chunk,
  },
  "a chunked body and the right token": {
    rest: (token) => `${START}authorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n`,
    piece: chunk,
    // A build tool may send a whole request of chunks.
    taken: MOST,
    but: "/v1/stream",
  },
  "a chunk extension": { rest: () => `${START}transfer-encoding: chunked\r\n\r\n1;`, piece: letters },
  trailers: {
    rest: () => `${START}transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n`,
    piece: Buffer.from("x-more: and more\r\n".repeat(1_000)),
  },
  headers: { rest: () => START, piece: Buffer.from("x-more: and more\r\n".repeat(1_000)) },
  "one header": { rest: () => `${START}cookie: `, piece: letters },
};

async function onEveryRoute(
  routes: readonly RouteUnderAttack[],
  attack: (route: RouteUnderAttack) => Promise<Driven>,
): Promise<Map<string, Driven>> {
  const driven = new Map<string, Driven>();
  const waiting = [...routes];
  const next = async (): Promise<void> => {
    for (let route = waiting.pop(); route !== undefined; route = waiting.pop())
      driven.set(`${route.method} ${route.path}`, await attack(route));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return driven;
}

describe("without an end", () => {
  it.each(Object.entries(SHAPES))(
    "%s is taken by no route",
    { timeout: 120_000 },
    async (_name, { rest, piece, taken = TAKEN, but }) => {
      const routes = EVERY_ROUTE.filter(({ path }) => path !== but);
      const driven = await onEveryRoute(routes, ({ method, path }) =>
        drive(port, `${method} ${path} HTTP/1.1\r\n${rest(fixture.server.token)}`, piece, { most: MOST + MB }),
      );
      expect(driven.size).toBe(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size);
      expect([...driven].filter(([, { wasCutOff, sent }]) => !wasCutOff || sent > taken)).toEqual([]);
      expect((await fetch(`${fixture.server.url}/healthz`)).status).toBe(200);
    },
  );

  it("an address is taken by no route", async () => {
    const driven = await drive(port, "GET /v1/", letters, { most: MOST });
    expect(driven).toMatchObject({ wasCutOff: true });
    expect(driven.sent).toBeLessThan(MB);
  });
});

describe("a body that ends, after the answer that refuses it", () => {
  it.each([
    ["POST", `/api/1/envelope/?sentry_key=${"0".repeat(32)}`],
    ["POST", "/api/x/store/"],
    ["POST", "/healthz"],
  ])("costs the client neither the answer nor the connection: %s %s", async (method, path) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<{ status: number; from: number | undefined }>((resolve, reject) => {
        const asking = request({ host: "127.0.0.1", port, method, path, agent }, (response) => {
          response
            .resume()
            .on("end", () => resolve({ status: response.statusCode ?? 0, from: asking.socket?.localPort }));
        });
        asking.on("error", reject);
        for (let at = 0; at < 16; at += 1) asking.write(letters);
        asking.end();
      });
    const [first, second] = [await ask(), await ask()];
    agent.destroy();
    expect(first.status).toBe(second.status);
    expect(first.from).toBe(second.from);
  });
});
