import { createHmac, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ForgeCheck } from "@prunella/contract";
import { setUpGitea } from "@prunella/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { hasGitea } from "../gitea/gitea.ts";
import { registerRunner } from "../gitea/runner.ts";
import { needs } from "../needs.ts";
import { HOOK_SECRET as SECRET, openGiteaHouse, type GiteaHouse } from "./forge-fixture.ts";
import { trustHotfix } from "./hotfix.ts";

/** From a workflow that fails in a real Gitea, by Gitea's own webhook, to a fault and an issue there. */
const hasAll = needs("deno", denoBinary() !== null) && needs("Gitea", hasGitea());
const workflowOf = (name: string) =>
  `name: ${name}\non: workflow_dispatch\njobs:\n  build:\n    runs-on: anywhere\n    steps:\n      - run: "false"\n`;

describe.skipIf(!hasAll)("a workflow that fails in the team's own Gitea", { timeout: 120_000 }, () => {
  let all: GiteaHouse;
  let gitea: GiteaHouse["gitea"];
  let house: GiteaHouse["house"];
  let folder: string;
  let runner: Awaited<ReturnType<typeof registerRunner>>;

  beforeAll(async () => {
    all = await openGiteaHouse({
      repos: ["shop", "other"],
      forge: { watched: { repos: ["acme/shop"] } },
      config: {
        plugins: {
          settings: { "daemon-hotfix": { allowlistRepos: ["acme/shop"], allowWorkflowEvents: true } },
        },
      },
    });
    ({ gitea, house, folder } = all);
    await trustHotfix(house);
    runner = await registerRunner(gitea);
    for (const repo of ["shop", "other"]) await all.hook(repo, ["workflow_run", "push", "issues", "issue_comment"]);
  }, 120_000);
  afterAll(() => all?.[Symbol.asyncDispose]());

  const until = <T>(found: () => Promise<T>) => expect.poll(found, { timeout: 60_000, interval: 200 });
  const faults = async () => (await house.server.kernel.faults.list({ status: "all", limit: 20 })).faults;
  const issues = (repo = "shop") => all.issues(repo);
  /** Sets a workflow off, and has it end so. */
  async function runs(repo: string, result: "failure" | "success", name = "build", ref = "main"): Promise<void> {
    const path = `.gitea/workflows/${name}.yml`;
    const content = Buffer.from(workflowOf(name)).toString("base64");
    const there = await gitea.api("GET", `/repos/acme/${repo}/contents/${path}`);
    if (there.status === 404)
      await must("POST", `/repos/acme/${repo}/contents/${path}`, { branch: "main", message: "A workflow", content });
    await must("POST", `/repos/acme/${repo}/actions/workflows/${name}.yml/dispatches`, { ref });
    await runner.endNext(result);
  }
  async function must(method: string, path: string, body: object): Promise<void> {
    const { status, json } = await gitea.api(method, path, body);
    if (status >= 300) throw new Error(`${path} was answered ${status}: ${JSON.stringify(json)}`);
  }

  it("is a fault and one issue there, and one that went well is nothing", async () => {
    await runs("shop", "failure");
    await until(async () => (await faults()).length).toBe(1);
    const [fault] = await faults();
    expect(fault?.title).toContain("ended with failure");
    await until(async () => (await issues()).length).toBe(1);
    const [issue] = await issues();
    expect(issue?.title).toContain("ended with failure");
    expect(issue?.body).toContain("workflow ");
  });

  it("is nothing in a repository that is not watched, on a branch of ours, or where it went well", async () => {
    await runs("other", "failure");
    await runs("shop", "success");
    await must("POST", "/repos/acme/shop/branches", { new_branch_name: "prunella/fix", old_ref_name: "main" });
    await runs("shop", "failure", "build", "prunella/fix");
    // What came later was heard of: so were those before it.
    await runs("shop", "failure", "last");
    await until(async () => (await faults()).length).toBe(2);
    await until(async () => (await issues()).length).toBe(2);
    expect(await issues("other")).toEqual([]);
    const titles = (await faults()).map(({ title }) => title);
    expect(titles.filter((title) => title.includes("last"))).toHaveLength(1);
    expect((await faults()).map(({ count }) => count)).toEqual([1, 1]);
  });

  const deliver = (body: string, { id = randomUUID(), secret = SECRET } = {}) =>
    fetch(`${house.server.url}/forge/gitea`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        "x-gitea-event": "workflow_run",
        "x-gitea-delivery": id,
        "x-gitea-signature": createHmac("sha256", secret).update(body).digest("hex"),
      },
    });
  const payload = (name: string, more: object = {}) =>
    JSON.stringify({
      action: "completed",
      repository: { name: "shop", full_name: "acme/shop", owner: { login: "acme" } },
      sender: { login: "acme" },
      workflow_run: { path: `${name}.yml@refs/heads/main`, conclusion: "failure", head_branch: "main", ...more },
    });

  it("is believed by its signature alone, and once, under whatever id it comes again", async () => {
    const body = payload("forged");
    expect((await deliver(body, { secret: "another" })).status).toBe(401);
    const before = (await faults()).length;
    const id = randomUUID();
    expect(await (await deliver(payload("told"), { id })).json()).toEqual({ ok: true });
    expect(await (await deliver(payload("told"), { id })).json()).toEqual({ ok: true, seen: true });
    expect(await (await deliver(payload("told"))).json()).toEqual({ ok: true, seen: true });
    await until(async () => (await faults()).length).toBe(before + 1);
    expect((await faults()).map(({ title, count }) => [title.includes("forged"), count])).not.toContainEqual([true, 1]);
  });

  it("is not answered by us to ourselves: what our own user did sets nothing off", async () => {
    const before = (await faults()).length;
    await deliver(payload("by-us", { actor: { login: "Prunella-Bot" } }));
    await deliver(payload("by-text", { display_title: "Fix <!-- prunella:1 -->" }));
    await deliver(payload("by-a-person"));
    await until(async () => (await faults()).length).toBe(before + 1);
    expect((await faults()).filter(({ title }) => /by-(?:us|text)/.test(title))).toEqual([]);
  });

  it("is told of a host that is as it should be, and of one whose token may more", async () => {
    const look = async () => {
      const answer = await house.api("/forge");
      if (!answer.ok) throw new Error(await answer.text());
      return ForgeCheck.parse(Reflect.get(Object(await answer.json()), "forge"));
    };
    await until(async () => (await look()).backlog.waiting).toBe(0);
    expect(await look()).toMatchObject({
      kind: "gitea",
      version: expect.any(String),
      identities: [{ role: "triage", login: "prunella-bot" }],
      webhook: { expected: `${house.server.url}/forge/gitea`, last_at: expect.any(Number) },
      problems: [],
    });
    const broad = await gitea.addUser("broad-bot", ["all"]);
    const token = readFileSync(join(folder, "token"), "utf8");
    writeFileSync(join(folder, "token"), broad.token);
    const found = await look();
    expect(found.identities[0]?.login).toBe("broad-bot");
    expect(found.problems.join(" ")).toContain("more than");
    const narrow = await gitea.addUser("narrow-bot", ["read:issue", "read:user"]);
    writeFileSync(join(folder, "token"), narrow.token);
    expect((await look()).problems).toEqual([
      "triage lacks issue: write. Grant it at the host.",
      "triage lacks repository: read. Grant it at the host.",
    ]);
    writeFileSync(join(folder, "token"), token);
  });

  it("is set up by a token with exactly what is needed, and with no other", async () => {
    const setUp = (token: string) =>
      setUpGitea({
        url: gitea.url,
        tokenFile: "gitea.token",
        secretFile: join(folder, "made.secret"),
        publicUrl: "https://prunella.example.com",
        places: { environment: {}, read: () => token },
      });
    const token = async (name: string, ...scopes: string[]) => (await gitea.addUser(name, scopes)).token;
    expect(await setUp(await token("right", "write:issue", "read:repository", "read:user"))).toMatchObject({
      login: "right",
      config: { kind: "gitea", token: { file: "gitea.token" } },
      written: [join(folder, "made.secret")],
    });
    for (const scopes of [["all"], ["write:issue", "write:repository", "read:user"], ["read:issue", "read:user"]])
      await expect(
        setUp(await token(`wrong-${scopes.length}-${scopes[0]?.replace(":", "-") ?? ""}`, ...scopes)),
      ).rejects.toThrow("permissions are not those that are needed");
  });

  it("is believed by the secret as it stands now, without a restart", async () => {
    const next = "another secret, as long as it needs to be";
    writeFileSync(join(folder, "hook"), next);
    expect((await deliver(payload("after"))).status).toBe(401);
    expect((await deliver(payload("after"), { secret: next })).status).toBe(202);
    writeFileSync(join(folder, "hook"), SECRET);
  });
});
