import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { createGitea, createGithub, type Forge } from "@prunella/forge";
import { createFakehub, createFaults } from "@prunella/forge/fakehub";
import { PROMOTE_ISSUE, TRIAGE_GRANT, TRIAGE_ISSUE, type Engine } from "@prunella/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIssuePort } from "../../packages/server/src/forge/issue-port.ts";
import { ENGINES } from "../engines.ts";
import { hasGitea, startGitea, type Gitea } from "../gitea/gitea.ts";
import { anEvent, openKernel, testClock, timePasses } from "../kernel-fixture.ts";
import { verifyRows } from "../ledger-rows.ts";
import { needs } from "../needs.ts";

/** From a report to a public issue and its end, at a host of repositories: the real Gitea, and a double of GitHub. */
interface Filed {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}
interface Host {
  readonly forge: Forge;
  /** Names of the two repositories, new for each test. */
  readonly repo: string;
  readonly open: string;
  issues(repo: string): Promise<readonly Filed[]>;
  comments(repo: string, issue: number): Promise<readonly string[]>;
  /** Somebody who was let in. */
  label(repo: string, issue: number, label: string): Promise<void>;
  /** The next request that makes an issue is carried out, and its answer is lost. */
  loseNextAnswer(): void;
}

const LABEL = "promote";
const HOUR_MS = 3_600_000;
/** Whoever sends this wants it to call, link and hide. */
const HOSTILE = [
  "@prunella-admin",
  "#1",
  "<!-- prunella:x -->",
  "``` @prunella-admin",
  "<b>bold</b>",
  "@acme/billing.charge",
  "chargeCard",
];

const TOKEN = ["github", "_pat_", "y".repeat(22)].join("");
const hubs = mkdtempSync(join(tmpdir(), "prunella-triage-"));
let made = 0;

async function aFakehub(): Promise<Host> {
  const folder = mkdtempSync(join(hubs, "hub-"));
  const faults = createFaults();
  const clock = { now: () => Date.now() };
  const hub = createFakehub({ folder, clock, faults });
  const repos = ["acme/triage", "acme/shop"];
  for (const name of repos) hub.addRepo(name, { "README.md": "# A repository\n" }).isPrivate = name === "acme/triage";
  const expiresAt = Date.now() + 24 * HOUR_MS;
  hub.state.tokens.set(TOKEN, { login: "ada", repos: new Set(repos), permissions: { issues: "write" }, expiresAt });
  const of = (name: string) => {
    const found = hub.state.repos.get(name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return {
    forge: createGithub({
      baseUrl: "http://fakehub.invalid",
      credentials: () => ({ token: TOKEN, expiresAt }),
      fetch: (input, init) => hub.fetch(new Request(input, init)),
      clock,
    }),
    repo: "acme/triage",
    open: "acme/shop",
    issues: async (name) => of(name).issues,
    comments: async (name, issue) =>
      of(name)
        .comments.filter(({ on }) => on === `issue:${issue}`)
        .map(({ body }) => body),
    async label(name, issue, label) {
      of(name)
        .issues.find(({ number }) => number === issue)
        ?.labels.push(label);
    },
    loseNextAnswer: () => faults.add("lost_answer", { method: "post", path: /\/issues$/ }),
  };
}

async function aGitea(gitea: Gitea, token: string): Promise<Host> {
  const [repo, open] = [`triage-${(made += 1)}`, `shop-${made}`];
  for (const name of [repo, open]) {
    await gitea.addRepo("acme", name);
    await gitea.api("PUT", `/repos/acme/${name}/collaborators/prunella-bot`, { permission: "write" });
  }
  await gitea.api("PATCH", `/repos/acme/${repo}`, { private: true });
  let isLost = false;
  const list = async (path: string): Promise<Filed[]> => {
    const { json } = await gitea.api("GET", path);
    if (!Array.isArray(json)) throw new Error("the host gave no list");
    return json.map(({ number, title, body }: Filed) => ({ number, title, body }));
  };
  return {
    forge: createGitea({
      url: gitea.url,
      token: () => token,
      async fetch(input, init) {
        const answer = await fetch(input, init);
        if (!isLost || init?.method !== "POST" || !new Request(input).url.endsWith("/issues")) return answer;
        isLost = false;
        throw new TypeError("The connection ended before the answer.");
      },
    }),
    repo: `acme/${repo}`,
    open: `acme/${open}`,
    issues: (name) => list(`/repos/${name}/issues?state=all&type=issues&limit=50`),
    comments: async (name, issue) => (await list(`/repos/${name}/issues/${issue}/comments`)).map(({ body }) => body),
    async label(name, issue, label) {
      const { json } = await gitea.api("POST", `/repos/${name}/labels`, { name: label, color: "#ffffff" });
      const id: unknown = Reflect.get(Object(json), "id");
      await gitea.api("POST", `/repos/${name}/issues/${issue}/labels`, { labels: [id] });
    },
    loseNextAnswer: () => void (isLost = true),
  };
}

let gitea: Gitea | null = null;
let bot = "";
beforeAll(async () => {
  if (!hasGitea()) return;
  gitea = await startGitea();
  bot = (await gitea.addUser("prunella-bot", ["write:issue", "read:repository", "read:user"])).token;
  await gitea.addUser("acme", ["all"]);
}, 120_000);
afterAll(async () => {
  rmSync(hubs, { recursive: true, force: true });
  await gitea?.[Symbol.asyncDispose]();
});

const HOSTS = [
  { host: "a double of GitHub", isThere: true, begin: aFakehub },
  {
    host: "the real Gitea",
    isThere: needs("Gitea", hasGitea()),
    async begin() {
      if (gitea === null) throw new Error("no Gitea");
      return aGitea(gitea, bot);
    },
  },
];

const CASES = HOSTS.flatMap((host) => ENGINES.map((engine) => ({ ...host, ...engine })));

describe.each(CASES)("triage at $host, on $name", { timeout: 120_000 }, ({ isThere, isMissing, begin, open }) => {
  const test = it.skipIf(!isThere || isMissing);

  async function house(host: Host, engine: Engine, clock = testClock(Date.now())) {
    const forge = {
      kind: "gitea",
      base_url: "https://git.example.com",
      token: { env: "TOKEN" },
      webhook_secret: { env: "SECRET" },
      triage: { repo: host.repo, public_repo: host.open, projects: ["default"], internal_names: ["billing"] },
    };
    const settings = Config.parse({ forge }).forge?.triage;
    if (settings == null) throw new Error("no triage");
    const kernel = await openKernel(engine, clock, 50_000, undefined, undefined, {
      issuing: { settings, port: createIssuePort(host.forge) },
    });
    const grant = {
      id: TRIAGE_GRANT,
      project_id: "default",
      actions: [TRIAGE_ISSUE, PROMOTE_ISSUE],
      targets: ["issue:private/*", "issue:public/*"],
      budgets: [{ scope: "target" as const, max: 12, window_ms: HOUR_MS }],
      ceilings: [{ scope: "target" as const, max: 1 }],
      expires_at: null,
    };
    await kernel.callers.set([{ grant, key: null }]);
    const until = (holds: () => Promise<boolean>, stepMs = 500): Promise<void> =>
      expect
        .poll(
          async () => {
            clock.advance(stepMs);
            await kernel.settle();
            return holds();
          },
          { timeout: 60_000, interval: 20 },
        )
        .toBe(true);
    const first = async () => {
      const [row] = await kernel.promotions.list({ projects: null, limit: 1 });
      if (row === undefined) throw new Error("nothing is triaged");
      return row;
    };
    return { kernel, clock, until, first, [Symbol.asyncDispose]: () => kernel.close() };
  }

  const report = (sender: number, functions: readonly string[] = HOSTILE) =>
    anEvent({
      context: { user: { id: `sender-${sender}` } },
      errors: [
        {
          type: "TypeError",
          value: "secret text of a message",
          module: null,
          handled: false,
          mechanism: null,
          frames: functions.map((name) => ({
            function: name,
            module: null,
            filename: "/srv/acme/pay.js",
            line: 1,
            column: 1,
            in_app: true,
            context_line: null,
            pre_context: [],
            post_context: [],
          })),
        },
      ],
    });

  test("leads from a report by a label to a public issue, once, and to the word that it is fixed", async () => {
    await using store = await open();
    const host = await begin();
    await using all = await house(host, store.engine);
    await all.kernel.report("default", [report(1)]);
    await all.until(async () => (await host.issues(host.repo)).length === 1);
    await all.until(async () => (await all.first()).private_issue !== null);
    await host.label(host.repo, 1, LABEL);
    await all.kernel.promotions.askForLabels();
    await all.until(async () => (await all.first()).status === "promoted");
    const [issue] = await host.issues(host.open);
    const text = `${issue?.title} ${issue?.body}`;
    expect(text).toContain("chargeCard");
    const [name = ""] = host.repo.split("/").slice(1);
    for (const word of ["billing", name, "secret text", "/srv", (await all.first()).fault_id])
      expect(text).not.toContain(word);

    const { fault_id: id } = await all.first();
    await all.kernel.promotions.say(id, { do: "fixed", release: "shop@2.0.0", pull: null });
    const other = { ...report(2, ["another"]), release: "shop@2.0.0", at: all.clock.now() };
    await all.kernel.report("default", [other]);
    await all.until(async () => (await host.issues(host.repo)).length === 2);
    await all.until(async () => (await all.kernel.promotions.read(id)).standing?.status === "fixed", 6 * HOUR_MS);
    expect(await host.comments(host.open, 1)).toEqual([expect.stringContaining("version 2.0.0")]);
    expect(await host.issues(host.open)).toHaveLength(1);
    expect(await verifyRows(store.engine)).toEqual([]);
  });

  test("is one issue in each place, though answers were lost and the server ended in between", async () => {
    await using store = await open();
    const host = await begin();
    const clock = testClock(Date.now());
    {
      await using all = await house(host, store.engine, clock);
      host.loseNextAnswer();
      await all.kernel.report("default", [report(1)]);
      await all.until(async () => (await host.issues(host.repo)).length === 1);
    }
    clock.advance(5 * 60_000);
    await using all = await house(host, await store.again(), clock);
    await all.until(async () => (await all.first()).private_issue !== null, 5_000);
    host.loseNextAnswer();
    const { fault_id: id } = await all.first();
    const said = all.kernel.promotions.say(id, { do: "promote", sha256: null });
    await all.until(async () => (await all.first()).status === "promoted");
    expect(await timePasses(clock, 500, said)).toMatchObject({ verdict: "done" });
    for (let at = 0; at < 5; at += 1) {
      clock.advance(61_000);
      await all.kernel.settle();
    }
    expect([(await host.issues(host.repo)).length, (await host.issues(host.open)).length]).toEqual([1, 1]);
  });

  test("calls, links and hides nothing of what strangers wrote", async () => {
    await using store = await open();
    const host = await begin();
    await using all = await house(host, store.engine);
    await all.kernel.report("default", [report(1)]);
    await all.until(async () => (await all.first()).private_issue !== null);
    const { fault_id: id } = await all.first();
    const said = all.kernel.promotions.say(id, { do: "promote", sha256: null });
    await all.until(async () => (await all.first()).status === "promoted");
    await timePasses(all.clock, 500, said);
    for (const { body } of [...(await host.issues(host.repo)), ...(await host.issues(host.open))])
      expect(body.match(/<!--\s*prunella:/g)).toHaveLength(1);
    if (gitea === null || host.forge.kind !== "gitea") return;
    const page = await gitea.page(`/${host.open}/issues/1`);
    const shown = page.slice(page.indexOf("render-content"));
    expect(shown).toContain("chargeCard");
    for (const live of ['href="/prunella-admin"', `href="/${host.open}/issues/1" class="ref-issue"`, "<b>bold"])
      expect(shown).not.toContain(live);
  });
});
