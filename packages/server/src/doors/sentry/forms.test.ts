import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { openHouse } from "../kit/house-fixture.ts";

const ID = "07523aeb541a48e7baba293d0ccfdb12";
const UUID = "07523aeb-541a-48e7-baba-293d0ccfdb12";

/** An envelope of one event that says what it is a case of. */
const envelope = (more: object = {}, { newline = "\n", header = "{}" } = {}): Buffer =>
  Buffer.from([header, '{"type":"event"}', JSON.stringify({ message: "a case", ...more })].join(newline));
const raw = (event: string, length = false): Buffer =>
  Buffer.from(`{}\n{"type":"event"${length ? `,"length":${event.length}` : ""}}\n${event}`);

async function send(
  body: Buffer,
  { headers = {}, kind = "envelope" }: { headers?: Record<string, string>; kind?: string } = {},
) {
  await using house = await openHouse();
  const answer = await house.post(
    `/api/${house.number}/${kind}/?sentry_key=${house.key}`,
    new Uint8Array(body),
    headers,
  );
  const text = await answer.text();
  await house.kernel.settle();
  const { faults } = await house.kernel.faults.list({ status: "all", limit: 10 });
  return { status: answer.status, text, titles: faults.map(({ title }) => title), lost: house.lost };
}

it.each<[string, Buffer, Record<string, string>?]>([
  ["gzip with its header", gzipSync(envelope()), { "content-encoding": "gzip" }],
  ["gzip without a header", gzipSync(envelope())],
  ["deflate with zlib's header", deflateSync(envelope()), { "content-encoding": "deflate" }],
  ["raw deflate", deflateRawSync(envelope()), { "content-encoding": "deflate" }],
  ["text/plain", envelope(), { "content-type": "text/plain;charset=UTF-8" }],
  ["an id with hyphens", envelope({ event_id: UUID }, { header: `{"event_id":"${UUID}"}` })],
  ["an id in capitals", envelope({ event_id: ID.toUpperCase() })],
  ["an id that is none", envelope({ event_id: "hello" }, { header: '{"event_id":"hello"}' })],
  ["no id anywhere", envelope()],
  ["an unknown item before the event", Buffer.from(`{}\n{"type":"odd"}\n{}\n{"type":"event"}\n{"message":"a case"}`)],
  ["CRLF", Buffer.concat([envelope({}, { newline: "\r\n" }), Buffer.from("\r\n")])],
  ["a bare NaN", raw('{"message":"a case","extra":{"x":NaN,"y":[Infinity,-Infinity]}}')],
  ["a bare NaN in an item that says its length", raw('{"message":"a case","extra":{"x":NaN}}', true)],
  ["a time to come", envelope({ timestamp: "2099-01-01T00:00:00Z" })],
  ["a time that is none", envelope({ timestamp: "yesterday" })],
  [
    "fields of other shapes",
    envelope({
      tags: [["a", "b"], ["c"], null, 7, [null, 1]],
      user: "ada",
      request: "GET /",
      contexts: [1, 2],
      breadcrumbs: { values: null },
    }),
  ],
])("takes an event in the form: %s", async (_name, body, headers = {}) => {
  expect(await send(body, { headers })).toMatchObject({ status: 200, titles: ["a case"] });
});

it("takes a half surrogate and a NUL as signs that can be kept", async () => {
  const { status, titles } = await send(raw('{"message":"half \\ud800 and \\u0000"}'));
  expect([status, titles]).toEqual([200, ["half \ufffd and \ufffd"]]);
});

it("takes a bare event at the old address, with a NaN too", async () => {
  for (const body of ['{"message":"a case"}', '{"message":"a case","extra":{"x":NaN}}'])
    expect(await send(Buffer.from(body), { kind: "store" })).toMatchObject({ status: 200, titles: ["a case"] });
});

it("takes a report that holds nothing else", async () => {
  const report = { discarded_events: [{ reason: "before_send", category: "error", quantity: 3 }] };
  expect(await send(Buffer.from(`{}\n{"type":"client_report"}\n${JSON.stringify(report)}`))).toMatchObject({
    status: 200,
    lost: [{ reason: "client.before_send.error", quantity: 3 }],
  });
});

it.each([
  ["a plain body that says it is gzip", envelope()],
  ["gzip that is cut off", gzipSync(envelope()).subarray(0, -9)],
])("names why it does not take %s", async (_name, body) => {
  const { status, text, titles } = await send(body, { headers: { "content-encoding": "gzip" } });
  expect([status, titles]).toEqual([400, []]);
  expect(text).toContain("not valid gzip, or they end too early");
});

it("says in words that it reads no minidumps, and counts each", async () => {
  for (const kind of ["minidump", "unreal/0123456789abcdef0123456789abcdef"]) {
    const { status, text, lost } = await send(Buffer.from("MDMP"), { kind });
    expect([status, lost]).toEqual([404, [{ projectId: "default", reason: "dropped.unread.error", quantity: 1 }]]);
    expect(text).toContain("Minidumps are not read here.");
  }
});

it("takes logs that are here before the event they belong to as one failure", async () => {
  await using house = await openHouse();
  const trace = "ab".repeat(16);
  const line = {
    level: "error",
    body: "a case",
    trace_id: trace,
    attributes: { "sentry.origin": { value: "auto.log.stdlib" } },
  };
  const path = `/api/${house.number}/envelope/?sentry_key=${house.key}`;
  const logs = house.post(path, `{}\n{"type":"log"}\n${JSON.stringify({ items: [line] })}`);
  const event = house.post(path, new Uint8Array(envelope({ contexts: { trace: { trace_id: trace } } })));
  expect((await Promise.all([logs, event])).map(({ status }) => status)).toEqual([200, 200]);
  await house.kernel.settle();
  const { faults } = await house.kernel.faults.list({ status: "all", limit: 10 });
  expect(faults).toMatchObject([{ title: "a case", count: 1 }]);
});
