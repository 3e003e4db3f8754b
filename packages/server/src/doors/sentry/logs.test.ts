import { fingerprint, describeFault } from "@prunella/scrub";
import { describe, expect, it } from "vitest";
import { decodeItems } from "./decode.ts";
import { parseEnvelope } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { createTraces } from "./traces.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const TRACE = "ab".repeat(16);
let made = 0;
const traces = createTraces(() => NOW);

function decode(...items: (readonly [string, unknown])[]) {
  const text = ["{}", ...items.flatMap(([type, body]) => [JSON.stringify({ type }), JSON.stringify(body)])].join("\n");
  return decodeItems(parseEnvelope(Buffer.from(text), SENTRY_LIMITS), {
    trust: "public",
    receivedAt: NOW,
    newId: () => (made += 1).toString(16).padStart(32, "0"),
    eventsOf: (trace) => traces.of("default", trace),
  });
}
type Log = { body?: string; at?: number; origin?: string | null; trace?: string; attributes?: Record<string, unknown> };
const log = ({
  body = "payment failed",
  at = NOW,
  origin = "auto.log.stdlib",
  trace = TRACE,
  attributes = {},
}: Log) => {
  const all = { ...attributes, ...(origin === null ? {} : { "sentry.origin": origin }) };
  const held = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, { value, type: "string" }]));
  return { timestamp: at / 1000, level: "error", body, trace_id: trace, attributes: held };
};
const logs = (...entries: Log[]) => ["log", { items: entries.map(log) }] as const;
const failure = (over: object = {}) =>
  [
    "event",
    {
      timestamp: NOW / 1000,
      contexts: { trace: { trace_id: TRACE } },
      exception: { values: [{ type: "CardError", value: "card declined by bank" }] },
      ...over,
    },
  ] as const;
const told = (...items: (readonly [string, unknown])[]) => {
  const { events, losses } = decode(...items);
  return [events.map((event) => describeFault(event).title), losses.map(({ reason }) => reason)];
};
const asJson = (name: string, message: string, stack?: string) => JSON.stringify({ message, name, stack });

describe("a line of a log", () => {
  it("is part of the event that says the same in its trace, before or after it, in its own words or by its template", () => {
    const said = failure({ logentry: { message: "payment of %s failed", params: ["ada"] } });
    const line = logs({ body: "payment of ada failed" });
    const titles = ["CardError: card declined by bank"];
    expect(told(said, line)).toEqual([titles, []]);
    expect(told(line, said)).toEqual([titles, []]);
    const other = logs({
      body: "payment of bob failed",
      attributes: { "sentry.message.template": "payment of %s failed" },
    });
    expect(told(said, other)).toEqual([titles, []]);
    expect(told(failure(), logs({ body: "payment failed: CardError: card declined by bank" }))).toEqual([titles, []]);
  });

  it("is part of an event of an envelope that came before", () => {
    const trace = "cd".repeat(16);
    const { traced, events } = decode(failure({ contexts: { trace: { trace_id: trace } } }));
    traces.remember("default", traced);
    expect(events).toHaveLength(1);
    const line = {
      trace,
      origin: "auto.console.logging",
      at: NOW + 4_000,
      body: `oops ${asJson("CardError", "card declined by bank")}`,
    };
    expect(told(logs(line))).toEqual([[], []]);
    expect(traces.of("other", trace)).toEqual([]);
  });

  it.each([
    { request: { url: "http://shop.test/pay" } },
    { contexts: { trace: { trace_id: TRACE, op: "queue.task" } } },
    { contexts: { trace: { trace_id: TRACE, parent_span_id: "ab".repeat(8) } } },
  ])(
    "within a second of an event of its request or job is counted as a loss, for its words are in no event: %j",
    (task) => {
      expect(told(failure(task), logs({ at: NOW + 900 }))).toEqual([
        ["CardError: card declined by bank"],
        ["dropped.belongs.log_item"],
      ]);
      expect(decode(failure(task), logs({ at: NOW - 5_000 })).events).toHaveLength(2);
    },
  );

  it.each<[string, Log]>([
    ["of another trace", { trace: "ef".repeat(16) }],
    ["that a program logged at the SDK itself", { origin: null, body: "card declined by bank" }],
    ["that it says was logged so", { origin: "manual", body: "card declined by bank" }],
    ["said in other words, in the one trace of a whole program", {}],
    ["with an error that was not sent", { body: asJson("TypeError", "x is not a function") }],
  ])("%s stands for itself", (_name, line) => {
    expect(decode(failure(), logs(line)).events).toHaveLength(2);
  });

  it("with an error in JSON is read as that error", () => {
    const stack = "TypeError: x is not a function\n    at charge (/app/pay.js:7:25)\n    at main (/app/main.js:3:1)";
    const [plain, prefixed] = decode(
      logs(
        { body: asJson("TypeError", "x is not a function", stack), origin: "auto.log.console" },
        {
          body: `payment failed ${asJson("TypeError", "x is not a function", stack)} {"order":7}`,
          origin: "auto.log.console",
          attributes: { "sentry.message.template": "payment failed {} {}" },
        },
      ),
    ).events;
    if (plain === undefined || prefixed === undefined) throw new Error("two events");
    expect(describeFault(plain)).toMatchObject({ title: "TypeError: x is not a function", culprit: "charge · pay.js" });
    expect(prefixed.message).toBe('payment failed TypeError: x is not a function {"order":7}');
    expect(fingerprint(prefixed).strict).toBe(fingerprint(plain).strict);
    const [bare] = decode(logs({ body: `late ${asJson("AbortError", "gone")}` })).events;
    expect(bare && describeFault(bare).title).toBe("late AbortError: gone");
  });

  it("with another object stays as it is", () => {
    const body = 'settings broken {"a":1,"message":"x"}';
    expect(decode(logs({ body })).events[0]?.message).toBe(body);
    expect(decode(logs({ body: '{"message":"x' })).events[0]?.message).toBe('{"message":"x');
  });

  it("has the place that it was logged at as its culprit", () => {
    const place = { "code.file.path": "/srv/shop/pay.py", "code.function.name": "charge", "code.line.number": 7 };
    const old = { "code.filepath": "C:\\shop\\Pay.php", "code.function": "charge", "code.namespace": "Shop\\Pay" };
    const culprits = decode(
      logs({ attributes: place }, { attributes: old }, { attributes: { "code.filepath": "a/b.go" } }),
    );
    expect(culprits.events.map((event) => describeFault(event).culprit)).toEqual([
      "charge · pay.py",
      "Shop\\Pay.charge · Pay.php",
      "b.go",
    ]);
  });
});

describe("what is remembered of traces", () => {
  it("is forgotten after a minute, and the oldest first", () => {
    let now = NOW;
    const kept = createTraces(() => now);
    const traced = (n: number) => [
      { trace: n.toString(16).padStart(32, "0"), at: NOW, texts: ["x"], isOfOneTask: false },
    ];
    for (let n = 0; n < 5_000; n += 1) kept.remember("p", traced(n));
    expect(kept.of("p", "0".repeat(32))).toEqual([]);
    expect(kept.of("p", (4_999).toString(16).padStart(32, "0"))).toHaveLength(1);
    for (let n = 0; n < 50; n += 1) kept.remember("p", traced(9_999));
    expect(kept.of("p", (9_999).toString(16).padStart(32, "0"))).toHaveLength(16);
    now += 60_001;
    expect(kept.of("p", (9_999).toString(16).padStart(32, "0"))).toEqual([]);
  });
});
