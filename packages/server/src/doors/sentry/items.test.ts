import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Event, PrunellaError } from "@prunella/contract";
import { decodeEnvelope, type Decoded } from "./items.ts";
import { decodeStore } from "./store.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const ID = "07523aeb541a48e7baba293d0ccfdb12";

function decode(body: string | Buffer): Decoded {
  let made = 0;
  const newId = () => (made += 1).toString(16).padStart(32, "0");
  return decodeEnvelope(Buffer.from(body), { trust: "public", receivedAt: NOW, newId });
}
const envelope = (header: object, ...items: (readonly [object, unknown])[]) =>
  [header, ...items.flat()].map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n");
const coded = (code: string): unknown => expect.objectContaining({ name: "PrunellaError", code });
const big = { event_id: ID, extra: { x: "x".repeat(1024 * 1024) } };

describe("decodeEnvelope", () => {
  it("names an event by its own id, else the envelope's, else a new one", () => {
    expect(decode(envelope({ event_id: "b".repeat(32) }, [{ type: "event" }, { event_id: ID }])).id).toBe(ID);
    expect(decode(envelope({ event_id: "b".repeat(32) }, [{ type: "event" }, {}])).events[0]?.id).toBe("b".repeat(32));
    expect(decode(envelope({}, [{ type: "event" }, {}])).events[0]?.id).toBe("1".padStart(32, "0"));
    expect(decode(envelope({ event_id: ID }, [{ type: "span" }, {}])).id).toBe(ID);
    expect(decode("{}").id).toBeNull();
  });

  it("takes a doubled event once", () => {
    const event = [{ type: "event" }, { event_id: ID }] as const;
    expect(decode(envelope({}, event, event, event))).toMatchObject({
      events: [{ id: ID }],
      counts: { event: 3 },
      dropped: { duplicate: 2 },
    });
  });

  it("gives a second event without an id one of its own", () => {
    const { events } = decode(envelope({ event_id: ID }, [{ type: "event" }, {}], [{ type: "event" }, {}]));
    expect(new Set(events.map((event) => event.id)).size).toBe(2);
  });

  it("counts unknown types under one name, so that nobody can invent keys", () => {
    const { counts, dropped } = decode(
      envelope({}, [{ type: "hunter2" }, {}], [{ type: "__proto__" }, {}], [{ type: "replay_video" }, "binary"]),
    );
    expect(counts).toEqual({ unknown: 2, replay_video: 1 });
    expect(dropped.ignored).toBe(3);
  });

  it("refuses a too large event alone or with its attachments, and counts it in other company", () => {
    expect(() => decode(envelope({}, [{ type: "event" }, big]))).toThrow(coded("PRUNELLA_INGEST_TOO_LARGE"));
    expect(() => decode(envelope({}, [{ type: "event" }, big], [{ type: "attachment", length: 1 }, "x"]))).toThrow(
      coded("PRUNELLA_INGEST_TOO_LARGE"),
    );
    expect(decode(envelope({}, [{ type: "event" }, big], [{ type: "event" }, {}]))).toMatchObject({
      events: [{}],
      dropped: { too_large: 1 },
    });
    expect(decode(envelope({}, [{ type: "event" }, big], [{ type: "session" }, {}]))).toMatchObject({
      events: [],
      dropped: { too_large: 1 },
    });
  });

  it("refuses an event that is not JSON alone, and counts it in other company", () => {
    for (const bad of ["{", "[]", "nonsense", "", `${"[".repeat(1_000_000)}`, `{"extra":${"[".repeat(500_000)}}`]) {
      expect(() => decode(envelope({}, [{ type: "event" }, bad]))).toThrow(coded("PRUNELLA_INGEST_MALFORMED"));
    }
    expect(decode(envelope({}, [{ type: "event" }, "{"], [{ type: "event" }, {}]))).toMatchObject({
      events: [{}],
      dropped: { invalid: 1 },
    });
  });

  it("survives the deepest event that fits", () => {
    const deep = `{"extra":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    expect(JSON.stringify(decode(envelope({}, [{ type: "event" }, deep])).events[0]?.context).length).toBeLessThan(200);
  });

  it("reads no more than 4 MiB of JSON from one envelope", () => {
    const items = Array.from(
      { length: 8 },
      () => [{ type: "event" }, { extra: { x: "x".repeat(1_000_000) } }] as const,
    );
    expect(decode(envelope({}, ...items))).toMatchObject({ dropped: { too_large: 4 }, counts: { event: 8 } });
  });

  it("survives an event that is not UTF-8", () => {
    const body = Buffer.concat([
      Buffer.from('{}\n{"type":"event"}\n{"message":"a'),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}'),
    ]);
    expect(decode(body).events[0]?.message).toBe("a\ufffd\ufffd\ufffd");
  });

  it("makes events of error logs only", () => {
    const entry = (level: string, body: unknown) => ({
      level,
      body,
      timestamp: NOW / 1000,
      attributes: {
        "sentry.release": { value: "r@1", type: "string" },
        "prunella.target": { value: "api" },
        n: { value: 1 },
      },
    });
    const { events, counts } = decode(
      envelope({}, [
        { type: "log", item_count: 6 },
        {
          items: [
            entry("info", "a"),
            entry("error", "b"),
            entry("fatal", "c"),
            entry("weird", "d"),
            entry("error", null),
            null,
          ],
        },
      ]),
    );
    expect(events.map((event) => [event.level, event.message, event.release, event.target])).toEqual([
      ["error", "b", "r@1", "api"],
      ["fatal", "c", "r@1", "api"],
    ]);
    expect(events[0]?.context.extra).toEqual({ "prunella.target": "api", n: "1" });
    expect(counts).toEqual({ log: 1 });
  });

  it("never makes more than a thousand events of one envelope", () => {
    const items = Array.from({ length: 1500 }, () => ({ level: "error", body: "x" }));
    expect(decode(envelope({}, [{ type: "log" }, { items }])).events).toHaveLength(1000);
  });

  it("adds up losses and knows reasons and categories by list only", () => {
    const report = {
      discarded_events: [
        { reason: "ratelimit_backoff", category: "error", quantity: 5 },
        { reason: "ratelimit_backoff", category: "error", quantity: 2.9 },
        { reason: "hunter2", category: "s3cret", quantity: 1e300 },
        { reason: "before_send", category: "error", quantity: -1 },
        { reason: "before_send", category: "error", quantity: "9" },
        null,
      ],
      rate_limited_events: [{ category: "session", quantity: 1 }],
    };
    expect(decode(envelope({}, [{ type: "client_report" }, report])).losses).toEqual([
      { reason: "ratelimit_backoff", category: "error", quantity: 7 },
      { reason: "other", category: "other", quantity: 1_000_000_000 },
      { reason: "ratelimit_backoff", category: "session", quantity: 1 },
    ]);
  });

  it("counts sessions, single and grouped", () => {
    const groups = { aggregates: [{ exited: 3, crashed: 1 }, { errored: 2, exited: -5, crashed: "x" }, null] };
    expect(
      decode(envelope({}, [{ type: "session" }, { status: "crashed" }], [{ type: "sessions" }, groups])).sessions,
    ).toEqual({ total: 7, crashed: 2 });
  });

  it("reads check-ins and counts broken ones", () => {
    const { checkIns, dropped } = decode(
      envelope(
        {},
        [{ type: "check_in" }, { monitor_slug: "nightly", status: "error", duration: 1.5 }],
        [{ type: "check_in" }, { monitor_slug: "x", status: "odd" }],
      ),
    );
    expect(checkIns).toEqual([{ slug: "nightly", status: "error", environment: null, durationMs: 1500 }]);
    expect(dropped.invalid).toBe(1);
  });

  it("counts feedback without reading it", () => {
    expect(decode(envelope({}, [{ type: "feedback" }, { contexts: {} }], [{ type: "user_report" }, {}]))).toMatchObject(
      { events: [], counts: { feedback: 1, user_report: 1 } },
    );
  });

  const whole = Buffer.from(
    envelope(
      { event_id: ID },
      [{ type: "event", length: 49 }, { event_id: ID.slice(0, 30) + "ü" }],
      [{ type: "attachment", length: 3 }, "a\nb"],
      [{ type: "client_report" }, { discarded_events: [] }],
    ),
  );

  it("ends well or in our own error when cut at any byte", () => {
    for (let cut = 0; cut <= whole.length; cut += 1) {
      try {
        for (const event of decode(whole.subarray(0, cut)).events) Event.parse(event);
      } catch (error) {
        expect(error).toBeInstanceOf(PrunellaError);
      }
    }
  });

  it("ends well or in our own error when any bytes change (law)", () => {
    const edit = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.constantFrom("set", "insert", "delete"));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), fc.boolean(), (edits, store) => {
        const bytes = [...whole];
        for (const [at, byte, how] of edits)
          bytes.splice(at, how === "insert" ? 0 : 1, ...(how === "delete" ? [] : [byte]));
        try {
          const body = Buffer.from(bytes);
          const { events } = store
            ? decodeStore(body, { trust: "public", receivedAt: NOW, newId: () => ID })
            : decode(body);
          for (const event of events) Event.parse(event);
        } catch (error) {
          expect(error).toBeInstanceOf(PrunellaError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
