import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testPlugin } from "@prunella/plugin/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import plugin from "./index.ts";
import { keyOf, normalMessage } from "./key.ts";
import { readSettings } from "./settings.ts";

const manifest = readFileSync(join(import.meta.dirname, "..", "prunella.plugin.json"), "utf8");
const SETTINGS = { allowlistRepos: ["acme/flow"], issueLabels: ["bug"], notify: ["@team-bot"] };
const HOUR = 3_600_000;

const failed = (message = "connect ECONNREFUSED 10.0.0.7:8080", more: object = {}) => ({
  event: "kernel.plugin_error",
  timestamp: "2026-11-30T08:00:00.000Z",
  stateId: "s-1",
  source: { kernelRepo: "acme/kernel", environment: "prod" },
  trigger: { githubEvent: "issues.opened", deliveryId: "d", repo: "acme/shop", issueOrPr: 3, actor: "ada" },
  plugin: {
    type: "workflow",
    id: "acme/flow",
    owner: "acme",
    repo: "flow",
    workflowId: "compute.yml",
    ref: "main",
    manifest: { name: "flow", version: "1.2.0" },
  },
  error: { message, status: null, stack: "Error: no\n    at run (/srv/flow.ts:3:1)", category: "http", raw: null },
  context: { requestId: "r", pluginInputs: { redacted: true }, responseSnippet: null, retryCount: 0 },
  kernel: { commit: null },
  config: { path: ".github/.ubiquity-os.config.yml", sources: [{ repo: "acme/shop", sha: "abc" }] },
  logTrail: null,
  ...more,
});

/** A host that keeps one issue a name. */
function host(settings: object = SETTINGS) {
  const issues = new Map<
    string,
    { number: number; state: string; closedAs: string | null; title: string; body: string }
  >();
  const comments: { name: string; body: string }[] = [];
  let asked = 0;
  let isQuiet = false;
  const write = (params: { do: string; name: string; title?: string; body?: string; state?: string }) => {
    asked += 1;
    const before = issues.get(params.name);
    if (params.do === "edit" && before) before.state = params.state ?? before.state;
    if (before !== undefined && isQuiet) return { is_new: false, issue: null, number: before.number };
    if (before !== undefined) return { is_new: false, issue: before };
    const issue = {
      number: issues.size + 1,
      state: "open",
      closedAs: null,
      title: params.title ?? "",
      body: params.body ?? "",
    };
    issues.set(params.name, issue);
    return { is_new: true, issue };
  };
  const tested = testPlugin({
    plugin,
    manifest,
    answers: {
      "forge.issue.write": write,
      "forge.comment.write": (params: { name: string; body: string }) => (
        comments.push(params),
        { id: 1, isNew: true }
      ),
    },
  });
  return {
    issues,
    comments,
    asked: () => asked,
    /** It takes nothing now, and says nothing of what is there. */
    quiet: (isNow: boolean) => void (isQuiet = isNow),
    hear: (events: readonly unknown[], type = "kernel.plugin_error") =>
      tested.hear(
        type,
        events.map((event) => ({ event, settings })),
      ),
    conformance: () => tested.conformance(),
  };
}

describe("daemon-hotfix", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 10, 30, 8), toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("is what every host expects", async () => {
    expect(await host().conformance()).toEqual([]);
  });

  it("files one issue for one failure, whatever changes in its message each time", async () => {
    const { hear, issues, comments } = host();
    const ran = await hear([failed(), failed("connect ECONNREFUSED 10.0.0.9:9090")]);
    expect(ran.error).toBeNull();
    await hear([failed("connect ECONNREFUSED 172.16.0.1:1")]);
    expect([...issues.values()]).toMatchObject([
      { title: "flow: connect ECONNREFUSED 10.0.0.9:9090".replaceAll(/:(?=\d)/g, ":\u2060") },
    ]);
    expect(comments).toEqual([]);
    await hear([failed("connect ETIMEDOUT")]);
    expect(issues.size).toBe(2);
  });

  it("asks the host once for a flood, and says it once an hour", async () => {
    const { hear, issues, comments, asked } = host();
    for (let batch = 0; batch < 100; batch += 1) await hear(Array.from({ length: 100 }, () => failed()));
    expect([issues.size, comments.length, asked()]).toEqual([1, 0, 1]);
    vi.setSystemTime(Date.now() + HOUR);
    await hear([failed()]);
    await hear([failed()]);
    expect(comments).toMatchObject([{ name: "seen", body: expect.stringContaining("Seen 10001 times") }]);
  });

  it("has its issue told all the same while the host does not say how that is", async () => {
    const { hear, comments, quiet } = host();
    await hear([failed()]);
    vi.setSystemTime(Date.now() + HOUR);
    quiet(true);
    expect((await hear([failed(), failed()])).error).toBeNull();
    expect(comments).toMatchObject([{ issue: 1, name: "seen", body: expect.stringContaining("Seen 3 times") }]);
    quiet(false);
    await hear([failed()]);
    expect(comments).toHaveLength(1);
  });

  it("opens it again when it comes back, calls people then, and leaves alone what a person will not have", async () => {
    const { hear, issues, comments } = host();
    await hear([failed()]);
    const [issue] = issues.values();
    Object.assign(issue ?? {}, { state: "closed", closedAs: "completed" });
    vi.setSystemTime(Date.now() + 2 * HOUR);
    await hear([failed()]);
    expect(issue?.state).toBe("open");
    expect(comments.at(-1)?.body).toContain("came back, in `1.2.0`. For @team-bot");
    Object.assign(issue ?? {}, { state: "closed", closedAs: "not_planned" });
    vi.setSystemTime(Date.now() + 2 * HOUR);
    await hear([failed()]);
    expect([issue?.state, comments.length]).toEqual(["closed", 1]);
  });

  it("calls the named once, and nobody whom a stranger names", async () => {
    const { hear, issues } = host();
    await hear([
      failed("no @everyone <b>#12</b>\n```\n@everyone", {
        error: { message: "@everyone", status: 502, stack: "```\n@everyone", category: "http", raw: null },
      }),
    ]);
    const body = [...issues.values()][0]?.body ?? "";
    const outside = body.replaceAll(/(`{3,})text\n[^]*?\n\1/g, "").replaceAll(/(`+)[^`].*?\1/g, "");
    expect(outside.match(/@[\w-]+/g)).toEqual(["@team-bot"]);
  });

  it.each([
    ["enabled", { enabled: false }, 0],
    ["allowlistRepos", { allowlistRepos: [] }, 0],
    ["allowlistRepos of another", { allowlistRepos: ["acme/other"] }, 0],
    ["environment", { environment: "dev" }, 0],
    ["environment that is meant", { environment: "prod" }, 1],
  ])("%s decides", async (_name, more, expected) => {
    const { hear, issues } = host({ ...SETTINGS, ...more });
    expect((await hear([failed()])).error).toBeNull();
    expect(issues.size).toBe(expected);
  });

  it("takes the server's own settings where the event brings none", async () => {
    const filed: unknown[] = [];
    const issue = { number: 1, state: "open", closedAs: null };
    const answers = { "forge.issue.write": (params: unknown) => (filed.push(params), { is_new: true, issue }) };
    for (const settings of [{}, { allowlistRepos: ["acme/flow"] }])
      expect(
        (await testPlugin({ plugin, manifest, answers, settings }).hear("kernel.plugin_error", [failed()])).error,
      ).toBeNull();
    expect(filed).toHaveLength(1);
  });

  it("files a fault once where that is set, opens it again when it is back, and nothing that anybody could have made up", async () => {
    const fault = (more: object) => ({
      id: "01930000-0000-7000-8000-000000000001",
      title: "TypeError: cannot read 12 of @acme/cart",
      culprit: "charge · pay.js",
      level: "error",
      count: 3,
      first_seen: Date.now(),
      last_seen: Date.now(),
      release: "",
      is_public: false,
      ...more,
    });
    const { hear, issues, comments } = host({ ...SETTINGS, repo: "acme/flow" });
    await hear([fault({ is_public: true })], "fault.new");
    expect(issues.size).toBe(0);
    expect((await hear([fault({})], "fault.new")).error).toBeNull();
    await hear([fault({}), fault({ title: "another title" })], "fault.new");
    expect(issues.size).toBe(1);
    expect([...issues.values()][0]?.body).toContain("- In: `charge · pay.js`");
    Object.assign([...issues.values()][0] ?? {}, { state: "closed", closedAs: "completed" });
    vi.setSystemTime(Date.now() + HOUR);
    await hear([fault({})], "fault.regressed");
    expect([[...issues.values()][0]?.state, comments.length]).toEqual(["open", 1]);
    const nowhere = host();
    await nowhere.hear([fault({})], "fault.new");
    expect(nowhere.issues.size).toBe(0);
  });

  it("suspects the release that a fault came back in, where it is filed only then", async () => {
    const { hear, issues } = host({ ...SETTINGS, repo: "acme/flow" });
    const fault = { id: "01930000-0000-7000-8000-000000000009", title: "no cart", last_seen: Date.now() };
    const releases = { release: "shop@2.0.0", previous_release: "shop@1.9.0", regressed_in: "shop@2.1.0" };
    await hear([{ ...fault, ...releases, is_public: false }], "fault.regressed");
    const body = [...issues.values()][0]?.body ?? "";
    expect(body).toContain("It was mended, and came back in `shop@2.1.0`");
    expect(body).not.toContain("shop@1.9.0");
  });

  it("says what whoever mends it asks first: stack, people, what came between, what was tried, and how it comes on", async () => {
    const fault = (more: object = {}) => ({
      id: "01930000-0000-7000-8000-000000000002",
      title: "TypeError: no cart",
      first_seen: Date.now(),
      last_seen: Date.now(),
      count: 3,
      users: 2,
      release: "shop@2.0.0",
      previous_release: "shop@1.9.0",
      stack: "TypeError: no cart\n  * charge (/srv/pay.js:3:1)",
      tried: `${Date.now()} restart service:shop: failed`,
      is_public: false,
      ...more,
    });
    const { hear, issues, comments } = host({ ...SETTINGS, repo: "acme/flow" });
    expect((await hear([fault()], "fault.new")).error).toBeNull();
    const issue = [...issues.values()][0];
    for (const said of [
      "* charge (/srv/pay.js:3:1)",
      "- People: `2`",
      "the first with it: `shop@1.9.0` `shop@2.0.0`",
      "2026-11-30T08:00:00.000Z restart service:shop: failed",
      "prunella ledger show --fault 01930000-0000-7000-8000-000000000002",
    ])
      expect(issue?.body).toContain(said);
    vi.setSystemTime(Date.now() + HOUR);
    await hear([fault(), fault(), fault()], "fault.regressed");
    vi.setSystemTime(Date.now() + HOUR);
    Object.assign(issue ?? {}, { state: "closed", closedAs: "completed" });
    await hear(
      Array.from({ length: 6 }, () => fault({ regressed_in: "shop@2.1.0" })),
      "fault.regressed",
    );
    expect(comments.map(({ body }) => body.split("\n").slice(2))).toEqual([
      ["3 since it was told last, 3 an hour."],
      [
        "6 since it was told last, 6 an hour; 3 an hour before: rising.",
        "",
        "It was closed, and came back, in `shop@2.1.0` where it was `shop@2.0.0` before. For @team-bot",
      ],
    ]);
  });

  it("files what a person is asked about, at the issue of its fault where it has one, and no question of a plugin", async () => {
    const asked = (more: object) => ({
      id: "01930000-0000-7000-8000-000000000003",
      at: Date.now(),
      target: "service:shop",
      reason: "budget_exhausted",
      asker: "restart",
      fault: null,
      ...more,
    });
    const { hear, issues } = host({ ...SETTINGS, repo: "acme/flow" });
    await hear([asked({ asker: "plugin_call" })], "escalation.opened");
    expect(issues.size).toBe(0);
    expect((await hear([asked({}), asked({ id: "another" })], "escalation.opened")).error).toBeNull();
    const fault = "01930000-0000-7000-8000-000000000001";
    await hear([asked({ fault })], "escalation.opened");
    const again = { id: fault, title: "no cart", last_seen: Date.now(), is_public: false };
    await hear([again], "fault.regressed");
    expect([...issues.values()].map(({ title }) => title)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining("needs a person: budget exhausted")),
    );
  });

  it("files failed workflows and checks where that is allowed, and no others", async () => {
    const flow = (conclusion: string) => ({
      repository: { full_name: "acme/flow" },
      workflow_run: {
        name: "tests",
        conclusion,
        head_branch: "main",
        head_sha: "a".repeat(40),
        html_url: "https://x.test/1",
      },
    });
    const not = host();
    await not.hear([flow("failure")], "workflow_run.completed");
    const { hear, issues } = host({ ...SETTINGS, allowWorkflowEvents: true });
    await hear(
      [flow("success"), flow("neutral"), flow("failure"), flow("failure"), flow("timed_out")],
      "workflow_run.completed",
    );
    expect([not.issues.size, [...issues.values()].map(({ title }) => title)]).toEqual([
      0,
      ["tests ended with failure", "tests ended with timed_out"],
    ]);
  });

  it("asks for so many fixes a UTC day and says what comes of it: the fourth is refused, and none pretends", async () => {
    const { hear, issues } = host({ ...SETTINGS, modes: ["issue", "pr"] });
    for (const message of ["first one", "another", "a third", "the last"]) await hear([failed(message)]);
    const said = [...issues.values()].map(({ body }) => body.split("\n").at(-3));
    expect(said.slice(0, 3)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining("asked for")));
    expect(said[3]).toContain("budget_exhausted, 3 of 3");
    vi.setSystemTime(Date.UTC(2026, 11, 1, 0, 1));
    await hear([failed("of the next day")]);
    expect([...issues.values()].at(-1)?.body).not.toContain("budget_exhausted");
  });

  it.each([
    [{ riskPolicy: { autoMerge: true } }, "with.riskPolicy.autoMerge: expected false: a person merges"],
    [{ enabeld: true }, "with: no key enabeld; there are enabled"],
    [{ modes: ["merge"] }, "with.modes: expected a list of at most 2: issue or pr"],
    [{ notify: ["everyone"] }, "with.notify: expected a list of at most 10: @name or @organization/team"],
  ])("refuses settings that it does not know: %j", (given, said) => {
    expect(() => readSettings(given)).toThrow(said);
  });

  it("tells 502 from 503, and nothing by uuids, hashes, ports and numbers", async () => {
    const key = (message: string) => normalMessage(message);
    expect(key("answered 502 for 12")).not.toBe(key("answered 503 for 12"));
    expect(key("no run 550e8400-e29b-41d4-a716-446655440000 at 4d5fcb2f, port 8080")).toBe(
      key("no run 123e4567-e89b-12d3-a456-426614174000 at 99aa00bb, port 9"),
    );
    expect(await keyOf(["a", "b"])).toMatch(/^[0-9a-f]{64}$/);
  });
});
