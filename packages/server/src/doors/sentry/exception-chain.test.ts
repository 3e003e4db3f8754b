import { Event } from "@prunella/contract";
import { fingerprint } from "@prunella/scrub";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseEvent } from "./normalise.ts";

type Mechanism = { exception_id?: unknown; parent_id?: unknown; is_exception_group?: unknown };

const value = (type: string, call: string, mechanism: Mechanism = {}) => ({
  type,
  value: `${type} happened`,
  mechanism: { type: "chained", ...mechanism },
  stacktrace: { frames: [{ function: call, filename: "app.py", in_app: true }] },
});
const read = (values: readonly unknown[]) => {
  const event = normaliseEvent(
    { exception: { values } },
    { trust: "public", receivedAt: 1, fallbackId: "0".repeat(32) },
  );
  if (event === null) throw new Error("not an event");
  return fingerprint(Event.parse(event)).strict;
};
const chain = [value("OSError", "read_disk"), value("ValueError", "parse_order"), value("RuntimeError", "main")];

describe("a chain of errors as SDKs number it", () => {
  it.each([
    ["a parent that is not there", [0, 1, 2], [null, 99, -1]],
    ["each its own parent", [0, 1, 2], [0, 1, 2]],
    ["a cycle", [0, 1, 2], [2, 0, 1]],
    ["one id for all", [7, 7, 7], [7, 7, 7]],
    ["ids of other kinds", ["0", null, {}], [[], "x", 1.5]],
  ])("keeps its key with %s, for the order of the list is what was thrown", (_name, ids, parents) => {
    const numbered = chain.map((each, i) => ({
      ...each,
      mechanism: { type: "chained", exception_id: ids[i], parent_id: parents[i] },
    }));
    expect(read(numbered)).toBe(read(chain));
  });

  it("tells groups apart by their members, whatever order these failed in", () => {
    const group = value("ExceptionGroup", "main", { exception_id: 0, is_exception_group: true });
    const [a, b, c] = [
      value("ValueError", "parse_order", { exception_id: 1, parent_id: 0 }),
      value("KeyError", "find_customer", { exception_id: 2, parent_id: 0 }),
      value("OSError", "read_disk", { exception_id: 1, parent_id: 0 }),
    ];
    expect(read([b, a, group])).toBe(read([a, b, group]));
    expect(read([a, group])).not.toBe(read([c, group]));
  });

  it("of a thousand causes, none at all, or anything in the list, has a key", () => {
    expect(read([])).toMatch(/^[0-9a-f]{32}$/);
    expect(
      read(Array.from({ length: 1000 }, (_, i) => value(`E${i}`, `f${i}`, { exception_id: i, parent_id: i + 1 }))),
    ).toMatch(/^[0-9a-f]{32}$/);
    const id = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom(null, "1", {}, [], 0.5, Number.NaN));
    const mechanism = fc.record({ exception_id: id, parent_id: id, is_exception_group: fc.oneof(fc.boolean(), id) });
    const one = fc
      .tuple(fc.constantFrom("ExceptionGroup", "AggregateError", "ValueError"), fc.constantFrom("f", "g"), mechanism)
      .map(([type, call, how]) => value(type, call, how));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(one, fc.constantFrom(null, {}, [], "x", { mechanism: 1 })), { maxLength: 60 }),
        (values) => {
          expect(read(values)).toMatch(/^[0-9a-f]{32}$/);
        },
      ),
    );
  });
});
