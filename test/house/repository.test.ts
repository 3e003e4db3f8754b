import { describe, expect, it } from "vitest";
import { entriesOf, missingEntries, withoutDigest } from "../../scripts/complete-lock.ts";
import attack from "../../vitest.attack.config.ts";
import { isRecord } from "../../scripts/json.ts";
import { lineCount, read, trackedFiles } from "./files.ts";

const files = trackedFiles();
const isCode = (path: string): boolean => /\.(?:ts|tsx|js|mjs|cjs)$/.test(path);
const isTest = (path: string): boolean => /\.test\.tsx?(?:\.snap)?$|-fixture\.ts$/.test(path);
const packages = files.filter((path) => /^(?:packages|plugins)\/[^/]+\/package\.json$/.test(path));

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

const manifest = (path: string): Record<string, unknown> => record(JSON.parse(read(path)));

describe("the repository speaks of itself alone", () => {
  // Put together here, so that this file does not find itself.
  const host = (name: string, domain: string) => `${name}.${domain}`;
  const FORBIDDEN = [
    ["", "work", ""].join("/"),
    ["", "tmp", "bash"].join("/"),
    ["", "root", ""].join("/"),
    host("registry", "npmjs"),
    host("registry", "yarnpkg"),
    ["127", "0", "0", "1:4873"].join("."),
  ];
  /** The scrubber looks for home folders, so its rules and tests must name some. */
  const HOMES = [["", "home", ""].join("/"), ["", "Users", ""].join("/")];
  const texts = files.filter((path) => !/\.(?:png|jpe?g|woff2)$/.test(path));

  it.each(FORBIDDEN)("names no machine and no registry: %s", (forbidden) => {
    // A relative import may pass through a folder of that name.
    const place = new RegExp(`(?<![.\\w])${forbidden.replaceAll(".", "\\.")}`);
    expect(texts.filter((path) => place.test(read(path)))).toEqual([]);
  });

  it.each(HOMES)("names no home folder outside the scrubber and tests: %s", (home) => {
    const found = texts.filter(
      (path) => read(path).includes(home) && !path.startsWith("packages/scrub/") && !isTest(path),
    );
    expect(found).toEqual([]);
  });

  it("locks dependencies from no address", () => {
    const entries = Object.values(record(manifest("package-lock.json")["packages"])).map(record);
    const addresses = entries
      .map((entry) => entry["resolved"])
      .filter((resolved) => typeof resolved === "string" && /^[a-z+]+:\/\//.test(resolved));
    expect(addresses).toEqual([]);
  });
});

describe("package-lock.json", () => {
  it("has the digest of every package, also of those of other platforms", () => {
    // When this fails: `node scripts/complete-lock.ts`.
    expect(withoutDigest(entriesOf(manifest("package-lock.json")))).toEqual([]);
  });

  it("names the optional packages of every platform, without which `npm ci` refuses it", () => {
    // When this fails: `node scripts/complete-lock.ts`.
    expect(Object.keys(missingEntries(manifest("package-lock.json")))).toEqual([]);
  });
});

describe("dependencies", () => {
  const declared = packages.flatMap((path) =>
    Object.entries(record(manifest(path)["dependencies"])).map(([name, version]) => ({
      name,
      version: String(version),
    })),
  );
  const used = [...new Set(declared.map(({ name }) => name))].filter((name) => !name.startsWith("@prunella/"));

  it("are justified in one line each, and nothing else is", () => {
    const listed = [...read("docs/decisions/0001-runtime-dependencies.md").matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    );
    expect(new Set(listed)).toEqual(new Set(used));
    expect(listed.length).toBe(used.length);
  });

  it("stand at the version that the record names", () => {
    const listed = new Map(
      [...read("docs/decisions/0001-runtime-dependencies.md").matchAll(/^\| `([^`]+)` \| ([^ ]+) \|/gm)].map(
        ([, name, version]) => [name, version],
      ),
    );
    expect(declared.filter(({ name, version }) => used.includes(name) && listed.get(name) !== version)).toEqual([]);
  });

  it("are pinned exactly, those for development too", () => {
    const pinned = ["package.json", ...packages].flatMap((path) => {
      const { dependencies, devDependencies } = manifest(path);
      return Object.entries({ ...record(dependencies), ...record(devDependencies) }).map(
        ([name, version]) => `${path}: ${name}@${String(version)}`,
      );
    });
    expect(pinned.filter((each) => !/@\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(each))).toEqual([]);
  });
});

describe("files", () => {
  it("are one thought each: none over 500 lines in the packages", () => {
    const long = files.filter(
      (path) => /^(?:packages|plugins)\/[^/]+\/src\//.test(path) && isCode(path) && lineCount(read(path)) > 500,
    );
    expect(long).toEqual([]);
  });

  it("have names in kebab-case", () => {
    const odd = files.filter(
      (path) =>
        /^(?:packages|plugins)\/[^/]+\/src\//.test(path) &&
        isCode(path) &&
        !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.(?:tsx?|mjs)$/.test(path.split("/").at(-1) ?? ""),
    );
    expect(odd).toEqual([]);
  });

  it("are never called utils, helpers or misc", () => {
    expect(files.filter((path) => /(?:^|[/-])(?:utils?|helpers?|misc|common)(?:\.|\/|-|$)/.test(path))).toEqual([]);
  });

  it("of migrations are named by the moment they were made, and a title", () => {
    const migrations = files.filter((path) => path.startsWith("packages/kernel/src/store/migrations/"));
    expect(migrations.length).toBeGreaterThan(0);
    expect(migrations.filter((path) => !/\/\d{4}-\d{2}-\d{2}t\d{4}-[a-z0-9-]+\.ts$/.test(path))).toEqual([]);
  });
});

describe("npm run attack", () => {
  it("plays everything that is meant for it, and for as long as it is meant", () => {
    const { include, env } = attack.test ?? {};
    const asks = files.filter((path) => path.endsWith(".test.ts") && /\benv\["PRUNELLA_ATTACK"\]/.test(read(path)));
    const own = "test/house/repository.test.ts";
    expect(asks.filter((path) => path !== own)).toEqual(include?.filter((path) => !path.includes("*")));
    expect(env).toEqual({ PRUNELLA_ATTACK: "1" });
  });
});
