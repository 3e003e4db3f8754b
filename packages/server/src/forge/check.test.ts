import { describe, expect, it } from "vitest";
import { compare } from "./check.ts";

const NEEDED = { metadata: "read", issues: "write" } as const;

describe("what an identity may do, beside what is needed", () => {
  it("is right where it is exactly that", () => {
    expect(compare({ metadata: "read", issues: "write" }, NEEDED, {}).map(({ verdict }) => verdict)).toEqual([
      "right",
      "right",
    ]);
  });

  it.each([
    ["issues", { metadata: "read", issues: "read" }, "missing"],
    ["issues", { metadata: "read" }, "missing"],
    ["metadata", { metadata: "write", issues: "write" }, "broader"],
    ["metadata", { metadata: "admin", issues: "write" }, "broader"],
    ["workflows", { metadata: "read", issues: "write", workflows: "write" }, "broader"],
    ["checks", { metadata: "read", issues: "write", checks: "write" }, "broader"],
  ] as const)("says of %s in %j that it is %s", (name, has, verdict) => {
    const found = compare(has, NEEDED, { checks: "read" });
    expect(found.filter((one) => one.verdict !== "right")).toMatchObject([{ name, verdict }]);
  });

  it("lets be what is allowed and not needed", () => {
    expect(compare({ metadata: "read", issues: "write", checks: "read" }, NEEDED, { checks: "read" })).toContainEqual({
      name: "checks",
      has: "read",
      wanted: null,
      verdict: "right",
    });
  });
});
