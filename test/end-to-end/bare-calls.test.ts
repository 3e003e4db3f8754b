import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServer, type ServerFixture } from "./server-fixture.ts";

let fixture: ServerFixture;
beforeAll(async () => {
  fixture = await openServer();
});
afterAll(() => fixture[Symbol.asyncDispose]());

interface Told {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** With a length as supervisors send it, or in pieces, which no short way takes. */
function ask(path: string, body: string | null, isInPieces: boolean, more: Record<string, string> = {}): Promise<Told> {
  const headers = { authorization: `Bearer ${fixture.server.token}`, ...more };
  const length = body === null || isInPieces ? {} : { "content-length": String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${fixture.server.url}${path}`,
      { method: body === null ? "GET" : "POST", headers: { ...headers, ...length } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => void (text += piece));
        answer.on("end", () => {
          // What differs by the moment, and by who closes the connection.
          const { date: _date, connection: _c, "keep-alive": _k, "transfer-encoding": _t, ...rest } = answer.headers;
          delete rest["content-length"];
          resolve({ status: answer.statusCode, headers: rest, body: text });
        });
      },
    );
    sent.on("error", reject);
    if (body !== null) sent.write(body);
    sent.end();
  });
}

const NONE = "01990000-0000-7000-8000-000000000000";
const LARGE = JSON.stringify({ stderr_tail: "x".repeat(300_000) });

it.each([
  [`/v1/supervised/${NONE}/crash`, "{}"],
  [`/v1/supervised/${NONE}/crash`, "no JSON"],
  [`/v1/supervised/${NONE}/crash`, ""],
  [`/v1/supervised/${NONE}/crash`, LARGE],
  [`/v1/permits/${NONE}/redeem`, `{"fence":1}`],
  [`/v1/permits/${NONE}/redeem`, `{"fence":"1"}`],
  [`/v1/permits/${NONE}/redeem`, `{"fence":1,"more":1}`],
  [`/v1/attempts/${NONE}/outcome`, `{"state":"succeeded","fence":1,"pid":null}`],
  [`/v1/attempts/${NONE}/outcome`, "[]"],
])("POST %s is refused alike however its body comes", async (path, body) => {
  const [short, long] = [await ask(path, body, false), await ask(path, body, true)];
  expect(short).toEqual(long);
  expect(short.status).toBeGreaterThanOrEqual(400);
});

it("a supervisor's question is answered alike by whatever way, and so is nobody's", async () => {
  const path = `/v1/supervised/${NONE}/next`;
  expect(await ask(`${path}?seen=a`, null, false)).toEqual(await ask(`${path}?seen=%61`, null, false));
  for (const [more, status] of [
    [{ authorization: "Bearer x" }, 401],
    [{ authorization: "" }, 401],
    [{ host: "elsewhere.example" }, 421],
  ] as const)
    expect([more, (await ask(path, null, false, more)).status]).toEqual([more, status]);
});
