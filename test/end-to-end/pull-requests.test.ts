import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../../packages/cli/src/run-fixture.ts";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { hostileTexts } from "../../packages/plugin/src/hostile-texts-fixture.ts";
import { readSettings } from "../../plugins/github-pr-ops/src/settings.ts";
import { layOut } from "../../plugins/github-pr-ops/src/text.ts";
import { factsOf } from "../../plugins/github-pr-ops/src/weigh.ts";
import { hasGitea } from "../gitea/gitea.ts";
import { needs } from "../needs.ts";
import { openFakehub, openGitea, type PullPlace } from "./pull-places.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/** From the command line to the host of repositories and back: the server, the plugin in its sandbox, and what merges. */
const hasDeno = needs("deno", denoBinary() !== null);
const PLACES = [
  { name: "the real Gitea", openPlace: openGitea, isMissing: !hasDeno || !needs("Gitea", hasGitea()) },
  { name: "GitHub (a double)", openPlace: openFakehub, isMissing: !hasDeno },
];
const BY = { kind: "person", id: "operator" } as const;
const PATIENCE = { timeout: 90_000, interval: 200 };
const HOSTILE = "\u001b[31mred\u001b[0m \u202egnissim @prunella-admin <img src=x> [click](https://evil.example.com) #1";

const SETTINGS = readSettings({});
/** A pull request of which a stranger wrote all that can be written. */
function written(text: string): Parameters<typeof factsOf>[0] {
  const head = "a".repeat(40);
  return {
    repo: "acme/shop",
    pull: {
      number: 7,
      url: "https://git.example.test/acme/shop/pulls/7",
      title: text,
      author: text,
      isOurs: false,
      state: "open",
      isDraft: false,
      isMergeable: true,
      labels: [text],
      requested: [text],
      base: text,
      head,
      additions: 1,
      deletions: 1,
      changedFiles: 1,
      updatedAt: 0,
    },
    files: [{ path: `package.json/${text}`, before: text, status: "renamed" }],
    reviews: [{ author: `${text}!`, state: "changes_requested", sha: head, mayWrite: true }],
    checks: [{ name: text, state: "failure" }],
    owners: { of: () => [text], unread: [text] },
    isCut: false,
  };
}

describe.each(PLACES)("a pull request on $name", ({ openPlace, isMissing }) => {
  let place: PullPlace;
  let house: ServerFixture;
  let server: string[];
  const folder = mkdtempSync(join(tmpdir(), "prunella-pulls-"));
  const test = it.skipIf(isMissing);

  beforeAll(async () => {
    if (isMissing) return;
    place = await openPlace();
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return { file: join(folder, name) };
    };
    const [token, webhook_secret] = [file("token", place.token), file("hook", "It's a Secret to Everybody")];
    house = await openServer({
      forge: { ...place.config, token, webhook_secret },
      plugins: {
        settings: {
          "github-pr-ops": {
            policies: [{ name: "team", maxFiles: 5, never: [".github/**", ".gitea/**"] }],
            merge: { enabled: true, policy: "team", method: "squash" },
          },
        },
      },
    });
    server = ["--url", house.server.url, "--token-file", file("operator", house.server.token).file];
    const source = join(import.meta.dirname, "..", "..", "plugins", "github-pr-ops");
    const added = await inProcess(["plugin", "add", source, ...server]);
    if (added.code !== 0) throw new Error(added.err);
    const trusted = await inProcess(["plugin", "trust", "github-pr-ops", "--required", ...server]);
    if (trusted.code !== 0) throw new Error(trusted.err);
  }, 180_000);
  afterAll(async () => {
    await house?.[Symbol.asyncDispose]();
    await place?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...typed: string[]) => inProcess(["github-pr", ...typed, ...server]);
  const json = async (...typed: string[]) => {
    const { out, err } = await run(...typed, "--json");
    if (out === "") throw new Error(err);
    return JSON.parse(out);
  };
  /** A host needs some time to see whether it conflicts. */
  const recommended = (url: string) =>
    expect.poll(async () => (await json("review", url)).output?.recommendation, PATIENCE);
  const good = async (branch: string, title = "Better carts") => {
    const opened = await place.open({ branch, title, files: { [`src/${branch}.ts`]: "a\nb\n" } });
    await place.approve(opened.number, "fine by me");
    await place.report(opened.number, "tests", "success");
    return { ...opened, head: await place.head(opened.number) };
  };
  const open = async () => (await house.server.kernel.escalations.list("open")).escalations;
  const invocation = async (id: string) =>
    (await house.server.kernel.plugins.history("default", "github-pr-ops", 20)).find((one) => one.id === id);

  test(
    "is reviewed from the command line: what it changes, who said what, and whether to merge it",
    { timeout: 240_000 },
    async () => {
      const { number, url } = await place.open({ branch: "first", title: "First", files: { "src/first.ts": "a\n" } });
      await recommended(url).toBe("wait");
      await place.report(number, "build", "failure");
      await recommended(url).toBe("change");
      const words = await run("review", url);
      expect(words.out).toMatch(/^Something in it has to change first\.\n/);
      expect(words.out).toMatch(/no {4}every check passed: build/);
      expect(words.out).toMatch(/wait {2}each owned file was approved by one of its owners: src\/first\.ts/);
      expect(words.out).toMatch(/Owner +acme of 1 file, has not approved/);
      const marked = await run("review", url, "--markdown");
      expect(marked.out).toMatch(/^\*\*Something in it has to change first\.\*\*\n/);
      const whole = await json("review", url);
      expect(whole).toMatchObject({
        status: "success",
        output: {
          number,
          author: "ada",
          base: "main",
          size: { files: 1, additions: 1, deletions: 0 },
          checks: [{ name: "build", state: "failure" }],
          owners: [{ owner: "acme", files: 1, approved: false }],
        },
      });
      const queue = await run("status", "acme/shop");
      expect(queue.out).toMatch(new RegExp(`open in acme/shop\\n\\n +${number} {2}First\\n +checks: failure, ada`));
    },
  );

  test("does nothing to a terminal, whatever its author wrote", { timeout: 240_000 }, async () => {
    const { number, url } = await place.open({
      branch: "hostile",
      title: HOSTILE,
      files: { "src/\u202egnp.ts": "x\n", "a `b` <img>.md": "x\n" },
    });
    await place.approve(number, HOSTILE);
    await place.report(number, HOSTILE, "failure");
    for (const typed of [
      ["review", url],
      ["review", url, "--markdown"],
      ["review", url, "--json"],
      ["status", "acme/shop"],
      ["status", "acme/shop", "--markdown"],
    ]) {
      const { out, err } = await run(...typed);
      expect(err).toBe("");
      expect(out).toContain("prunella-admin");
      expect(out).not.toMatch(/(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }
    const { out } = await run("review", url, "--markdown");
    expect(out.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "")).not.toMatch(/[@#<>[\]!]|https?:/);
  });

  test("calls nobody and links nothing where its review is pasted", { timeout: 240_000 }, async () => {
    const { render } = place;
    if (render === null) return;
    const live = (html: string) =>
      html.match(/<(?:a|img|script|iframe|details|input|form)\b[^>]*>|class="[^"]*mention[^"]*"|<!--[^]*?-->/g) ?? [];
    expect(live(await render(hostileTexts.join("\n\n"))).length).toBeGreaterThan(10);
    for (let at = 0; at < hostileTexts.length; at += 20) {
      const some = hostileTexts.slice(at, at + 20).map((text) => factsOf(written(text), SETTINGS, null));
      const html = await render(some.map((facts) => layOut("It waits.", facts, true)).join("\n\n"));
      expect(html).toContain("Asked to review");
      expect(live(html)).toEqual([]);
    }
  });

  test(
    "is weighed by the team's policy, which is written down, and nothing is merged",
    { timeout: 240_000 },
    async () => {
      const { number, url, head } = await good("prepared");
      await recommended(url).toBe("merge");
      const { output } = await json("prepare", url, "--policy", "team");
      expect(output).toMatchObject({ policy: "team", isGreen: true, head });
      expect(await place.isMerged(number)).toBe(false);
      const kept = await house.api("/plugins/github-pr-ops/state");
      expect(await kept.text()).toContain(output.sha256);
      const [entry] = await house.server.kernel.ledger.find({ limit: 1, before: Number(output.index) + 1 });
      expect(JSON.parse(entry?.entry ?? "{}")).toMatchObject({ what: "digest", sha256: output.sha256 });
      const other = await run("prepare", url, "--policy", "none-such");
      expect(other.out + other.err).toContain("there is team");
    },
  );

  test("is not merged without the scope, nor without a yes", { timeout: 240_000 }, async () => {
    const { number, url, head } = await good("refused");
    await recommended(url).toBe("merge");
    const unasked = await run("merge", url, head);
    expect([unasked.code, unasked.err]).toEqual([1, expect.stringContaining("wants a yes")]);
    const ungranted = await run("merge", url, head, "--confirm");
    expect(ungranted.out).toContain("not trusted with forge:pull_request:merge of acme/shop");
    expect(await place.isMerged(number)).toBe(false);
  });

  describe("with the scope of merging", () => {
    beforeAll(async () => {
      if (isMissing) return;
      const scope = ["--scope", "forge:pull_request:merge", "--resource", "*", "--reason", "We try it."];
      const trusted = await inProcess(["plugin", "trust", "github-pr-ops", ...scope, ...server]);
      if (trusted.code !== 0) throw new Error(trusted.err);
    });

    const askFor = async (url: string, head: string) => {
      const parked = await json("merge", url, head, "--ask");
      expect(parked.status).toBe("parked");
      const [question] = await open();
      expect(question?.args).toMatchObject({ command: "merge", preview: expect.stringContaining(head) });
      return { id: String(parked.invocation), question: question?.id ?? "" };
    };
    const decided = async (id: string, question: string, decision: string) => {
      await house.server.kernel.escalations.decide(question, decision, BY);
      await expect.poll(async () => (await invocation(id))?.state, PATIENCE).not.toMatch(/parked|running|admitted/);
      return invocation(id);
    };

    test("is merged at the head that a person saw, once they said yes", { timeout: 240_000 }, async () => {
      const { number, url, head } = await good("asked");
      await recommended(url).toBe("merge");
      const no = await askFor(url, head);
      expect(await decided(no.id, no.question, "refuse")).toMatchObject({ state: "blocked" });
      expect(await place.isMerged(number)).toBe(false);
      const yes = await askFor(url, head);
      expect(await decided(yes.id, yes.question, "allow_once")).toMatchObject({ state: "completed" });
      expect(await place.isMerged(number)).toBe(true);
      await recommended(url).toBe("none");
    });

    test("is not merged when its head moved between the question and the yes", { timeout: 240_000 }, async () => {
      const { number, url, head } = await good("moved");
      await recommended(url).toBe("merge");
      const { id, question } = await askFor(url, head);
      await place.push(number, "src/moved.ts", "evil\n");
      expect(await decided(id, question, "allow_once")).toMatchObject({
        state: "failed",
        detail: expect.stringContaining("it has moved on"),
      });
      expect(await place.isMerged(number)).toBe(false);
    });

    test("is not merged where the policy is not green, or where it is our own", { timeout: 240_000 }, async () => {
      const red = await place.open({ branch: "red", title: "Red", files: { "src/red.ts": "x\n" } });
      const refused = await run("merge", red.url, await place.head(red.number), "--confirm");
      expect(refused.out).toContain("policy team is not green");
      const own = await place.open({ branch: "own", title: "Own", files: { "README.md": "# Ours\n" }, asUs: true });
      await place.approve(own.number, "yes");
      await place.report(own.number, "tests", "success");
      const ours = await run("merge", own.url, await place.head(own.number), "--confirm");
      expect(ours.out).toContain("not one of our own");
      expect(await Promise.all([place.isMerged(red.number), place.isMerged(own.number)])).toEqual([false, false]);
    });
  });
});
