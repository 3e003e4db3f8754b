import type { Event, Frame } from "@prunella/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createScrubber } from "./scrubber.ts";

const FRAME: Frame = {
  function: "charge",
  module: null,
  filename: "/srv/shop/src/pay.js",
  line: 12,
  column: 5,
  in_app: true,
  context_line: "  await charge(order);",
  pre_context: ["async function pay(order) {"],
  post_context: ["}"],
};

const EVENT: Event = {
  id: "0".repeat(32),
  source: "sentry",
  trust: "public",
  level: "error",
  at: 0,
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
};

const eventOf = (frames: Frame[]): Event => ({
  ...EVENT,
  errors: [{ type: "Error", value: null, module: null, handled: null, mechanism: null, frames }],
});

/** As a door hands out a list that it has read before. */
function frozen(frames: Frame[]): Frame[] {
  for (const frame of frames) {
    Object.freeze(frame.pre_context);
    Object.freeze(frame.post_context);
    Object.freeze(frame);
  }
  Object.freeze(frames);
  return frames;
}

const token = "ghp_" + "k3Qv".repeat(9);

describe("frames that came before", () => {
  it("are not scrubbed again when the door hands out the same frozen list", () => {
    const { scrubEvent } = createScrubber();
    const list = frozen([structuredClone(FRAME)]);
    const [first, second] = [1, 2].map(() => scrubEvent(eventOf(list)).event.value.errors[0]?.frames);
    expect(second).toBe(first);
    expect(first).toEqual([FRAME]);
  });

  it("are scrubbed again when somebody could have changed them", () => {
    const { scrubEvent } = createScrubber();
    const inside = structuredClone(FRAME);
    const lists = [[inside], Object.freeze([inside]) as Frame[], Object.freeze([Object.freeze(inside)]) as Frame[]];
    for (const list of lists) {
      inside.pre_context[0] = "clean";
      scrubEvent(eventOf(list));
      inside.pre_context[0] = token;
      expect(JSON.stringify(scrubEvent(eventOf(list)).event.value)).not.toContain(token);
    }
  });

  it("do not let a secret through that stands where the clean ones had none", () => {
    const { scrubEvent } = createScrubber();
    scrubEvent(eventOf(frozen([structuredClone(FRAME)])));
    const places: Frame[] = [
      { ...FRAME, context_line: `  connect("${token}");` },
      { ...FRAME, pre_context: [`const key = "${token}";`] },
      { ...FRAME, post_context: [`// ${token}`] },
      { ...FRAME, module: token },
      { ...FRAME, function: token },
      { ...FRAME, filename: `/srv/${token}.js` },
    ];
    for (const frame of places) {
      const list = frozen([structuredClone(frame)]);
      const { event, redactions } = scrubEvent(eventOf(list));
      expect(JSON.stringify(event.value)).not.toContain(token);
      expect(Object.keys(redactions)).not.toEqual([]);
      // A list in which something was found is counted each time.
      expect(scrubEvent(eventOf(list)).redactions).toEqual(redactions);
    }
  });

  it("are clean under one policy only", () => {
    const list = frozen([structuredClone(FRAME)]);
    createScrubber().scrubEvent(eventOf(list));
    const { scrubEvent } = createScrubber({
      rules: [{ name: "order-name", pattern: "pay\\(order\\)", keywords: ["pay"], type: "ORDER" }],
    });
    expect(JSON.stringify(scrubEvent(eventOf(list)).event.value)).toContain("[REDACTED:ORDER]");
  });

  it("change nothing about the result, whatever comes before", () => {
    const text = fc.constantFrom(null, "a", "load", `say ${token}`, "x@y.example");
    const frame = fc.record({
      function: text,
      module: text,
      filename: text,
      line: fc.constantFrom(null, 1, 2),
      column: fc.constantFrom(null, 1),
      in_app: fc.constantFrom(null, true, false),
      context_line: text,
      pre_context: fc.array(fc.constantFrom("", "b", token), { maxLength: 2 }),
      post_context: fc.array(fc.constantFrom("", "b"), { maxLength: 2 }),
    });
    const { scrubEvent } = createScrubber();
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 3 }), (frames) => {
        const list = frozen(frames);
        scrubEvent(eventOf(list));
        expect(scrubEvent(eventOf(list))).toEqual(createScrubber().scrubEvent(eventOf(list)));
      }),
      { numRuns: 500 },
    );
  });
});
