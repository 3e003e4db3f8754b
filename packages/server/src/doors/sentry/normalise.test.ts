import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Event } from "@prunella/contract";
import { describeFault, fingerprint } from "@prunella/scrub";
import { CUT } from "../kit/bounded.ts";
import { normaliseEvent } from "./normalise.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const options = { trust: "public", receivedAt: NOW, fallbackId: "f".repeat(32) } as const;

function normal(raw: unknown): Event {
  const event = normaliseEvent(raw, options);
  if (event === null) throw new Error("not an event");
  return Event.parse(event);
}
const frames = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ function: `f${index}`, lineno: index }));

describe("normaliseEvent", () => {
  it.each([null, undefined, 1, "x", [], [{}], true])("makes nothing of %j", (raw) => {
    expect(normaliseEvent(raw, options)).toBeNull();
  });

  it("leaves transactions alone", () => {
    expect(normaliseEvent({ type: "transaction", event_id: "a" }, options)).toBeNull();
  });

  it("gives an empty event its defaults", () => {
    expect(normal({})).toMatchObject({
      id: "f".repeat(32),
      source: "sentry",
      trust: "public",
      level: "error",
      at: NOW,
      errors: [],
      tags: {},
    });
  });

  it.each([
    ["07523aeb541a48e7baba293d0ccfdb12", "07523aeb541a48e7baba293d0ccfdb12"],
    ["07523AEB-541A-48E7-BABA-293D0CCFDB12", "07523aeb541a48e7baba293d0ccfdb12"],
    ["00000000000000000000000000000000", "f".repeat(32)],
    ["not an id", "f".repeat(32)],
    ["a".repeat(100_000), "f".repeat(32)],
    [42, "f".repeat(32)],
  ])("reads the id %j", (event_id, id) => {
    expect(normal({ event_id }).id).toBe(id);
  });

  it.each([
    [{ values: [{ type: "A" }, { type: "B" }] }, ["A", "B"]],
    [
      [{ type: "A" }, { type: "B" }],
      ["A", "B"],
    ],
    [{ type: "A", value: "x" }, ["A"]],
    [{ values: { type: "A" } }, ["A"]],
    [{ values: null }, []],
    [{ values: [null, 1, "x", { type: "A" }, {}] }, ["A"]],
    ["x", []],
  ])("reads the exception %j", (exception, types) => {
    expect(normal({ exception }).errors.map((error) => error.type)).toEqual(types);
  });

  it("keeps the order: oldest cause first, crash frame last", () => {
    const [error] = normal({ exception: [{ type: "A", stacktrace: { frames: frames(3) } }] }).errors;
    expect(error?.frames.map((frame) => frame.function)).toEqual(["f0", "f1", "f2"]);
  });

  it("reads every field of a frame and leaves its variables out", () => {
    const frame = {
      function: "pay",
      module: "shop.pay",
      filename: "pay.py",
      abs_path: "/srv/pay.py",
      lineno: 3,
      colno: "7",
      in_app: true,
      context_line: "",
      pre_context: ["a", 1],
      post_context: null,
      vars: { password: "hunter2" },
    };
    const event = normal({
      exception: [
        {
          stacktrace: { frames: [frame, null, { abs_path: "/x", lineno: -1, colno: 1.5, in_app: 1 }] },
          raw_stacktrace: { frames: frames(9) },
        },
      ],
    });
    expect(event.errors[0]?.frames).toEqual([
      {
        function: "pay",
        module: "shop.pay",
        filename: "pay.py",
        line: 3,
        column: 7,
        in_app: true,
        context_line: "",
        pre_context: ["a", ""],
        post_context: [],
      },
      {
        function: null,
        module: null,
        filename: "/x",
        line: null,
        column: null,
        in_app: null,
        context_line: null,
        pre_context: [],
        post_context: [],
      },
    ]);
    expect(JSON.stringify(event)).not.toContain("hunter2");
  });

  it("keeps which built file carries which debug id, at most a hundred, and no other image", () => {
    const image = { type: "sourcemap", code_file: "https://shop.example.org/app.js", debug_id: "5f2c1b9a-8e6d" };
    const images = (given: unknown) =>
      normaliseEvent({ debug_meta: { images: given } }, options)?.context["debug_images"];
    const { type: _, ...kept } = image;
    expect(images([{ type: "elf", code_file: "/lib/a.so", debug_id: "1" }, null, 7, image])).toEqual([kept]);
    expect(images(Array.from({ length: 5_000 }, () => image))).toHaveLength(100);
    for (const given of [undefined, null, "x", {}, [], [{ type: "sourcemap" }], [{ ...image, code_file: {} }]])
      expect(images(given)).toBeUndefined();
  });

  it("says whether the program handled the error", () => {
    const mechanism = { type: "auto.node.onuncaughtexception", handled: false };
    expect(normal({ exception: [{ type: "A", mechanism }] }).errors[0]).toMatchObject({
      handled: false,
      mechanism: mechanism.type,
    });
    expect(normal({ exception: [{ type: "A", mechanism: "generic" }] }).errors[0]).toMatchObject({
      handled: null,
      mechanism: null,
    });
  });

  it("says the keys of a value that is an object", () => {
    expect(normal({ exception: [{ type: "A", value: { code: 1, why: [] } }] }).errors[0]?.value).toBe(
      "[object: code, why]",
    );
    expect(normal({ exception: [{ type: "A", value: 5 }] }).errors[0]?.value).toBe("5");
  });

  it("takes the event's own stack, or the crashed thread's, when no error has one", () => {
    const threads = {
      values: [{ stacktrace: { frames: frames(1) } }, { crashed: true, stacktrace: { frames: frames(2) } }],
    };
    expect(normal({ exception: [{ type: "A" }], threads }).errors[0]?.frames).toHaveLength(2);
    expect(
      normal({ exception: [{ type: "A" }], stacktrace: { frames: frames(3) }, threads }).errors[0]?.frames,
    ).toHaveLength(3);
    expect(
      normal({ exception: [{ type: "A", stacktrace: { frames: frames(4) } }], threads }).errors[0]?.frames,
    ).toHaveLength(4);
    expect(normal({ message: "m", threads }).errors).toMatchObject([{ type: null, value: "m", frames: [{}, {}] }]);
  });

  it("keeps a stack that came as text", () => {
    expect(normal({ exception: [{ type: "A", stacktrace: "at f (x.js:1)" }] }).stack_text).toBe("at f (x.js:1)");
    expect(normal({ stacktrace: "x".repeat(50_000) }).stack_text).toHaveLength(16 * 1024);
  });

  it.each([
    [{ message: "m" }, "m", null],
    [{ message: { message: "hi %s", params: ["x"], formatted: "hi x" } }, "hi x", "hi %s"],
    [{ logentry: { message: "hi %s", formatted: "hi x" }, message: "other" }, "hi x", "hi %s"],
    [{ logentry: { message: "hi %s" }, message: "hi x" }, "hi x", "hi %s"],
    [{ logentry: { message: "hi" } }, "hi", "hi"],
    [{ logentry: { message: "hi %s", params: ["x"] } }, "hi x", "hi %s"],
    [{ logentry: { message: "hi %(who)s", params: { who: "x" } }, message: "hi %(who)s" }, "hi x", "hi %(who)s"],
    [{ logentry: { message: "hi %s", params: ["x"], formatted: "hi %s" } }, "hi x", "hi %s"],
    [{ "sentry.interfaces.Message": { message: "hi {0}", params: ["x"] } }, "hi x", "hi {0}"],
    [
      {
        platform: "python",
        "sentry.interfaces.Message": { message: "hi %s, %d", params: ["'x'", "3"], formatted: null },
      },
      "hi x, 3",
      "hi %s, %d",
    ],
    [{ message: { message: "hi %s", params: ["x"] } }, "hi x", "hi %s"],
    [{ logentry: { message: "100%", params: ["x"] } }, "100%", "100%"],
    [{ logentry: "text" }, "text", null],
    [{ "sentry.interfaces.Message": { message: "hi %s", formatted: "hi x" } }, "hi x", "hi %s"],
    [{ message: [1] }, null, null],
    [{ message: "" }, null, null],
    [{ logentry: {} }, null, null],
  ])("reads the message of %j", (raw, message, message_template) => {
    expect(normal(raw)).toMatchObject({ message, message_template });
  });

  it.each([
    [NOW / 1000 - 5.5, NOW - 5500],
    [NOW - 5500, NOW - 5500],
    [new Date(NOW - 5500).toISOString(), NOW - 5500],
    ["2026-11-21T11:59:00", NOW - 60_000],
    ["2026-11-21T13:59:00+02:00", NOW - 60_000],
    [String(NOW / 1000 - 1), NOW - 1000],
    [NOW / 1000 + 59, NOW + 59_000],
    [NOW / 1000 + 61, NOW],
    [NOW / 1000 - 31 * 86_400, NOW],
    [1e300, NOW],
    [-1, NOW],
    [null, NOW],
    ["yesterday", NOW],
    ["9".repeat(100_000), NOW],
    [{}, NOW],
  ])("reads the moment %j", (timestamp, at) => {
    expect(normal({ timestamp }).at).toBe(at);
  });

  it.each([
    ["fatal", "fatal"],
    ["WARNING", "warning"],
    ["warn", "warning"],
    ["log", "info"],
    ["critical", "fatal"],
    [40, "error"],
    [30, "warning"],
    ["nonsense", "error"],
    [undefined, "error"],
    [{}, "error"],
    ["__proto__", "error"],
  ])("reads the level %j", (level, expected) => {
    expect(normal({ level }).level).toBe(expected);
  });

  it.each([
    [{ a: "1", b: 2, c: true, d: null, e: {}, f: "" }],
    [[["a", "1"], ["b", 2], ["c", true], ["d"], null, 5, [[], "x"]]],
    [[{ key: "a", value: "1" }, { key: "b", value: 2 }, { key: "c", value: true }, {}]],
  ])("reads the tags %j", (tags) => {
    expect(normal({ tags }).tags).toEqual({ a: "1", b: "2", c: "true" });
  });

  it("names a target only by a well-formed tag", () => {
    expect(normal({ tags: { "prunella.target": "shop-api" } }).target).toBe("program:shop-api");
    expect(normal({ tags: [["prunella_target", "shop_api"]] }).target).toBe("program:shop_api");
    expect(normal({ tags: { "prunella.target": "unit:nginx.service" } }).target).toBe("unit:nginx.service");
    for (const bad of ["", "a b", "x".repeat(193), "ä", "unit:", "Unit:x"])
      expect(normal({ tags: { "prunella.target": bad } }).target).toBeNull();
    expect(normal({ tags: { other: "x" }, target: "shop-api" }).target).toBeNull();
  });

  it("keeps the last hundred breadcrumbs of either form, and says that it cut", () => {
    const crumbs = Array.from({ length: 130 }, (_, index) => ({
      timestamp: index,
      message: `m${index}`,
      data: { index },
    }));
    for (const breadcrumbs of [crumbs, { values: crumbs }]) {
      const event = normal({ breadcrumbs });
      expect(event.breadcrumbs).toHaveLength(100);
      expect(event.breadcrumbs.at(-1)).toEqual({
        at: 129_000,
        category: null,
        level: null,
        message: "m129",
        data: { index: 129 },
      });
      expect(event.context.cut).toEqual({ frames: 0, errors: 0, breadcrumbs: 30, tags: 0 });
    }
    expect(normal({ breadcrumbs: [null, 1, {}] }).breadcrumbs).toHaveLength(1);
  });

  it("reads the SDK's fingerprint", () => {
    expect(normal({ fingerprint: ["{{ default }}", 7, null, {}] }).sdk_fingerprint).toEqual(["{{ default }}", "7"]);
    for (const fingerprint of [[], null, [null], {}]) expect(normal({ fingerprint }).sdk_fingerprint).toBeNull();
  });

  it("keeps request, user, contexts and extra, and drops what is large and unread", () => {
    const event = normal({
      user: { id: 1 },
      request: { url: "/x" },
      extra: { a: [1] },
      contexts: { os: {} },
      modules: { a: "1" },
      debug_meta: {},
      spans: [],
      sdk: { name: "s", version: "1", integrations: ["x"] },
    });
    expect(event.context).toEqual({
      user: { id: 1 },
      request: { url: "/x" },
      extra: { a: [1] },
      contexts: { os: {} },
      sdk: { name: "s", version: "1" },
    });
  });

  it("says how many tags it left out", () => {
    const tags = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`tag${n}`, "x"]));
    for (const form of [tags, Object.entries(tags), Object.entries(tags).map(([k, value]) => ({ key: k, value }))]) {
      const { tags: kept, context } = normal({ tags: form });
      expect([Object.keys(kept).length, context.cut]).toEqual([64, { frames: 0, errors: 0, breadcrumbs: 0, tags: 6 }]);
    }
    expect(normal({ tags: { a: "x", b: null } }).context.cut).toBeUndefined();
  });

  it("knows every word for our own parts of a fingerprint", () => {
    const parts = ["{{ default }}", "{{default}}", "{{auto}}", "{{ auto }}", "tenant"];
    const own = "{{ default }}";
    expect(normal({ fingerprint: parts }).sdk_fingerprint).toEqual([own, own, own, own, "tenant"]);
  });

  it("is titled by its function when nobody said a word, and grouped by its place when a program ended there", () => {
    const stacktrace = {
      frames: [{ function: "main", in_app: true }, { function: "charge", in_app: true }, { function: "raise" }],
    };
    expect(describeFault(normal({ stacktrace })).title).toBe("charge");
    expect(describeFault(normal({ exception: { values: [{ stacktrace }] } })).title).toBe("charge");
    const ended = (message: string, level: string) =>
      normal({ message, level, threads: { values: [{ current: true, stacktrace }] } });
    const keys = (level: string) =>
      ["for ada", "for bob"].map((who) => fingerprint(ended(`declined ${who}`, level)).strict);
    expect(new Set(keys("fatal")).size).toBe(1);
    expect(new Set(keys("error")).size).toBe(2);
    expect(describeFault(ended("declined for ada", "fatal")).title).toBe("declined for ada");
  });

  it("keeps both ends of long stacks and chains, most at the crash", () => {
    const [error] = normal({ exception: [{ type: "A", stacktrace: { frames: frames(1000) } }] }).errors;
    expect(error?.frames).toHaveLength(250);
    expect([
      error?.frames[0]?.function,
      error?.frames[49]?.function,
      error?.frames[50]?.function,
      error?.frames[249]?.function,
    ]).toEqual(["f0", "f49", "f800", "f999"]);
    const chain = normal({ exception: Array.from({ length: 80 }, (_, index) => ({ type: `E${index}` })) });
    expect(chain.errors).toHaveLength(50);
    expect(chain.errors.at(-1)?.type).toBe("E79");
    expect(chain.context.cut).toEqual({ frames: 0, errors: 30, breadcrumbs: 0, tags: 0 });
  });

  it("cuts long text where one can see it, never through a character", () => {
    const { message } = normal({ message: "🌱".repeat(9000) });
    expect(message?.length).toBe(8192);
    expect(message?.endsWith(CUT)).toBe(true);
    expect(message?.isWellFormed()).toBe(true);
    expect(normal({ message: "x".repeat(8192) }).message).toBe("x".repeat(8192));
  });

  it("takes out what databases cannot hold: NUL and half characters", () => {
    const event = normal({
      message: "a\u0000b\ud800c",
      extra: { "k\u0000\udc00": "\u0000" },
      tags: { "t\u0000": "v\u0000" },
    });
    expect(JSON.stringify(event)).not.toMatch(/\\u0000|\\ud800|\\udc00/);
    expect(event.message).toBe("a\ufffdb\ufffdc");
  });

  it("bounds width and depth of what it keeps", () => {
    const wide = normal({
      extra: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, index])),
      contexts: { list: Array(500).fill(0) },
    });
    expect(Object.keys(wide.context.extra ?? {})).toHaveLength(65);
    expect(wide.context.contexts).toEqual({ list: [...Array<number>(64).fill(0), CUT] });
  });

  it.each([10_000, 250_000])("survives nesting %d deep", (depth) => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const deep = `${open.repeat(depth)}1${close.repeat(depth)}`.slice(0, 4_000_000);
      for (const key of ["extra", "tags", "exception", "breadcrumbs", "message", "fingerprint", "level", "user"]) {
        const raw: unknown = JSON.parse(`{"${key}":${deep}}`);
        expect(JSON.stringify(normal(raw)).length).toBeLessThan(2000);
      }
    }
  });

  it("is not fooled by __proto__ and constructor", () => {
    const raw: unknown = JSON.parse(
      '{"__proto__":{"message":"x"},"tags":{"__proto__":"x","constructor":"y"},"extra":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}',
    );
    const event = normal(raw);
    expect(event.message).toBeNull();
    expect(Object.keys(event.tags)).toEqual(["constructor"]);
    expect(Object.getPrototypeOf(event.context.extra)).toBe(Object.prototype);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("makes a valid, bounded event of any JSON (law)", () => {
    const names = fc.constantFrom(
      "exception",
      "values",
      "stacktrace",
      "frames",
      "message",
      "logentry",
      "tags",
      "breadcrumbs",
      "extra",
      "timestamp",
      "level",
      "fingerprint",
      "event_id",
      "type",
      "value",
      "threads",
      "__proto__",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(names, tie("tree"), { maxKeys: 6 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(names, tree), (raw) => {
        const event = normaliseEvent(raw, options);
        if (event !== null) Event.parse(event);
      }),
      { numRuns: 1000 },
    );
  });
});
