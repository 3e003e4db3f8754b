import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Event, PrunellaError } from "@prunella/contract";
import type { Loss } from "../kit/losses.ts";
import { decodeItems, type Decoded } from "./decode.ts";
import { parseEnvelope } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { SENTRY_REASONS } from "./reasons.ts";
import { decodeStore } from "./store-body.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const ID = "07523aeb541a48e7baba293d0ccfdb12";

function decode(body: string | Buffer): Decoded {
  let made = 0;
  const newId = () => (made += 1).toString(16).padStart(32, "0");
  return decodeItems(parseEnvelope(Buffer.from(body), SENTRY_LIMITS), { trust: "public", receivedAt: NOW, newId });
}
const envelope = (header: object, ...items: (readonly [object, unknown])[]) =>
  [header, ...items.flat()].map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join("\n");
const sums = (losses: readonly Loss[]) => Object.fromEntries(losses.map(({ reason, quantity }) => [reason, quantity]));
const lost = (...items: (readonly [object, unknown])[]) => sums(decode(envelope({}, ...items)).losses);
const coded = (code: string): unknown => expect.objectContaining({ name: "PrunellaError", code });
const big = { event_id: ID, extra: { x: "x".repeat(1024 * 1024) } };

describe("decodeItems", () => {
  it("names an event by its own id, else the envelope's, else a new one", () => {
    expect(decode(envelope({ event_id: "b".repeat(32) }, [{ type: "event" }, { event_id: ID }])).id).toBe(ID);
    expect(decode(envelope({ event_id: "b".repeat(32) }, [{ type: "event" }, {}])).events[0]?.id).toBe("b".repeat(32));
    expect(decode(envelope({}, [{ type: "event" }, {}])).events[0]?.id).toBe("1".padStart(32, "0"));
    expect(decode(envelope({ event_id: ID }, [{ type: "span" }, {}])).id).toBe(ID);
    expect(decode("{}").id).toBeNull();
  });

  it("takes a doubled event once, which loses nothing", () => {
    const event = [{ type: "event" }, { event_id: ID }] as const;
    expect(decode(envelope({}, event, event, event))).toMatchObject({ events: [{ id: ID }], losses: [] });
  });

  it("gives a second event without an id one of its own", () => {
    const { events } = decode(envelope({ event_id: ID }, [{ type: "event" }, {}], [{ type: "event" }, {}]));
    expect(new Set(events.map((event) => event.id)).size).toBe(2);
  });

  it("counts unknown types under one name, so that nobody can invent words", () => {
    expect(lost([{ type: "hunter2" }, {}], [{ type: "__proto__" }, {}], [{ type: "replay_video" }, "binary"])).toEqual({
      "dropped.unread.unknown": 2,
      "dropped.unread.replay": 1,
    });
  });

  it("refuses a too large event alone or with its attachments, and counts it in other company", () => {
    expect(() => decode(envelope({}, [{ type: "event" }, big]))).toThrow(coded("PRUNELLA_INGEST_TOO_LARGE"));
    expect(() => decode(envelope({}, [{ type: "event" }, big], [{ type: "attachment", length: 1 }, "x"]))).toThrow(
      coded("PRUNELLA_INGEST_TOO_LARGE"),
    );
    const { events, losses } = decode(envelope({}, [{ type: "event" }, big], [{ type: "event" }, {}]));
    expect([events.length, sums(losses)]).toEqual([1, { "dropped.too_large.error": 1 }]);
    expect(lost([{ type: "event" }, big], [{ type: "session" }, {}])).toEqual({
      "dropped.too_large.error": 1,
      "dropped.unread.session": 1,
    });
  });

  it("refuses an event that is not JSON alone, and counts it in other company", () => {
    for (const bad of ["{", "[]", "nonsense", "", `${"[".repeat(1_000_000)}`, `{"extra":${"[".repeat(500_000)}}`]) {
      expect(() => decode(envelope({}, [{ type: "event" }, bad]))).toThrow(coded("PRUNELLA_INGEST_MALFORMED"));
    }
    expect(lost([{ type: "event" }, "{"], [{ type: "event" }, {}])).toEqual({ "dropped.invalid.error": 1 });
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
    expect(lost(...items)).toEqual({ "dropped.too_large.error": 4 });
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
    const { events, losses } = decode(
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
      ["error", "b", "r@1", "program:api"],
      ["fatal", "c", "r@1", "program:api"],
    ]);
    expect(events[0]?.context.extra).toEqual({ "prunella.target": "api", n: "1" });
    // Below `error`, or of a level that nobody knows; without a text, or no entry at all.
    expect(sums(losses)).toEqual({ "dropped.level.log_item": 2, "dropped.invalid.log_item": 2 });
  });

  it("never makes more than a thousand events of one envelope, logs last, and counts the rest", () => {
    const items = Array.from({ length: 1500 }, () => ({ level: "error", body: "x" }));
    const { events, losses } = decode(
      envelope({}, [{ type: "log" }, { items: [...items, { level: "info" }] }], [{ type: "event" }, {}]),
    );
    expect(events).toHaveLength(1000);
    expect(sums(losses)).toEqual({
      "dropped.too_many.log_item": 501,
      "dropped.level.log_item": 1,
    });
  });

  it("adds up what SDKs report, over all reports, and knows reasons and categories by list only", () => {
    const report = {
      discarded_events: [
        { reason: "ratelimit_backoff", category: "error", quantity: 5 },
        { reason: "ratelimit_backoff", category: "error", quantity: 2.9 },
        { reason: "hunter2", category: "s3cret", quantity: 1e300 },
        { reason: "before_send", category: "error", quantity: 0 },
        { reason: "before_send", category: "error", quantity: -1 },
        { reason: "before_send", category: "error", quantity: "9" },
        null,
      ],
      rate_limited_events: [{ category: "session", quantity: 1 }],
    };
    const item = [{ type: "client_report" }, report] as const;
    const { losses, hasReport } = decode(envelope({}, item, item));
    expect(hasReport).toBe(true);
    expect(sums(losses)).toEqual({
      "client.ratelimit_backoff.error": 14,
      "client.other.unknown": 1_000_000_000,
      "client.ratelimit_backoff.session": 2,
      "dropped.invalid.internal": 6,
    });
  });

  it("counts what a container says it holds, and never more than it can hold", () => {
    const span = (item_count: unknown) => [{ type: "span", item_count }, { items: [] }] as const;
    expect(lost(span(7))).toEqual({ "dropped.unread.span": 7 });
    expect(lost(span(1e15))).toEqual({ "dropped.unread.span": 12 });
    for (const odd of [0, -3, 1.5, "9", null, {}]) expect(lost(span(odd))).toEqual({ "dropped.unread.span": 1 });
    expect(lost([{ type: "session", item_count: 9 }, {}])).toEqual({ "dropped.unread.session": 1 });
    expect(lost([{ type: "log", item_count: 3 }, "nothing"])).toEqual({ "dropped.invalid.log_item": 3 });
  });

  it("makes an event or a loss of every item, whatever stands in it (law)", () => {
    const type = fc.constantFrom("event", "log", "session", "attachment", "check_in", "odd");
    const payload = fc.oneof(
      fc.constantFrom(
        "{",
        "[]",
        "{}",
        '{"type":"transaction"}',
        `{"event_id":"${ID}"}`,
        '{"level":"error","body":"x"}',
      ),
      fc.json(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(type, payload), { maxLength: 8 }), (items) => {
        const body = envelope(
          {},
          [{ type: "session" }, {}],
          ...items.map(([kind, text]) => [{ type: kind }, text] as const),
        );
        const { events, losses, checkIns } = decode(body);
        const doubled = items.filter(([kind, text]) => kind === "event" && text.includes(ID)).length;
        const lostHere = losses.reduce((all, { quantity }) => all + quantity, 0);
        expect(events.length + checkIns.length + lostHere).toBe(1 + items.length - Math.max(0, doubled - 1));
        for (const { reason } of losses) expect(SENTRY_REASONS).toContain(reason);
      }),
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
