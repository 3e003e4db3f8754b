import { expect, test } from "vitest";
import { mistakesComment } from "./push-check.ts";
import { readConfig } from "./read.ts";
import { configPath, resolveConfig, type ConfigFile } from "./resolve.ts";

const hotfix = `plugins:
  acme-marketplace/daemon-hotfix:
    with:
      enabled: true
      modes: ["issue", "pr"]
      riskPolicy: { autoMerge: false }
  https://worker.example.com:
  acme/other:run.yml@release/2:
    runsOn: [issues.opened]
    skipBotEvents: false
`;

test("reads workers, workflows and their settings", () => {
  const read = readConfig(hotfix);
  expect(read.ok && [...read.config.plugins.values()]).toEqual([
    {
      plugin: {
        type: "workflow",
        id: "acme-marketplace/daemon-hotfix",
        owner: "acme-marketplace",
        repo: "daemon-hotfix",
        workflowId: "compute.yml",
        ref: null,
      },
      settings: {
        with: { enabled: true, modes: ["issue", "pr"], riskPolicy: { autoMerge: false } },
        runsOn: [],
        skipBotEvents: undefined,
      },
    },
    {
      plugin: { type: "http", id: "https://worker.example.com", url: "https://worker.example.com" },
      settings: { with: {}, runsOn: [], skipBotEvents: undefined },
    },
    {
      plugin: {
        type: "workflow",
        id: "acme/other:run.yml@release/2",
        owner: "acme",
        repo: "other",
        workflowId: "run.yml",
        ref: "release/2",
      },
      settings: { with: {}, runsOn: ["issues.opened"], skipBotEvents: false },
    },
  ]);
});

test.each(["", "# nothing", "plugins:", "plugins: {}", "plugins: {}\nimports:"])("%j configures nothing", (text) => {
  expect(readConfig(text)).toMatchObject({ ok: true, config: { imports: [], plugins: new Map() } });
});

test.each([
  ["plugins:\n  a b:\n    with: {}", 2, /"a b" is no plugin; expected a URL, or owner\/repo/],
  ["plugins:\n  https://github.com/acme/x: {}\n  github.com/acme/y: {}", 3, /such as acme\/y/],
  [
    "plugins:\n  acme/x:\n    runsOn:\n      - issues.opened\n      - issue.closed",
    5,
    /"issue.closed" is no event; .* such as issues.closed/,
  ],
  ["plugins:\n  acme/x:\n    skipBotEvents: maybe", 3, /skipBotEvents/],
  ["plugins: [acme/x]", 1, /plugins/],
  ["plugins:\n  acme/x: {\n", 3, /./],
  ["imports:\n  - acme/base\n  - not a repository", 3, /"not a repository" cannot be imported/],
  ["a: &a [x, x]\nb: &b [*a, *a]\nplugins: *b", 3, /plugins/],
])("%j is wrong at line %i", (text, line, message) => {
  const read = readConfig(text);
  expect(read).toMatchObject({ ok: false, mistakes: [{ line }] });
  expect(!read.ok && read.mistakes[0]?.message).toMatch(message);
});

const hosting = (files: Record<string, string>) => {
  const asked: string[] = [];
  const load = ({ owner, repo, path }: ConfigFile) => {
    asked.push(`${owner}/${repo}`);
    expect(path).toBe(configPath("prod"));
    const text = files[`${owner}/${repo}`];
    return Promise.resolve(text === undefined ? null : { text, sha: `sha-of-${repo}` });
  };
  return { asked, load };
};
const shop = { owner: "acme", repo: "shop", environment: "prod" };

test("a repository's word on a plugin replaces its organisation's, imports come before the file that names them", async () => {
  const { load } = hosting({
    "acme/.ubiquity-os": "plugins: {acme/x: {with: {from: organisation}}, acme/y: {with: {from: organisation}}}",
    "acme/shop": "imports: [acme/base]\nplugins: {acme/x: {with: {from: shop}}}",
    "acme/base": "plugins: {acme/x: {with: {from: base}}, acme/y: {with: {from: base}}, acme/z: }",
  });
  const resolved = await resolveConfig(shop, load);
  expect([...resolved.plugins].map(([id, { settings }]) => [id, settings.with])).toEqual([
    ["acme/x", { from: "shop" }],
    ["acme/y", { from: "base" }],
    ["acme/z", {}],
  ]);
  expect(resolved.sources.map(({ repo, sha }) => [repo, sha])).toEqual([
    [".ubiquity-os", "sha-of-.ubiquity-os"],
    ["base", "sha-of-base"],
    ["shop", "sha-of-shop"],
  ]);
  expect(resolved.mistakes).toEqual([]);
});

test("imports that go in a circle end, and no deeper than six are read", async () => {
  const circle = hosting({
    "acme/shop": "imports: [acme/a]",
    "acme/a": "imports: [acme/b]",
    "acme/b": "imports: [acme/A, acme/shop]\nplugins: {acme/x: }",
  });
  expect([...(await resolveConfig(shop, circle.load)).plugins.keys()]).toEqual(["acme/x"]);
  const chain: Record<string, string> = { "acme/shop": "imports: [acme/r1]" };
  for (let at = 1; at <= 9; at += 1) chain[`acme/r${at}`] = `imports: [acme/r${at + 1}]\nplugins: {acme/p${at}: }`;
  const deep = hosting(chain);
  const resolved = await resolveConfig(shop, deep.load);
  expect([...resolved.plugins.keys()].toSorted()).toEqual([1, 2, 3, 4, 5, 6].map((at) => `acme/p${at}`));
  expect(resolved.mistakes).toMatchObject([{ message: "acme/r7 is imported too deep: 6 levels are read." }]);
});

test("one broken file is named with its line, and the others hold", async () => {
  const { load } = hosting({ "acme/.ubiquity-os": "plugins: {acme/x: }", "acme/shop": "plugins:\n  nonsense: {}" });
  const resolved = await resolveConfig(shop, load);
  expect([...resolved.plugins.keys()]).toEqual(["acme/x"]);
  expect(resolved.mistakes).toMatchObject([{ line: 2, file: { repo: "shop" } }]);
});

test.each([
  ["production", ".github/.ubiquity-os.config.yml"],
  ["dev", ".github/.ubiquity-os.config.dev.yml"],
  ["development", ".github/.ubiquity-os.config.dev.yml"],
  ["staging", ".github/.ubiquity-os.config.staging.yml"],
])("%s reads %s", (environment, path) => {
  expect(configPath(environment)).toBe(path);
});

test("the comment on a commit links each line and lets nothing of the file out of its fence", () => {
  const read = readConfig("plugins:\n  '@everyone ``` <img src=x>': {}");
  const file = { owner: "acme", repo: "shop", path: configPath("prod"), host: "https://github.com", commit: "abc" };
  const text = mistakesComment(file, read.ok ? [] : read.mistakes);
  expect(text).toContain("https://github.com/acme/shop/blob/abc/.github/.ubiquity-os.config.yml#L2");
  expect(text.match(/```/g)).toHaveLength(2);
  const outside = text.replace(/> ```text[^]*?> ```/, "");
  expect(outside).not.toContain("@everyone");
});
