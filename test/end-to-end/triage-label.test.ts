import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasGitea } from "../gitea/gitea.ts";
import { needs } from "../needs.ts";
import { openGiteaHouse, type GiteaHouse } from "./forge-fixture.ts";

/** From the public door to a label that a person sets in a real Gitea, told by Gitea's own webhook. Nothing is a double. */
describe.skipIf(!needs("Gitea", hasGitea()))("a label in the private repository", { timeout: 180_000 }, () => {
  let all: GiteaHouse;
  let gitea: GiteaHouse["gitea"];
  let house: GiteaHouse["house"];

  beforeAll(async () => {
    all = await openGiteaHouse({
      repos: ["triage", "shop"],
      forge: {
        triage: { repo: "acme/triage", public_repo: "acme/shop", labels: ["crash"], promote_label: "make public" },
      },
    });
    ({ gitea, house } = all);
    await gitea.api("PATCH", "/repos/acme/triage", { private: true });
    await all.hook("triage", ["issues", "issue_label"]);
  }, 120_000);
  afterAll(() => all?.[Symbol.asyncDispose]());

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
    const wanted = (await all.issues("triage")).find(({ title }) => title.includes("Wanted"));
    const { json } = await gitea.api("POST", "/repos/acme/triage/labels", { name: "make public", color: "#ffffff" });
    const id: unknown = Reflect.get(Object(json), "id");
    await gitea.api("POST", `/repos/acme/triage/issues/${wanted?.number ?? 0}/labels`, { labels: [id] });
    await until(async () => (await all.issues("shop")).map(({ title }) => title)).toEqual([
      "WantedError in chargeCard",
    ]);
    const [made] = await all.issues("shop");
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
