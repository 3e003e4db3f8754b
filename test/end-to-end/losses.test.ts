import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/**
 * The law: what comes in is kept, or is counted. Every kind of item and every way of refusal, each on a
 * project of its own, and the one sum that it must leave behind.
 */

const MIB = 1024 * 1024;
const item = (header: object, payload: unknown) =>
  `${JSON.stringify(header)}\n${typeof payload === "string" ? payload : JSON.stringify(payload)}\n`;
const envelope = (...items: string[]) => `{}\n${items.join("")}`;
const kept = item({ type: "event" }, { message: "small" });
const unread = (type: string, payload: unknown = {}) => envelope(item({ type }, payload));
const big = { extra: { x: "x".repeat(MIB) } };
const trace = { trace_id: "ab".repeat(16) };
const attributes = { "sentry.origin": { value: "auto.log.stdlib" } };
const entry = (level: string) => ({ level, body: "x" });

type Case = readonly [
  what: string,
  sums: Readonly<Record<string, number>>,
  send: (shop: Shop) => Promise<{ status: number }>,
  status?: number,
];

interface Shop {
  readonly url: string;
  readonly number: string;
  readonly key: string;
  post(body: string, headers?: Record<string, string>, kind?: string, key?: string): Promise<Response>;
}

const posted =
  (body: string, headers: Record<string, string> = {}, kind = "envelope") =>
  (shop: Shop) =>
    shop.post(body, headers, kind);

/** Item types of Sentry's documentation, and what each is counted as. */
const UNREAD: Readonly<Record<string, string>> = {
  attachment: "attachment",
  feedback: "feedback",
  form_data: "attachment",
  metric_buckets: "metric_bucket",
  metric_meta: "metric_bucket",
  nel: "security",
  otel_log: "log_item",
  profile: "profile",
  profile_chunk: "profile_chunk",
  raw_security: "security",
  replay_event: "replay",
  replay_recording: "replay",
  replay_video: "replay",
  security: "security",
  session: "session",
  sessions: "session",
  span: "span",
  statsd: "statsd",
  trace_metric: "trace_metric",
  transaction: "transaction",
  unreal_report: "error",
  user_report: "feedback",
  user_report_v2: "feedback",
  made_up: "unknown",
};

const CASES: readonly Case[] = [
  ["a small event", {}, posted(envelope(kept))],
  ...Object.entries(UNREAD).map(([type, category]): Case => [
    `an item ${type}`,
    { [`dropped.unread.${category}`]: 1 },
    posted(unread(type)),
  ]),
  [
    "a small event, one over 1 MiB, a failed check-in and a crashed session",
    { "dropped.too_large.error": 1, "dropped.invalid.monitor": 1, "dropped.unread.session": 1 },
    posted(
      envelope(
        kept,
        item({ type: "event" }, big),
        item({ type: "check_in" }, { monitor_slug: "nightly", status: "error" }),
        item({ type: "session" }, { status: "crashed" }),
      ),
    ),
  ],
  [
    "a check-in that brings its schedule, and one that is none",
    { "dropped.invalid.monitor": 1 },
    posted(
      envelope(
        item(
          { type: "check_in" },
          {
            monitor_slug: "weekly",
            status: "ok",
            monitor_config: { schedule: { type: "interval", value: 1, unit: "week" } },
          },
        ),
        item({ type: "check_in" }, { monitor_slug: "weekly", status: "perhaps" }),
      ),
    ),
  ],
  [
    "an event that is no JSON, in company",
    { "dropped.invalid.error": 1 },
    posted(envelope(kept, item({ type: "event" }, "{"))),
  ],
  [
    "a transaction that calls itself an event",
    { "dropped.unread.transaction": 1 },
    posted(unread("event", { type: "transaction" })),
  ],
  [
    "an event that comes twice",
    {},
    posted(envelope(...[1, 2].map(() => item({ type: "event" }, { event_id: "a".repeat(32), message: "twice" })))),
  ],
  [
    "more events than one envelope may bring, of which logs are left out first",
    { "dropped.too_many.log_item": 4 },
    posted(envelope(item({ type: "log" }, { items: Array.from({ length: 1003 }, () => entry("error")) }), kept)),
  ],
  [
    "logs below error, and one without a text",
    { "dropped.level.log_item": 2, "dropped.invalid.log_item": 1 },
    posted(
      envelope(item({ type: "log" }, { items: [entry("info"), entry("debug"), { level: "error" }, entry("error")] })),
    ),
  ],
  [
    "a line of a log that an event says, and one that was said beside it in its request",
    { "dropped.belongs.log_item": 1 },
    posted(
      envelope(
        item({ type: "event" }, { message: "small", contexts: { trace }, request: {} }),
        item(
          { type: "log" },
          { items: ["small", "other"].map((body) => ({ level: "error", body, ...trace, attributes })) },
        ),
      ),
    ),
  ],
  ["a minidump", { "dropped.unread.error": 1 }, posted("MDMP", {}, "minidump"), 404],
  [
    "a log that is no JSON",
    { "dropped.invalid.log_item": 4 },
    posted(envelope(item({ type: "log", item_count: 4 }, '{"items":['))),
  ],
  ["a log over 1 MiB", { "dropped.too_large.log_item": 1 }, posted(unread("log", big))],
  [
    "spans in one container",
    { "dropped.unread.span": 5 },
    posted(envelope(item({ type: "span", item_count: 5 }, { items: [] }))),
  ],
  [
    "what an SDK reports",
    { "client.ratelimit_backoff.error": 5, "client.other.unknown": 2, "dropped.invalid.internal": 1 },
    posted(
      unread("client_report", {
        discarded_events: [
          { reason: "ratelimit_backoff", category: "error", quantity: 5 },
          { reason: "hunter2", category: "hunter2", quantity: 2 },
          "hunter2",
        ],
      }),
    ),
  ],
  ["a report that is no JSON", { "dropped.invalid.internal": 1 }, posted(unread("client_report", "{"))],
  ["a stored event", {}, posted('{"message":"small"}', {}, "store")],
  ["a stored transaction", { "dropped.unread.transaction": 1 }, posted('{"type":"transaction"}', {}, "store")],
  ["a stored body that is no event", { "door.malformed": 1 }, posted("hunter2 hunter2", {}, "store"), 400],
  ["a stored body over 1 MiB", { "door.too_large": 1 }, posted(JSON.stringify(big), {}, "store"), 413],
  ["an event over 1 MiB alone", { "door.too_large": 1 }, posted(unread("event", big)), 413],
  ["an event that is no JSON alone", { "door.malformed": 1 }, posted(unread("event", "{")), 400],
  ["a body over the limit", { "door.too_large": 1 }, posted("x".repeat(5 * MIB)), 413],
  ["a body that breaks off", { "door.malformed": 1 }, posted('{}\n{"type":"event","length":99}\n{}'), 400],
  ["more items than one envelope may have", { "door.too_large": 1 }, posted(envelope(kept.repeat(1001))), 413],
  ["an encoding that nobody knows", { "door.encoding": 1 }, posted("x", { "content-encoding": "rot13" }), 400],
  ["bytes that do not unpack", { "door.encoding": 1 }, posted("x", { "content-encoding": "gzip" }), 400],
  ["a wrong key", { "door.key_wrong": 1 }, (shop) => shop.post(envelope(kept), {}, "envelope", "0".repeat(32)), 403],
  [
    "a tunnel's envelope that breaks off behind its header",
    { "door.malformed": 1 },
    ({ url, number, key }) => {
      const body = `${JSON.stringify({ dsn: `http://${key}@localhost/${number}` })}\n{"type":"event","length":99}\n{}`;
      return fetch(`${url}/api/${number}/envelope/`, { method: "POST", body });
    },
    400,
  ],
  [
    "no key at all: nobody's loss",
    {},
    ({ url, number }) => fetch(`${url}/api/${number}/envelope/`, { method: "POST", body: "{}" }),
    401,
  ],
  [
    "a number that nobody has: nobody's loss",
    {},
    ({ url, key }) => fetch(`${url}/api/99999/envelope/?sentry_key=${key}`, { method: "POST", body: "{}" }),
    404,
  ],
];

async function addShop(fixture: ServerFixture, id: string): Promise<Shop> {
  const row = await fixture.server.kernel.projects.add({ id, by: { kind: "system", id: null } });
  const [{ url }, number] = [fixture.server, row.dsn_id];
  return {
    url,
    number,
    key: row.public_key,
    post: (body, headers = {}, kind = "envelope", key = row.public_key) =>
      fetch(`${url}/api/${number}/${kind}/?sentry_key=${key}`, { method: "POST", body, headers }),
  };
}

function readSums(folder: string): Map<string, Record<string, number>> {
  using database = new DatabaseSync(`${folder}/prunella.db`, { readOnly: true });
  const sums = new Map<string, Record<string, number>>();
  for (const { project_id, reason, count } of database
    .prepare("select project_id, reason, count from tally_hour")
    .all())
    sums.set(String(project_id), { ...sums.get(String(project_id)), [String(reason)]: Number(count) });
  return sums;
}

it("counts whatever comes in and is not kept, of every kind and in every way of refusal (law)", async () => {
  await using fixture = await openServer({ limits: { decompressed: "4 MiB" } });
  const shops = [];
  for (const at of CASES.keys()) shops.push(await addShop(fixture, `shop-${at}`));
  for (const [at, [what, , send, status = 200]] of CASES.entries()) {
    const shop = shops[at];
    if (shop) expect([what, (await send(shop)).status]).toEqual([what, status]);
  }
  await fixture.server.close();
  const sums = readSums(fixture.folder);
  for (const [at, [what, expected]] of CASES.entries())
    expect([what, sums.get(`shop-${at}`) ?? {}]).toEqual([what, expected]);
});

it("counts what back-pressure refuses, for the project that sent it", async () => {
  await using fixture = await openServer({ limits: { new_faults_per_minute: 1 } });
  const shop = await addShop(fixture, "shop");
  const { url, number, key } = shop;
  expect((await shop.post(envelope(kept))).status).toBe(200);
  expect((await shop.post(envelope(kept))).status).toBe(429);
  // A tunnel says whose it is in its body; what is full for the project is full for it too.
  const body = `${JSON.stringify({ dsn: `http://${key}@localhost/${number}` })}\n${kept}`;
  expect((await fetch(`${url}/api/${number}/envelope/`, { method: "POST", body })).status).toBe(429);
  await fixture.server.close();
  expect(readSums(fixture.folder).get("shop")).toEqual({ "door.new_faults": 2 });
});

it("counts in words of our own only, whatever a sender calls things", async () => {
  await using fixture = await openServer();
  const shop = await addShop(fixture, "shop");
  for (const type of ["hunter2", "dropped.unread.session", "__proto__"]) await shop.post(unread(type));
  await fixture.server.close();
  expect(readSums(fixture.folder).get("shop")).toEqual({ "dropped.unread.unknown": 3 });
});
