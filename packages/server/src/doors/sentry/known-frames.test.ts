import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventParser } from "./known-frames.ts";
import { normaliseEvent } from "./normalise.ts";

const options = { trust: "public", receivedAt: Date.UTC(2026, 10, 21, 12), fallbackId: "f".repeat(32) } as const;

const read = (raw: unknown) => normaliseEvent(raw, options);
const bytesOf = (raw: unknown) => Buffer.from(JSON.stringify(raw));

/** Some two kilobytes that only `name` tells apart, at the crash end. */
function framesOf(name: string, line = "  return next(order);") {
  return Array.from({ length: 14 }, (_, at) => ({
    filename: `/srv/shop/node_modules/router/layer${at}.js`,
    function: at === 13 ? name : `Layer.step${at}`,
    lineno: at,
    in_app: at > 10,
    context_line: line,
  }));
}

function eventOf(frames: unknown, message = "m") {
  return { message, exception: { values: [{ type: "Error", value: "v", stacktrace: { frames } }] } };
}

describe("frames that came before", () => {
  it("are handed out as one frozen list from the third time on", () => {
    const parse = createEventParser();
    const lists = [1, 2, 3, 4].map((at) => read(parse(bytesOf(eventOf(framesOf("pay"), `m${at}`))))?.errors[0]?.frames);
    expect(lists[3]).toBe(lists[2]);
    expect(Object.isFrozen(lists[3]) && Object.isFrozen(lists[3]?.[0])).toBe(true);
    expect(lists[3]).toEqual(read(eventOf(framesOf("pay")))?.errors[0]?.frames);
  });

  it("are told apart by a single byte anywhere", () => {
    const parse = createEventParser();
    const body = bytesOf(eventOf(framesOf("pay")));
    for (let times = 0; times < 3; times += 1) parse(body);
    const from = body.indexOf('"frames":[');
    for (let at = from; at < body.length; at += 7) {
      const other = Buffer.from(body);
      other[at] = other[at] === 0x61 ? 0x62 : 0x61;
      let plain: unknown;
      try {
        plain = JSON.parse(other.toString());
      } catch {
        plain = undefined;
      }
      expect(parse(other)).toSatisfy((value) => JSON.stringify(read(value)) === JSON.stringify(read(plain)));
    }
  });

  it("are not kept when the scrubber finds something in them", () => {
    const parse = createEventParser();
    const token = "ghp_" + "k3Qv".repeat(9);
    const body = bytesOf(eventOf(framesOf("pay", `  connect("${token}");`)));
    const lists = [1, 2, 3, 4].map(() => read(parse(body))?.errors[0]?.frames);
    expect(lists[3]).not.toBe(lists[2]);
    expect(Object.isFrozen(lists[3])).toBe(false);
  });

  it("stay what they are in places where no stack stands", () => {
    const parse = createEventParser();
    const frames = framesOf("pay");
    const text = JSON.stringify({ frames });
    const odd = [
      { ...eventOf(frames), extra: { stacktrace: { frames } }, contexts: { frames: { frames } } },
      { ...eventOf(frames), threads: [{ crashed: true, stacktrace: { frames } }, { stacktrace: { frames } }] },
      { message: text, extra: { text, deeper: JSON.stringify({ text }) } },
      { stacktrace: { frames, registers: { frames } } },
      { exception: { values: [{ stacktrace: { frames }, raw_stacktrace: { frames } }] } },
      { exception: { frames }, "sentry.interfaces.Exception": { stacktrace: { frames } } },
      { exception: [{ type: "A", stacktrace: { frames: [{ function: "f", vars: { frames } }] } }] },
    ];
    for (let times = 0; times < 4; times += 1)
      for (const raw of odd) {
        expect(read(parse(bytesOf(raw)))).toEqual(read(raw));
        expect(read(parse(Buffer.from(JSON.stringify(raw, null, 2))))).toEqual(read(raw));
        expect(read(parse(Buffer.from(`\ufeff${JSON.stringify(raw)}`)))).toEqual(read(raw));
      }
  });

  it("change nothing about the result, whatever comes before and beside (law)", () => {
    const parse = createEventParser();
    const list = fc.constantFrom("a", "b", "ü").map((name) => framesOf(name));
    const part = fc.oneof(
      list,
      list.map((frames) => ({ frames })),
      list.map((frames) => ({ stacktrace: { frames } })),
      list.map((frames) => ({ values: [{ type: "A", stacktrace: { frames } }, null] })),
      list.map((frames) => JSON.stringify({ frames })),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const names = fc.constantFrom("exception", "stacktrace", "threads", "extra", "frames", "message", "tags");
    fc.assert(
      fc.property(fc.dictionary(names, part, { maxKeys: 4 }), fc.boolean(), fc.nat(40), (raw, isWide, cut) => {
        const text = JSON.stringify(raw, null, isWide ? 1 : 0);
        expect(read(parse(Buffer.from(text)))).toEqual(read(JSON.parse(text)));
        // Cut short it is no JSON, and stays none.
        if (cut > 0) expect(parse(Buffer.from(text.slice(0, -cut)))).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  it("costs nothing worth naming when a body is made of their openings", () => {
    const parse = createEventParser();
    for (const text of ['"frames":[', '{"frames":[', '"frames":["]', '"frames":   ', '{"frames":[1],"x":'])
      for (let times = 0; times < 3; times += 1)
        expect(parse(Buffer.from(text.repeat(1_000_000 / text.length)))).toBeUndefined();
    const many = Buffer.from(`{"extra":[${Array(100_000).fill('{"frames":[]}').join(",")}]}`);
    for (let times = 0; times < 3; times += 1) expect(parse(many)).toEqual(JSON.parse(many.toString()));
  });

  it("forgets lists that are no longer met", () => {
    const parse = createEventParser();
    const body = bytesOf(eventOf(framesOf("first")));
    for (let times = 0; times < 3; times += 1) parse(body);
    for (let at = 0; at < 1_200; at += 1)
      for (let times = 0; times < 2; times += 1) parse(bytesOf(eventOf(framesOf("other", `  step(${at});`))));
    expect(Object.isFrozen(read(parse(body))?.errors[0]?.frames)).toBe(false);
  });
});
