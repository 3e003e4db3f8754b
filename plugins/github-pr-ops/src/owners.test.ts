import { describe, expect, it } from "vitest";
import { glob, readOwners } from "./owners.ts";

describe("CODEOWNERS", () => {
  it.each([
    ["*", "a/b.ts", true],
    ["*.js", "a/b.js", true],
    ["*.js", "a/b.jsx", false],
    ["/build/logs/", "build/logs/x/y", true],
    ["/build/logs/", "a/build/logs/x", false],
    ["docs/*", "docs/a.md", true],
    ["docs/*", "docs/a/b.md", false],
    ["apps/", "x/apps/y/z", true],
    ["apps/", "apps", false],
    ["**/logs", "a/b/logs/c", true],
    ["/apps/github", "apps/github/x", true],
    ["docs/**", "docs/a/b.md", true],
    [".github/**", ".github/workflows/a.yml", true],
    [".github/**", "xgithub/workflows/a.yml", false],
    ["a?c", "abc", true],
    ["a.c", "abc", false],
  ])("%s holds %s: %s", (pattern, path, expected) => {
    expect(glob(pattern).test(path)).toBe(expected);
  });

  it("of GitHub: the last pattern that fits says who, and one without owners says nobody", () => {
    const text = "# all\n* @acme/all # the rest\n/src/ @ada @bo\n/src/free/\nwith\\ space @cy\n";
    const { of, unread } = readOwners("github", text);
    expect([of("README.md"), of("src/a.ts"), of("src/free/a.ts"), of("with space"), unread]).toEqual([
      ["acme/all"],
      ["ada", "bo"],
      [],
      ["cy"],
      [],
    ]);
  });

  it("of Gitea: every expression that fits says who, and `!` turns one around", () => {
    const { of } = readOwners("gitea", "src/.* @ada\n.*\\\\.sql @bo # tables\n!docs/.* @cy\n");
    expect([of("src/a.sql"), of("src/asql"), of("docs/a"), of("xsrc/a")]).toEqual([
      ["ada", "bo", "cy"],
      ["ada", "cy"],
      [],
      ["cy"],
    ]);
  });

  it("says which lines it could not read", () => {
    expect(readOwners("gitea", "src/( @ada\n").unread).toEqual(["src/( @ada"]);
    expect(readOwners("github", "!src/ @ada\n[ab].ts @ada\n").unread).toEqual(["!src/ @ada", "[ab].ts @ada"]);
  });
});
