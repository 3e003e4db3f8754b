import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

/** Ids of level 1 in version 5.0.0, by their sections: `V1.2` has 1 to 5 at this level. */
const LEVEL_1: Readonly<Record<string, readonly number[]>> = {
  "1.2": [1, 2, 3, 4, 5],
  "1.3": [1, 2],
  "1.5": [1],
  "2.1": [1],
  "2.2": [1, 2],
  "2.3": [1],
  "3.2": [1, 2],
  "3.3": [1],
  "3.4": [1, 2],
  "3.5": [1, 2, 3],
  "4.1": [1],
  "4.4": [1],
  "5.2": [1, 2],
  "5.3": [1, 2],
  "6.1": [1],
  "6.2": [1, 2, 3, 4, 5, 6, 7, 8],
  "6.3": [1, 2],
  "6.4": [1, 2],
  "7.2": [1, 2, 3, 4],
  "7.4": [1, 2],
  "8.1": [1],
  "8.2": [1, 2],
  "8.3": [1],
  "9.1": [1, 2, 3],
  "9.2": [1],
  "10.4": [1, 2, 3, 4, 5],
  "11.3": [1, 2],
  "11.4": [1],
  "12.1": [1],
  "12.2": [1, 2],
  "13.4": [1],
  "14.2": [1],
  "14.3": [1],
  "15.1": [1],
  "15.2": [1],
  "15.3": [1],
};
const ids = Object.entries(LEVEL_1).flatMap(([section, numbers]) => numbers.map((number) => `${section}.${number}`));

const files = new Set(trackedFiles());

interface Named {
  readonly row: string;
  readonly file: string;
  readonly title: string;
}

/** Last cells of the form `file`: title. */
const namedIn = (page: string): Named[] =>
  [...read(page).matchAll(/^\| (.*) \| `([^`]+\.(?:test|attack)\.ts)`: (.+) \|$/gm)].map(
    ([, row = "", file = "", title = ""]) => ({ row: row.slice(0, 60), file, title }),
  );

/** Titles stand in quotes of one of three kinds, alone. */
const has = ({ file, title }: Named): boolean =>
  files.has(file) && ['"', "'", "`"].some((quote) => read(file).includes(`${quote}${title}${quote}`));

describe("docs/asvs.md", () => {
  const page = read("docs/asvs.md");

  it("has each requirement of level 1 once, and says how many there are", () => {
    const listed = [...page.matchAll(/^\| (\d+\.\d+\.\d+) \|/gm)].map(([, id]) => id);
    expect(listed.toSorted()).toEqual(ids.toSorted());
    expect(page).toContain(`It has ${ids.length} requirements at this level.`);
  });

  it("names a test for each that applies", () => {
    const [, applies = ""] = page.split(/^## /m);
    const rows = applies.split("\n").filter((line) => /^\| \d/.test(line));
    expect(rows.length).toBeGreaterThan(40);
    expect(namedIn("docs/asvs.md")).toHaveLength(rows.length);
  });
});

describe.each(["docs/asvs.md", "SECURITY.md"])("%s", (page) => {
  it("names tests that are there, by file and title", () => {
    const named = namedIn(page);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((each) => !has(each))).toEqual([]);
  });
});

describe("SECURITY.md", () => {
  it("says in SECURITY what the standard wants written down", () => {
    const section = (title: string): string => read("SECURITY.md").split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
    // 6.1.1: how guessing is met, and why nobody can be locked out.
    expect(section("Signing in")).toMatch(/256 random bits[\s\S]*lock others out/);
    // 8.1.1: who may do what.
    for (const who of [
      "outsider",
      "DSN",
      "session",
      "operator token",
      "supervised program",
      "another user",
      "data folder",
      "user of the database",
    ])
      expect(section("Who may do what")).toMatch(new RegExp(`^\\| [^|]*${who}`, "m"));
    // 15.1.1: how long a known hole may stay.
    expect(section("Dependencies")).toMatch(/within \d+ days .* within \d+ days/);
  });
});
