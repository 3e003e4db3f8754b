import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@prunella/plugin/testing";
import { describe, expect, it } from "vitest";
import { hostileTexts } from "../../../packages/plugin/src/hostile-texts-fixture.ts";
import plugin from "./index.ts";

const manifest = readFileSync(join(import.meta.dirname, "..", "prunella.plugin.json"), "utf8");
const HEAD = "a".repeat(40);
const URL_OF = "https://git.example.test/acme/shop/pulls/7";
const SETTINGS = {
  policies: [{ name: "team", maxFiles: 3, never: [".gitea/**"] }],
  merge: { enabled: true, policy: "team", method: "squash" },
};

interface World {
  pull?: object;
  files?: object[];
  reviews?: object[];
  checks?: object[];
  owners?: string | null;
  isCut?: boolean;
  settings?: Readonly<Record<string, unknown>>;
}
const approval = { author: "bo", state: "approved", sha: HEAD, mayWrite: true };

function host(world: World = {}) {
  const merged: unknown[] = [];
  const pull = {
    number: 7,
    url: URL_OF,
    title: "Better carts",
    body: "",
    author: "ada",
    isOurs: false,
    state: "open",
    isMerged: false,
    isDraft: false,
    isMergeable: true,
    labels: ["ready"],
    requested: ["cy"],
    base: { ref: "main", sha: "b".repeat(40) },
    head: { ref: "carts", sha: HEAD, repo: "acme/shop" },
    additions: 10,
    deletions: 2,
    changedFiles: 1,
    createdAt: 0,
    updatedAt: Date.UTC(2026, 10, 30),
    mergedAs: null,
    ...world.pull,
  };
  const answers = {
    "forge.repository.read": { kind: "gitea", default_branch: "main" },
    "forge.contents.read": ({ path }: { path: string }) => ({
      file: path === "CODEOWNERS" && world.owners != null ? { text: world.owners, sha: "1" } : null,
    }),
    "forge.pull_request.read": ({ number }: { number: number | null }) =>
      number === null
        ? { pulls: [pull], is_cut: world.isCut ?? false }
        : {
            pull,
            files: world.files ?? [{ path: "src/cart.ts", before: null, status: "modified" }],
            reviews: world.reviews ?? [approval],
            is_cut: world.isCut ?? false,
          },
    "forge.check.read": { checks: world.checks ?? [{ name: "tests", state: "success" }], is_cut: false },
    "forge.pull_request.merge": (params: unknown) => (merged.push(params), { sha: "c".repeat(40) }),
    "ledger.append": { index: 12 },
    "provenance.write": { index: 13 },
  };
  const tested = testPlugin({ plugin, manifest, answers, settings: world.settings ?? SETTINGS });
  return { ...tested, merged };
}
const unmetOf = (output: unknown): string[] => {
  const { conditions }: { conditions: { isMet: boolean; text: string }[] } = Object(output);
  return conditions.filter(({ isMet }) => !isMet).map(({ text }) => text);
};
const review = async (world: World = {}) => {
  const ran = await host(world).run("review", { url: URL_OF });
  expect(ran.error).toBeNull();
  return ran.output;
};

describe("github-pr-ops", () => {
  it("is what every host expects, and stays small", async () => {
    const samples = {
      review: { url: URL_OF },
      status: { repo: "acme/shop" },
      prepare: { url: URL_OF },
      merge: { url: URL_OF, head: HEAD },
    };
    expect(await host().conformance(samples)).toEqual([]);
    const files = ["index", "owners", "read", "settings", "text", "weigh"];
    const lines = files.map(
      (name) => readFileSync(join(import.meta.dirname, `${name}.ts`), "utf8").split("\n").length - 1,
    );
    expect(lines.reduce((sum, each) => sum + each, 0)).toBeLessThan(600);
  });

  it("says that a good one can be merged, and does nothing else", async () => {
    const ran = await host().run("review", { url: `${URL_OF}/files` });
    expect(ran.output).toMatchObject({ recommendation: "merge", approvals: ["bo"], head: HEAD, requested: ["cy"] });
    expect(unmetOf(ran.output)).toEqual([]);
    expect(ran.calls.every(({ scope }) => scope?.endsWith(":read"))).toBe(true);
  });

  it.each<[string, World, string, string]>([
    ["a draft", { pull: { isDraft: true } }, "wait", "no draft"],
    ["our own", { pull: { isOurs: true } }, "wait", "not one of our own, which a person merges by hand"],
    ["a part", { isCut: true }, "wait", "all of it could be read"],
    ["conflicts", { pull: { isMergeable: false } }, "change", "without conflicts, and its host would merge it"],
    ["what nobody knows", { pull: { isMergeable: null } }, "wait", "its host knows whether it conflicts"],
    [
      "a failure",
      {
        checks: [
          { name: "x", state: "failure" },
          { name: "y", state: "success" },
        ],
      },
      "change",
      "every check passed",
    ],
    [
      "what still runs",
      {
        checks: [
          { name: "x", state: "pending" },
          { name: "y", state: "success" },
        ],
      },
      "wait",
      "every check has ended",
    ],
    ["no check at all", { checks: [] }, "wait", "at least one check passed"],
    ["no approval", { reviews: [] }, "wait", "1 approved this very commit"],
    [
      "an approval of an earlier commit",
      { reviews: [{ ...approval, sha: "d".repeat(40) }] },
      "wait",
      "1 approved this very commit",
    ],
    ["an approval by anybody", { reviews: [{ ...approval, mayWrite: false }] }, "wait", "1 approved this very commit"],
    ["an approval by its author", { reviews: [{ ...approval, author: "ada" }] }, "wait", "1 approved this very commit"],
    [
      "an approval that was taken back",
      { reviews: [approval, { ...approval, state: "dismissed" }] },
      "wait",
      "1 approved this very commit",
    ],
    [
      "an objection",
      { reviews: [approval, { ...approval, author: "cy", state: "changes_requested" }] },
      "change",
      "without objections of people who may write",
    ],
    [
      "an owner who said nothing",
      { owners: "src/.* @cy" },
      "wait",
      "each owned file was approved by one of its owners",
    ],
    [
      "an owner of what it was called before",
      { owners: "old/.* @cy", files: [{ path: "new/a", before: "old/a", status: "renamed" }] },
      "wait",
      "each owned file was approved by one of its owners",
    ],
    ["owners that cannot be read", { owners: "src/( @cy" }, "wait", "every line of CODEOWNERS could be read"],
  ])("waits or has it changed: %s", async (_name, world, recommendation, text) => {
    const output = await review(world);
    expect(output).toMatchObject({ recommendation });
    expect(unmetOf(output)).toEqual([text]);
  });

  it("takes the word of a team's members for the team, and an objection of anybody for none", async () => {
    const settings = { teams: [{ name: "acme/core", members: ["BO"] }] };
    const mallory = { author: "mallory", state: "changes_requested", sha: HEAD, mayWrite: false };
    const world = { owners: "src/.* @acme/core", reviews: [approval, mallory] };
    expect(await review({ ...world, settings })).toMatchObject({
      recommendation: "merge",
      owners: [{ owner: "acme/core", files: 1, approved: true }],
    });
    expect(await review(world)).toMatchObject({ recommendation: "wait" });
  });

  it("says where little does much", async () => {
    const files = [".gitea/workflows/ci.yml", "package.json", "src/auth/login.ts", "db/0001.sql", "a\u202eb.ts"];
    const all = [
      ...files.map((path) => ({ path, before: null, status: "added" })),
      { path: "test/a.test.ts", before: null, status: "removed" },
    ];
    expect(await review({ files: all })).toMatchObject({
      risks: [
        { area: "what runs by itself", files: [".gitea/workflows/ci.yml"] },
        { area: "dependencies", files: ["package.json"] },
        { area: "sign-in, secrets and rights", files: ["src/auth/login.ts"] },
        { area: "the database", files: ["db/0001.sql"] },
        { area: "names that hide something", files: ["a\u202eb.ts"] },
        { area: "tests that are taken away", files: ["test/a.test.ts"] },
      ],
    });
  });

  it("refuses an address that is none, or of another host", async () => {
    for (const url of [
      "https://git.example.test/acme/shop/issues/7",
      "file:///acme/shop/pulls/7",
      "no",
      "https://evil.test/acme/shop/pulls/7",
    ])
      expect((await host().run("review", { url })).error, url).toBeInstanceOf(Error);
  });

  it("weighs by the policy that is named, writes that down, and never merges", async () => {
    const tested = host();
    const ran = await tested.run("prepare", { url: URL_OF, policy: "team" });
    expect(ran.output).toMatchObject({
      policy: "team",
      isGreen: true,
      index: 12,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(ran.calls.map(({ method }) => method).slice(-3)).toEqual(["state.put", "ledger.append", "provenance.write"]);
    expect(tested.merged).toEqual([]);
    const red = await host({
      pull: { changedFiles: 4 },
      files: [{ path: ".gitea/x", before: null, status: "added" }],
    }).run("prepare", { url: URL_OF });
    expect(unmetOf(red.output)).toEqual(["at most 3 files", "away from what it may not touch"]);
    expect((await host().run("prepare", { url: URL_OF, policy: "other" })).error).toMatchObject({
      message: expect.stringContaining("there is team"),
    });
  });

  it.each<[string, Record<string, unknown>, World, string]>([
    ["approvals", { approvals: 2 }, {}, "2 approved this very commit"],
    ["checks", { checks: ["deploy"] }, {}, "the named checks passed"],
    ["maxLines", { maxLines: 11 }, {}, "at most 11 lines"],
    ["labels", { labels: ["Ready", "signed"] }, {}, "with its labels"],
    ["withoutLabels", { withoutLabels: ["READY"] }, {}, "without a label that holds it"],
    ["base", { base: ["release"] }, {}, "into a branch that it may go into"],
  ])("the setting %s of a policy holds it", async (_name, policy, world, text) => {
    const settings = { policies: [{ name: "p", ...policy }] };
    const ran = await host({ ...world, settings }).run("prepare", { url: URL_OF, policy: "p" });
    expect(unmetOf(ran.output)).toEqual([text]);
  });

  it("a policy that says nothing of it lets nobody change what checks it, or who approves it", async () => {
    for (const path of [".github/workflows/ci.yml", ".gitea/workflows/ci.yml", "docs/CODEOWNERS"]) {
      const files = [{ path, before: null, status: "modified" }];
      const policies = [{ name: "p" }, { name: "lax", never: [] }];
      const tested = host({ files, settings: { policies } });
      expect(unmetOf((await tested.run("prepare", { url: URL_OF, policy: "p" })).output), path).toEqual([
        "away from what it may not touch",
      ]);
      expect(unmetOf((await tested.run("prepare", { url: URL_OF, policy: "lax" })).output)).toEqual([]);
      expect(unmetOf((await tested.run("review", { url: URL_OF })).output)).toEqual([]);
    }
  });

  it("a policy that lets owners and checks be is let be", async () => {
    const settings = { policies: [{ name: "p", owners: false, allChecks: false, approvals: 0 }] };
    const world = { settings, owners: "src/.* @cy", checks: [{ name: "x", state: "failure" }], reviews: [] };
    expect((await host(world).run("prepare", { url: URL_OF, policy: "p" })).output).toMatchObject({ isGreen: true });
  });

  it.each<[string, World, string, string?]>([
    ["it is off", { settings: { ...SETTINGS, merge: { policy: "team" } } }, "merging is off"],
    ["no policy is named", { settings: { merge: { enabled: true } } }, "merging is off"],
    ["its head is another one", {}, "it has moved on", "e".repeat(40)],
    ["its policy is not green", { reviews: [] }, "1 approved this very commit"],
    ["it is our own", { pull: { isOurs: true } }, "not one of our own"],
    ["it is closed", { pull: { state: "closed" } }, "open"],
  ])("merges nothing where %s", async (_name, world, message, head = HEAD) => {
    const tested = host(world);
    const ran = await tested.run("merge", { url: URL_OF, head });
    expect(ran.error).toMatchObject({ message: expect.stringContaining(message) });
    expect(tested.merged).toEqual([]);
  });

  it("merges the head that was named, after the decision is written down", async () => {
    const tested = host();
    const ran = await tested.run("merge", { url: URL_OF, head: HEAD });
    expect(tested.merged).toEqual([{ repo: "acme/shop", number: 7, head: HEAD, base: "main", method: "squash" }]);
    const methods = ran.calls.map(({ method }) => method);
    expect(methods.indexOf("ledger.append")).toBeLessThan(methods.indexOf("forge.pull_request.merge"));
    expect((await tested.run("merge", { url: URL_OF, head: HEAD }, ["forge:pull_request:merge"])).error).toMatchObject({
      code: -32001,
    });
  });

  it("shows nothing live of what strangers wrote, on a terminal and in Markdown", async () => {
    for (const text of hostileTexts) {
      const world = {
        pull: { title: text, author: text, labels: [text], requested: [text] },
        files: [{ path: text, before: null, status: "added" }],
        checks: [{ name: `${text}\u001b[31m`, state: "failure" }],
        reviews: [{ ...approval, author: text, state: "changes_requested" }],
      };
      for (const [command, args] of [
        ["review", { url: URL_OF }],
        ["status", { repo: "acme/shop" }],
      ] as const) {
        const words = await host(world).run(command, args);
        const { text: said }: { text: string } = Object(words.output);
        expect(said).not.toMatch(/[\u001b\u202a-\u202e\u200b\u2066-\u2069]/);
        const marked = await host(world).run(command, { ...args, markdown: true });
        const { text: markdown }: { text: string } = Object(marked.output);
        // What is left beside spans of code is ours.
        const left = markdown.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");
        expect(left).not.toMatch(/[@#<>[\]!]|https?:|www\.|mail/);
      }
    }
  });
});
