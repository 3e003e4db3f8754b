import { expect, test } from "vitest";
import { pageOf } from "./paging.ts";

const rows = ["a", "b", "c", "d", "e"];
const page = (limit: number, cursor?: string) =>
  pageOf(rows, (row) => row, { limit: String(limit), ...(cursor === undefined ? {} : { cursor }) });

test("pages follow each other without a gap and end with null", () => {
  expect(page(2)).toEqual({ rows: ["a", "b"], next: "b" });
  expect(page(2, "b")).toEqual({ rows: ["c", "d"], next: "d" });
  expect(page(2, "d")).toEqual({ rows: ["e"], next: null });
  expect(page(5)).toEqual({ rows, next: null });
});

test("a cursor that names nothing is refused and not taken for the beginning", () => {
  expect(() => page(2, "gone")).toThrow("not there any more");
});
