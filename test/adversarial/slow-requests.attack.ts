import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../end-to-end/server-fixture.ts";
import { EVERY_ROUTE } from "./every-route.ts";
import { drive } from "./raw-client.ts";

/** A byte a second for ever: what bounds of size do not see. Long, because the server is patient. */
let fixture: ServerFixture;
let port = 0;
beforeAll(async () => {
  fixture = await openServer();
  port = Number(new URL(fixture.server.url).port);
});
afterAll(() => fixture[Symbol.asyncDispose]());

const SECOND = 1_000;

describe("a trickle without an end", () => {
  it.each([
    ["of headers", "host: 127.0.0.1\r\nx-more: ", "x", 40],
    ["of a chunked body", "host: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\nx\r\n", 80],
    ["of a body of an announced length", "host: 127.0.0.1\r\ncontent-length: 100000\r\n\r\n", "x", 80],
  ])(
    "%s is cut off on every route while others are answered",
    { timeout: 120 * SECOND },
    async (_name, rest, piece, most) => {
      const attacks = EVERY_ROUTE.map(async ({ method, path }) => ({
        route: `${method} ${path}`,
        ...(await drive(port, `${method} ${path} HTTP/1.1\r\n${rest}`, Buffer.from(piece), {
          most: most * piece.length,
          everyMs: SECOND,
        })),
      }));
      expect((await fixture.api("/me")).status).toBe(200);
      const driven = await Promise.all(attacks);
      expect(driven.filter(({ wasCutOff }) => !wasCutOff)).toEqual([]);
    },
  );
});
