import type { Event, Frame } from "@prunella/contract";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { describeFault, fingerprint, scrubEvent } from "../index.ts";
import { isClean } from "../faces/scrubbed.ts";
import { FINGERPRINT_VERSIONS } from "./fingerprint.ts";
import { messageTemplate } from "./v1-template.ts";

const frame = (name: string | null, filename: string | null, more: Partial<Frame> = {}): Frame => ({
  function: name,
  filename,
  module: null,
  line: 1,
  column: 1,
  in_app: true,
  context_line: null,
  pre_context: [],
  post_context: [],
  ...more,
});
const event = (more: Partial<Event>): Event => ({
  id: "0".repeat(32),
  source: "sentry",
  trust: "public",
  level: "error",
  at: 1,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors: [],
  message: null,
  message_template: null,
  stack_text: null,
  sdk_fingerprint: null,
  transaction: null,
  server_name: null,
  exit_code: null,
  signal: null,
  tags: {},
  breadcrumbs: [],
  context: {},
  ...more,
});
const failure = (type: string | null, value: string | null, frames: Frame[]): Event =>
  event({ errors: [{ type, value, module: null, handled: false, mechanism: null, frames }] });
const strict = (each: Event): string => fingerprint(each).strict;

describe("the stack decides", () => {
  it("tells two panics of one file apart without a backtrace, and not two builds of one", () => {
    const panic = (place: string): string =>
      strict(
        event({
          stack_text: `thread 'main' (7) panicked at ${place}:\ncalled \`Option::unwrap()\` on a \`None\` value\nnote: run with \`RUST_BACKTRACE=1\` environment variable to display a backtrace`,
        }),
      );
    expect(panic("src/nest.rs:6:60")).not.toBe(panic("src/nest.rs:20:17"));
    expect(panic("src/nest.rs:6:60")).toBe(panic("/builds/x/src/nest.rs:31:60"));
  });

  const name = fc.constantFrom("main", "checkout", "chargeCard", "async retry", "Object.save", "new Cart");
  const frames = fc.array(fc.tuple(name, fc.constantFrom("app.js", "cart.js", "lib/db.js")), {
    minLength: 1,
    maxLength: 12,
  });

  it("keeps the key when lines, columns, folders, users and build hashes move", () => {
    fc.assert(
      fc.property(
        frames,
        fc.nat(9999),
        fc.constantFrom("/srv/a/", "/home/jane/x/", "C:\\Users\\Jane\\", "file:///opt/b-1.2.3/", "/Users/bob/"),
        (calls, line, folder) => {
          const here = calls.map(([call, file]) => frame(call, `/app/${file}`));
          const there = calls.map(([call, file]) =>
            frame(call, folder + file.replace(".js", "-3f9a2c1b.js?v=17"), { line, column: line }),
          );
          expect(strict(failure("TypeError", "x", there))).toBe(strict(failure("TypeError", "y", here)));
        },
      ),
    );
  });

  it("differs when class, top function or file differ", () => {
    const at = (type: string, call: string, file = "a.js"): string =>
      strict(failure(type, "x", [frame("main", "m.js"), frame(call, file)]));
    expect(
      new Set([at("TypeError", "f"), at("RangeError", "f"), at("TypeError", "g"), at("TypeError", "f", "b.js")]).size,
    ).toBe(4);
  });

  it("collapses recursion of any depth", () => {
    const deep = (rounds: number): string =>
      strict(
        failure("RangeError", "x", [
          frame("main", "m.js"),
          ...Array.from({ length: rounds }, () => [frame("a", "r.js"), frame("b", "r.js")]).flat(),
        ]),
      );
    expect(deep(30)).toBe(deep(3));
  });

  it("lets own code decide, and never frames of an SDK or of Node", () => {
    const sdk = frame("handler", "/srv/node_modules/@sentry/node/build/cjs/x.js", { in_app: false });
    const own = frame("pay", "/srv/pay.js");
    expect(strict(failure("E", "x", [own, sdk]))).toBe(strict(failure("E", "x", [own])));
    const rejection = fingerprint(
      failure("Error", "str reject", [frame("process.emit", "node:events", { in_app: false }), sdk]),
    );
    expect(rejection).toMatchObject({ by: "message", loose: null, parts: ["v1 message", "Error", "str reject"] });
  });

  it("tells nameless code apart by what it said", () => {
    const at = (value: string): string => strict(failure("Error", value, [frame("Object.?", "/a/script.js")]));
    expect(at("no paper")).not.toBe(at("no ink"));
    expect(at("page 17")).toBe(at("page 18"));
  });

  it("reads the raw text when nobody parsed it", () => {
    const text = "TypeError: x\n    at pay (/srv/pay.js:3:4)\n";
    expect(strict(event({ stack_text: text, exit_code: 1 }))).toBe(
      strict(failure("TypeError", "x", [frame("pay", "/elsewhere/pay.js")])),
    );
  });
});

describe("without frames", () => {
  it("goes by the message template, never by type alone", () => {
    expect(strict(failure("Error", "user 8831 not found", []))).toBe(strict(failure("Error", "user 17 not found", [])));
    expect(strict(failure("Error", "user 8831 not found", []))).not.toBe(strict(failure("Error", "no route", [])));
  });

  it("takes a logged message the same from an SDK that sends it as an exception without type", () => {
    expect(strict(failure(null, "backlog is 17", [frame("log", "logger.js")]))).toBe(
      strict(event({ message: "backlog is 3" })),
    );
  });

  it("takes a logged message by its template when its stack comes with the text put in", () => {
    const logged = (name: string, more: Partial<Event> = {}) => ({
      ...failure(null, `stall ${name} is closed`, [frame("log", "logger.js")]),
      message: `stall ${name} is closed`,
      message_template: "stall %s is closed",
      ...more,
    });
    expect(strict(logged("fig"))).toBe(strict(logged("plum")));
    expect(strict(logged("fig"))).not.toBe(strict(logged("fig", { message_template: "stall %s is shut" })));
    // An error that says something else than the event keeps its own words.
    expect(strict(logged("fig", { message: "and so on" }))).not.toBe(strict(logged("plum", { message: "and so on" })));
  });

  it("goes by target, exit code or signal and last line for a program that ended", () => {
    const ended = (
      target: string,
      exit_code: number | null,
      signal: string | null = null,
      message: string | null = null,
    ) => fingerprint(event({ target, exit_code, signal, message }));
    expect(ended("shop", 3, null, "port 80 taken")).toMatchObject({
      by: "exit",
      parts: ["v1 exit", "shop", "exit 3", "", "port <n> taken"],
    });
    expect(
      new Set(
        [ended("shop", 3), ended("shop", 4), ended("shop", null, "SIGSEGV"), ended("api", 3)].map(
          (each) => each.strict,
        ),
      ).size,
    ).toBe(4);
  });

  it.each([
    ["upstream answered 502", "upstream answered 502"],
    ["Request failed with status code 404", "Request failed with status code 404"],
    ["HTTP/1.1 503 Service Unavailable", "HTTP/<n> 503 Service Unavailable"],
    ["order 502 took 17.5ms at 2026-11-21T08:00:00Z", "order <n> took <duration> at <time>"],
    ['no "x" at 0xdeadbeef via https://a.b/c?d=1', "no <value> at <hex> via <url>"],
    ["id 63aada10-1891-4a64-8f03-90a1568d62d5 on [REDACTED:IP] for [REDACTED:EMAIL]", "id <uuid> on <ip> for <email>"],
    ["E11000 duplicate key utf8 commit 63aada1018914a648f03", "E11000 duplicate key utf8 commit <hex>"],
  ])("%j becomes %j", (message, template) => {
    expect(messageTemplate(message)).toBe(template);
  });
});

describe("every key", () => {
  it("is the first 128 bits of SHA-256 over its parts", () => {
    const { strict: key, parts } = fingerprint(failure("TypeError", "x", [frame("f", "a.js")]));
    expect(parts).toEqual(["v1 stack", "class TypeError", "at f · a.js"]);
    expect(key).toBe(createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 32));
  });

  it("says its version; the newest stands first and none is left out", () => {
    const versions = FINGERPRINT_VERSIONS.map((version) => version(failure("E", "x", [])).fingerprints.version);
    expect(versions).toEqual(versions.map((_, at) => versions.length - at));
  });

  it("honours the SDK's parts and expands {{ default }}", () => {
    const plain = failure("E", "x", [frame("f", "a.js")]);
    const asked = (parts: string[]) => fingerprint({ ...plain, sdk_fingerprint: parts });
    expect(asked(["{{ default }}"])).toEqual(fingerprint(plain));
    expect(asked(["{{ default }}", "acme"])).toMatchObject({
      by: "sdk",
      parts: ["v1 sdk", "v1 stack", "class E", "at f · a.js", "part acme"],
    });
    expect(asked(["a"]).strict).not.toBe(asked(["b"]).strict);
  });

  it("is one for the raw and the scrubbed event", () => {
    const piece = fc.constantFrom(
      "/home/jane/",
      "bob@" + "x.com",
      "password=hunter2 ",
      "10.0.0.5",
      "ghp_" + "aB3".repeat(12),
      "f",
      " ",
      "/",
      "a.js",
      "://u:p@h",
      "Error",
      "[REDACTED:EMAIL]",
      "\n",
      "'",
    );
    const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, text, text, text, (type, value, call, file) => {
        const raw = {
          ...failure(type, value, [frame(call, file)]),
          message: value,
          sdk_fingerprint: ["{{ default }}", type],
        };
        expect(fingerprint(scrubEvent(raw).event.value)).toEqual(fingerprint(raw));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("describeFault", () => {
  it("names a module once that the BEAM writes in front of its function", () => {
    const frames = [frame("Pier.moor/1", "lib/pier.ex", { module: "Elixir.Pier" })];
    expect(describeFault(failure("KeyError", "no boat", frames)).culprit).toBe("Pier.moor · pier.ex");
  });

  it("says class and message in one line, and the frame that decided", () => {
    expect(
      describeFault(failure("TypeError", "Cannot read x\nmore", [frame("chargeCard", "/a/01-uncaught.js")])),
    ).toEqual({
      title: "TypeError: Cannot read x",
      culprit: "chargeCard · 01-uncaught.js",
      errorClass: "TypeError",
      template: "Cannot read x more",
    });
    expect(describeFault(event({ target: "shop", signal: "SIGSEGV" })).title).toBe("shop was killed by SIGSEGV");
    expect(describeFault(failure("E", "x".repeat(999), [])).title).toHaveLength(300);
  });
});

describe("an event out of the scrubber", () => {
  const secret = `ghp_${"a".repeat(36)}`;
  const texts = fc.array(
    fc.oneof(
      fc.constantFrom(
        `password=${secret} for jo@example.com`,
        "    at charge (/home/jo/shop/pay.js:3:9)",
        "TypeError: no order 12",
        '  File "/srv/app.py", line 3, in charge',
        `ValueError: ${secret}`,
        `    at load_${secret} (/srv/app.js:1:2)`,
      ),
      fc.string({ maxLength: 60 }),
    ),
    { maxLength: 8 },
  );

  it("has the keys of the raw one and of its copy, though it is not scrubbed again", () => {
    fc.assert(
      fc.property(texts, texts, (stack, said) => {
        const raw = event({
          stack_text: stack.join("\n"),
          message: said.join(" "),
          sdk_fingerprint: said.length > 4 ? said : null,
          transaction: said[0] ?? null,
        });
        const { value } = scrubEvent(raw).event;
        expect(fingerprint(value)).toEqual(fingerprint(raw));
        expect(fingerprint({ ...value })).toEqual(fingerprint(value));
      }),
      { numRuns: 300 },
    );
  });

  it("loses copies of what was removed elsewhere in it before it is grouped, raw or not", () => {
    const raw = event({ message: `&{ ${"&?0##" + "&#A"} {  password=${secret}`, sdk_fingerprint: ["&?0##" + "&#A"] });
    const { value } = scrubEvent(raw).event;
    expect(fingerprint(value).parts).toEqual(["v1 sdk", "part [REDACTED:SECRET]"]);
    expect(fingerprint(raw)).toEqual(fingerprint(value));
  });

  it("is known by being the very object, which nobody can change", () => {
    const { value } = scrubEvent(failure("TypeError", `token ${secret}`, [frame("charge", "pay.js")])).event;
    expect(isClean(value)).toBe(true);
    expect(isClean({ ...value })).toBe(false);
    expect(Object.isFrozen(value) && Object.isFrozen(value.errors[0]?.frames[0])).toBe(true);
  });
});

describe("a message that holds a whole stack", () => {
  it("is grouped and named by it, as the error itself would be", () => {
    const stack = "RangeError: depth 44\n    at sound (/srv/quay/sonar.js:4:9)\n    at main (/srv/quay/index.js:3:3)";
    const logged = event({ source: "sentry", level: "error", message: `uncaughtException: depth 44\n${stack}` });
    const told = event({ stack_text: stack });
    expect(strict(logged)).toBe(strict(told));
    expect(describeFault(logged)).toMatchObject({ title: "RangeError: depth 44", culprit: "sound · sonar.js" });
    expect(fingerprint(event({ source: "sentry", message: "two lines\nand no stack" })).by).toBe("message");
  });
});

describe("what a runtime missed in the code", () => {
  it("is told by its name, and other quoted words are values", () => {
    for (const said of [
      "Cannot read properties of undefined (reading 'berth')",
      "undefined method `depth' for nil",
      "undefined local variable or method 'pilot' for main",
      "'Ship' object has no attribute 'crew'",
      "No module named 'quay.wsgi'",
    ])
      expect(messageTemplate(said)).toContain(/['`](?:berth|depth|pilot|crew|quay\.wsgi)'/.exec(said)![0]);
    expect(messageTemplate("no berth named 'ferry 7' for \"north\"")).toBe("no berth named <value> for <value>");
    const failed = (method: string) =>
      failure("NoMethodError", `undefined method '${method}' for nil`, [frame("<main>", "quay.rb")]);
    expect(strict(failed("size"))).not.toBe(strict(failed("name")));
  });
});
