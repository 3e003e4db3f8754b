import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { REFUSALS } from "@prunella/contract";
import { describe, expect, it } from "vitest";
import { lineCount, read, trackedFiles } from "./files.ts";

const pages = trackedFiles().filter((path) => path.endsWith(".md"));
const root = join(import.meta.dirname, "../..");

describe("README.md", () => {
  const readme = read("README.md");

  it("is under 100 lines", () => {
    expect(lineCount(readme)).toBeLessThan(100);
  });

  it.each(["npm ci && npm start", "npm ci && npm test"])("contains the command %s", (command) => {
    expect(readme.split("\n").some((line) => line.trim().startsWith(command))).toBe(true);
  });
});

describe("documents", () => {
  it.each([
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs/glossary.md",
  ])("include %s", (path) => {
    expect(read(path).length).toBeGreaterThan(200);
  });

  it.each(pages)("%s links to nothing that is not there", (page) => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
      ([, link, source]) => link ?? source ?? "",
    );
    const local = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => link.split("#"));
    const dead = local.filter(([path = "", anchor]) => {
      const target = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchors(read(target)).has(anchor);
    });
    expect(dead).toEqual([]);
  });

  it("give no number to two decisions", () => {
    const numbers = trackedFiles().flatMap((path) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1] ?? []);
    expect(numbers).toEqual([...new Set(numbers)]);
    expect(numbers.length).toBeGreaterThan(0);
  });

  it("list each check of the gate with its number and the refusals that it gives", () => {
    const given = new Set(
      [...read("packages/kernel/src/gate/checks.ts").matchAll(/\bno\(\s*"([a-z_]+)"/g)].map(
        ([, refusal = ""]) => refusal,
      ),
    );
    const table = read("ARCHITECTURE.md").split("## The gate")[1]?.split("\n## ")[0] ?? "";
    const rows = [...table.matchAll(/^\| (\d) \| [^|]+ \| ([^|]+) \|$/gm)].flatMap(([, check, refusals = ""]) =>
      [...refusals.matchAll(/`([a-z_]+)`/g)].map(([, refusal = ""]): [string, number] => [refusal, Number(check)]),
    );
    const numbers = Object.entries(REFUSALS).filter(([refusal]) => given.has(refusal));
    expect(new Map(rows)).toEqual(new Map(numbers));
  });

  it("say in every entry of the change log what was tested and what was not", () => {
    const releases = read("CHANGELOG.md").split(/^## /m).slice(1);
    expect(releases.length).toBeGreaterThan(0);
    for (const release of releases) {
      const entries = release.split(/^### /m).slice(1);
      for (const entry of entries) {
        expect(entry).toMatch(/^\*\*Tested\*\*: /m);
        expect(entry).toMatch(/^\*\*Not tested\*\*: /m);
      }
    }
  });
});

/** As the common renderers make them: lower case, without punctuation, dashes for spaces. */
function anchors(page: string): Set<string> {
  return new Set(
    [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
