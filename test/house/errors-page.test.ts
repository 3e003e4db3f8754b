import { ERRORS } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { read } from "./files.ts";

const sections = read("docs/errors.md").split(/^## /m).slice(1);

describe("docs/errors.md", () => {
  it("has one heading for each code of the catalogue, in its order, and no other", () => {
    expect(sections.map((section) => section.split("\n")[0])).toEqual(Object.keys(ERRORS));
  });

  it.each(Object.entries(ERRORS))(
    "says status, exit code and text of %s as they are, cause and what to do",
    (code, error) => {
      const section = sections.find((each) => each.startsWith(`${code}\n`)) ?? "";
      expect(section).toContain(`\n\nHTTP ${error.status}, exit code ${error.exit}. ${error.text}\n\n`);
      expect(section).toMatch(/^- \*\*Cause\*\*: .{10,}$/m);
      expect(section).toMatch(/^- \*\*What to do\*\*: .{6,}$/m);
    },
  );
});
