import { describe, expect, test } from "vitest";
import { table } from "./table.ts";
import { wrap } from "./wrap.ts";

const COLUMNS = [
  { title: "ID" },
  { title: "N", align: "right" },
  { title: "WHEN" },
  { title: "WHAT", fills: true },
  { title: "HEALING" },
] as const;
const ROWS = [
  ["3fa8c01d", "10", "3 min ago", "TypeError: cannot read a property of undefined, somewhere deep in a cart", "held"],
  ["9c41e07b", "100000", "23 h ago", "RangeError: no", "budget_exhausted"],
];

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

describe.each([40, 60, 80, 120])("at %i columns", (width) => {
  const lines = table(COLUMNS, ROWS, undefined, width).split("\n");

  test("no line is wider", () => {
    expect(lines.filter((line) => [...line].length > width)).toEqual([]);
  });

  test("every cell is there, and whole unless it is the one that fills a line", () => {
    const words = lines.join(" ").replaceAll(/\s+/g, " ");
    for (const cell of ROWS.flatMap((row) => row.filter((_, at) => at !== 3))) expect(words).toContain(cell);
  });
});

test("where columns do not fit each row is a block in which nothing is cut", () => {
  const [, what = ""] = /what +([^]*?)\n {2}healing/.exec(table(COLUMNS, ROWS, undefined, 50)) ?? [];
  expect(what.replaceAll(/\s+/g, " ")).toBe(ROWS[0]?.[3]);
});

describe("prose in a narrow terminal", () => {
  test("breaks at spaces, and what follows a label stays below it", () => {
    expect(wrap("  seen    ten times, and the last of them was a minute ago", 30)).toBe(
      "  seen    ten times, and the\n          last of them was a\n          minute ago",
    );
  });

  test("leaves a command whole, on a line of its own", () => {
    const command = "run me --with all --of it";
    expect(wrap(`Undo what was just done: ${command}`, 30, (text) => text.startsWith("run "))).toBe(
      `Undo what was just done:\n${command}`,
    );
    expect(wrap("See `run me --with all --of it` for all of what there is.", 30)).toContain(
      "`run me --with all --of it`",
    );
  });
});
