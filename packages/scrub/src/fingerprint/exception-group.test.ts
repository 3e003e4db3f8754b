import type { ErrorValue, Event } from "@prunella/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault } from "./describe-fault.ts";
import { frame } from "../stacks/stack.ts";
import { parseStack } from "../stacks/parse-stack.ts";
import { fingerprint } from "./fingerprint.ts";
import { membersDecide } from "./exception-group.ts";

const anEvent = (errors: ErrorValue[]): Event => ({
  id: "0".repeat(32),
  source: "sentry",
  trust: "public",
  level: "error",
  at: 1,
  release: null,
  environment: null,
  platform: null,
  target: null,
  errors,
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
});
const error = (type: string, ...calls: string[]): ErrorValue => ({
  type,
  value: `${type} happened`,
  module: null,
  handled: false,
  mechanism: null,
  frames: calls.map((name) => frame({ function: name, filename: "app.py", in_app: true })),
});
const group = (type = "ExceptionGroup") => error(type, "main", "gather_all");
const a = error("ValueError", "task", "parse_order");
const b = error("KeyError", "task", "find_customer");
const strict = (...errors: ErrorValue[]) => fingerprint(anEvent(errors)).strict;

describe("an exception group", () => {
  it.each(["ExceptionGroup", "BaseExceptionGroup", "AggregateError", "System.AggregateException"])(
    "is told apart by its members, not by the place that waited for them (%s)",
    (type) => {
      expect(strict(a, group(type))).not.toBe(strict(b, group(type)));
      expect(describeFault(anEvent([a, group(type)])).culprit).toBe("parse_order · app.py");
    },
  );

  it("is the same in whichever order its members failed, and however often", () => {
    expect(strict(a, b, group())).toBe(strict(b, a, group()));
    expect(strict(a, a, b, a, group())).toBe(strict(a, b, group()));
    expect(strict(a, b, group())).not.toBe(strict(a, group()));
  });

  it("decides itself when no member has a frame", () => {
    expect(membersDecide([error("ValueError"), group()]).at(-1)?.type).toBe("ExceptionGroup");
    expect(membersDecide([group()])).toHaveLength(1);
    expect(membersDecide([])).toEqual([]);
  });

  it("leaves a chain of causes as it was thrown", () => {
    const chain = [a, b, error("RuntimeError", "main", "run")];
    expect(membersDecide(chain)).toBe(chain);
  });

  it("inside a group is looked into as well", () => {
    expect(membersDecide([a, group(), b, group()]).map(({ type }) => type)).toEqual([
      "ExceptionGroup",
      "ExceptionGroup",
      "ValueError",
      "KeyError",
    ]);
  });

  it("of a thousand members, or any other list of errors, has a key that its order does not change", () => {
    const kinds = ["A", "B", "ExceptionGroup", "AggregateError"];
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            type: fc.constantFrom(...kinds),
            calls: fc.array(fc.constantFrom("f", "g", "h"), { maxLength: 3 }),
          }),
          { maxLength: 30 },
        ),
        (list) => {
          const members = list.filter(({ type }) => type.length === 1).map(({ type, calls }) => error(type, ...calls));
          const all = [...members, group()];
          const backwards = [...members.toReversed(), group()];
          const framed = members.filter(({ frames }) => frames.length > 0);
          if (framed.length === members.length) expect(strict(...all)).toBe(strict(...backwards));
          else expect(strict(...all)).toMatch(/^[0-9a-f]{32}$/);
        },
      ),
    );
    expect(strict(...Array.from({ length: 1000 }, (_, i) => error(`E${i}`, `f${i}`)), group())).toMatch(
      /^[0-9a-f]{32}$/,
    );
  });

  it("reads the same from a Python traceback and from Node's print of an AggregateError", () => {
    const python = [
      "  + Exception Group Traceback (most recent call last):",
      '  |   File "/srv/app.py", line 8, in main',
      "  |     async with asyncio.TaskGroup() as tasks:",
      "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)",
      "  +-+---------------- 1 ----------------",
      "    | Traceback (most recent call last):",
      '    |   File "/srv/app.py", line 2, in parse_order',
      "    |     raise ValueError(12)",
      "    | ValueError: 12",
      "    +------------------------------------",
    ].join("\n");
    const node = [
      "AggregateError: both failed",
      "    at main (/srv/app.js:4:24) {",
      "  [errors]: [",
      "    TypeError: first",
      "        at parseOrder (/srv/app.js:1:23),",
      "    RangeError: second",
      "        at findCustomer (/srv/app.js:2:23)",
      "  ]",
      "}",
    ].join("\n");
    expect(membersDecide(parseStack(python)?.errors ?? []).at(-1)?.type).toBe("ValueError");
    expect(membersDecide(parseStack(node)?.errors ?? []).map(({ type }) => type)).toEqual([
      "AggregateError",
      "TypeError",
      "RangeError",
    ]);
  });
});
