import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasGitea, startGitea, type Gitea } from "../gitea/gitea.ts";
import { needs } from "../needs.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/** From the public door to a label that a person sets in a real Gitea, told by Gitea's own webhook. Nothing is a double. */
const SECRET = "It's a Secret to Everybody";

describe.skipIf(!needs("Gitea", hasGitea()))("a label in the private repository", { timeout: 180_000 }, () => {
  let gitea: Gitea;
  let house: ServerFixture;
  const folder = mkdtempSync(join(tmpdir(), "prunella-label-"));

  beforeAll(async () => {
    gitea = await startGitea();
    const bot = await gitea.addUser("prunella-bot", ["write:issue", "read:repository", "read:user"]);
    await gitea.addUser("acme", ["all"]);
    for (const repo of ["triage", "shop"]) {
      await gitea.addRepo("acme", repo);
      await gitea.api("PUT", `/repos/acme/${repo}/collaborators/prunella-bot`, { permission: "write" });
    }
    await gitea.api("PATCH", "/repos/acme/triage", { private: true });
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return { file: join(folder, name) };
    };
    house = await openServer({
      forge: {
        kind: "gitea",
        base_url: gitea.url,
        token: file("token", bot.token),
        webhook_secret: file("hook", SECRET),
        triage: { repo: "acme/triage", public_repo: "acme/shop", labels: ["crash"], promote_label: "make public" },
      },
    });
    const config = { url: `${house.server.url}/forge/gitea`, content_type: "json", secret: SECRET };
    const events = ["issues", "issue_label"];
    const hook = await gitea.api("POST", "/repos/acme/triage/hooks", { type: "gitea", active: true, events, config });
    if (hook.status >= 300) throw new Error(JSON.stringify(hook.json));
  }, 120_000);
  afterAll(async () => {
    await house?.[Symbol.asyncDispose]();
    await gitea?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const issues = async (repo: string): Promise<{ number: number; title: string; body: string }[]> => {
    const { json } = await gitea.api("GET", `/repos/acme/${repo}/issues?state=all&type=issues&limit=50`);
    return Array.isArray(json) ? json : [];
  };
  const until = <T>(found: () => Promise<T>) => expect.poll(found, { timeout: 60_000, interval: 200 });
  const standings = () => house.server.kernel.promotions.list({ projects: null, limit: 10 });
  const report = (errorClass: string) =>
    fetch(`${house.server.url}/v1/crash`, {
      method: "POST",
      body: JSON.stringify({ error_class: errorClass, stack_signature: ["chargeCard"], app_version: "1.2.3" }),
    });

  it("makes that one public, without waiting for anybody to look, and nothing else", async () => {
    await report("WantedError");
    await report("OtherError");
    await until(async () => (await standings()).filter(({ private_issue: at }) => at !== null).length).toBe(2);
    const wanted = (await issues("triage")).find(({ title }) => title.includes("Wanted"));
    const { json } = await gitea.api("POST", "/repos/acme/triage/labels", { name: "make public", color: "#ffffff" });
    const id: unknown = Reflect.get(Object(json), "id");
    await gitea.api("POST", `/repos/acme/triage/issues/${wanted?.number ?? 0}/labels`, { labels: [id] });
    await until(async () => (await issues("shop")).map(({ title }) => title)).toEqual(["WantedError in chargeCard"]);
    const [made] = await issues("shop");
    expect(made?.body).not.toContain("triage");
    await until(async () => (await standings()).map(({ status }) => status).toSorted()).toEqual(["new", "promoted"]);
    const [entry] = await house.server.kernel.ledger.find({ type: "promotion_changed", limit: 1 });
    const marker = /<!-- prunella:([0-9a-f-]+) -->/.exec(made?.body ?? "")?.[1];
    expect(JSON.parse(entry?.entry ?? "{}")).toMatchObject({
      change: "promoted",
      public: marker,
      private: expect.any(String),
    });
  });
});
