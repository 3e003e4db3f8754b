import { expect, test } from "vitest";
import { table } from "./table.ts";

test("aligns columns and cuts nothing when it is not a terminal", () => {
  const long = "x".repeat(300);
  expect(
    table(
      [{ title: "ID" }, { title: "N", align: "right" }, { title: "WHAT", fills: true }],
      [
        ["a", "10", long],
        ["bcd", "1", "y"],
      ],
    ),
  ).toBe(`ID    N  WHAT\na    10  ${long}\nbcd   1  y`);
});
