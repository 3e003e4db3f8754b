import { describe, expect, it } from "vitest";
import { derivedFiles } from "../../scripts/derived-files.ts";
import { read, trackedFiles } from "./files.ts";

const FOLDER = "packages/contract/schemas/";

describe("files made from the schemas of the contract", () => {
  // When one of these fails: `npm run docs`, and look at what changed.
  it.each([...derivedFiles()])("%s is as the schemas are", (path, text) => {
    expect(read(path)).toBe(text);
  });

  it("leave no JSON Schema behind whose schema is gone", () => {
    const made = [...derivedFiles().keys()].filter((path) => path.startsWith(FOLDER));
    expect(trackedFiles().filter((path) => path.startsWith(FOLDER))).toEqual(made.toSorted());
  });

  it("give every key of the configuration its meaning", () => {
    const rows = read("docs/configuration.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
  });

  it("give every number of the configuration its unit, and every duration and size is text with one", () => {
    const rows = read("docs/configuration.md")
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows.filter((row) => /^\| `[a-z_.[\]]*_(?:ms|bytes)`/.test(row))).toEqual([]);
    const numbers = rows.filter((row) => /\| integer/.test(row) && !/`server\.port`/.test(row));
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers.filter((row) => /\|\s*\| [^|]*\|$/.test(row))).toEqual([]);
    const amounts = rows.filter((row) => /\| (?:duration|size)[ |]/.test(row));
    expect(amounts.length).toBeGreaterThan(15);
    expect(amounts.filter((row) => !/^\| `[^`]+` \| string \|/.test(row))).toEqual([]);
  });
});
