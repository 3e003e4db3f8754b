import { CUT_SLACK } from "@prunella/scrub";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillMessage } from "./message-params.ts";

describe("fillMessage", () => {
  it.each([
    ["cannot reach region %s after %d tries", ["eu-west", 3], "cannot reach region eu-west after 3 tries"],
    ["%(user)s of %(team)s", { user: "ada", team: "core" }, "ada of core"],
    ["%(user)s of %(team)s", [{ user: "ada", team: "core" }], "ada of core"],
    ["queue {0} has {1} jobs", ["mail", 12], "queue mail has 12 jobs"],
    ["queue {} has {} jobs", ["mail", 12], "queue mail has 12 jobs"],
    ["queue {name} has {n:>5} jobs", { name: "mail", n: 12 }, "queue mail has 12 jobs"],
    ["{Queue} has {@Jobs} jobs", ["mail", 12], "mail has 12 jobs"],
    ["%2$s before %1$s", ["b", "a"], "a before b"],
    ["%5.1f%% of %-8s", [99.96, "disk"], "100.0% of disk"],
    ["%r is no %q", ["x", "y"], `'x' is no "y"`],
    ["flags %x, %#06X", [255, 255], "flags ff, FF"],
    ["got %s", [{ code: 7, why: ["a"] }], 'got {"code":7,"why":["a"]}'],
    ["got %s and %s", [null, true], "got null and true"],
    ["one %s", "only", "one only"],
    ['{"path": "%s"}', ["a/b"], '{"path": "a/b"}'],
    ["{{literal}} {0}", ["v"], "{literal} v"],
  ])("fills %s", (template, params, message) => {
    expect(fillMessage(template, params)).toBe(message);
  });

  it("leaves a place without a parameter as it is, and further parameters out", () => {
    expect(fillMessage("%s and %s", ["one"])).toBe("one and %s");
    expect(fillMessage("%s", ["one", "two"])).toBe("one");
    expect(fillMessage("{missing} {there}", { there: 1 })).toBe("{missing} 1");
  });

  it("says null when nothing was put in", () => {
    for (const [template, params] of [
      ["plain", ["x"]],
      ["100% sure", ["x"]],
      ["%s", []],
      ["%s", null],
      ["%s", undefined],
      ["{constructor} {toString}", {}],
    ] as const)
      expect(fillMessage(template, params)).toBeNull();
  });

  it("puts values in once", () => {
    expect(fillMessage("%s %s", ["%s", "{0}"])).toBe("%s {0}");
  });

  it("bounds what it gives, whatever comes (law)", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 300 }),
        fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
        (text, params) => {
          expect((fillMessage(`%s ${text} {0}`, params) ?? "").length).toBeLessThanOrEqual(8192 + CUT_SLACK);
        },
      ),
    );
    expect(
      fillMessage(
        "%s".repeat(64),
        Array.from({ length: 64 }, () => "x".repeat(9999)),
      )?.length,
    ).toBe(8192 + CUT_SLACK);
  });
});
