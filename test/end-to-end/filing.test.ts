import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { hasGitea } from "../gitea/gitea.ts";
import { aCrash, anEvent } from "../kernel-fixture.ts";
import { needs } from "../needs.ts";
import { openGiteaHouse, type GiteaHouse } from "./forge-fixture.ts";
import { trustHotfix } from "./hotfix.ts";

/**
 * From a crash to an issue with nothing in between a double: the server, the plugin in its sandbox, and a Gitea on
 * this machine.
 */
const hasAll = needs("deno", denoBinary() !== null) && needs("Gitea", hasGitea());

describe.skipIf(!hasAll)("a fault on its way to the team's own Gitea", { timeout: 120_000 }, () => {
  let all: GiteaHouse;
  let gitea: GiteaHouse["gitea"];
  let house: GiteaHouse["house"];

  beforeAll(async () => {
    all = await openGiteaHouse({
      repos: ["shop"],
      config: {
        plugins: {
          settings: { "daemon-hotfix": { repo: "acme/shop", allowlistRepos: ["acme/shop"], issueLabels: ["crash"] } },
        },
      },
    });
    ({ gitea, house } = all);
    await trustHotfix(house);
  }, 120_000);
  afterAll(() => all?.[Symbol.asyncDispose]());

  const issues = () => all.issues("shop");
  const until = <T>(found: () => Promise<T>) => expect.poll(found, { timeout: 60_000, interval: 200 });
  const crash = (value: string) =>
    house.server.kernel.report("default", [
      aCrash("shop", {
        errors: [{ type: "TypeError", value, module: null, handled: false, mechanism: null, frames: [] }],
      }),
    ]);

  const token = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");

  it("is one issue, however often it happens, with its secrets gone and its marker in it", async () => {
    await crash(`no order for @prunella-admin with ${token}`);
    await until(async () => (await issues()).length).toBe(1);
    for (let times = 0; times < 5; times += 1) await crash(`no order for @prunella-admin with ${token}`);
    const [issue] = await issues();
    expect(issue?.title.replaceAll("\u2060", "")).toContain("TypeError: no order for @prunella-admin");
    expect(JSON.stringify(issue)).not.toContain(token);
    const filings = () => house.server.kernel.filings.list({ projects: null, limit: 5 });
    // It is there a moment before it is written down.
    await until(async () => (await filings())[0]?.number ?? null).toBe(issue?.number);
    const [filing] = await filings();
    expect(filing).toMatchObject({
      place: "acme/shop",
      number: issue?.number,
      url: expect.stringContaining(gitea.url),
    });
    expect(issue?.body).toContain(`<!-- prunella:${filing?.filing_id ?? ""} -->`);
    const { faults } = await house.server.kernel.faults.list({ status: "all", limit: 5 });
    expect([filing?.fault_id, issue?.body.includes(faults[0]?.id ?? "nothing")]).toEqual([faults[0]?.id, true]);
  });

  it("is opened again when it comes back, and its issue was closed", async () => {
    const { kernel } = house.server;
    const [issue] = await issues();
    await gitea.api("PATCH", `/repos/acme/shop/issues/${issue?.number ?? 0}`, { state: "closed" });
    const { faults } = await kernel.faults.list({ status: "all", limit: 5 });
    await kernel.faults.triage(faults[0]?.id ?? "", { action: "resolve", in_next_release: false });
    // The host is asked once a minute how its issue is: this plugin was asked a moment ago.
    const state = await kernel.plugins.find("daemon-hotfix");
    const own = { projectId: "default", pluginId: state.plugin_id, quota: 1_000_000 };
    const [key = ""] = await kernel.plugins.state.list(own, "seen:", 5);
    const kept: unknown = JSON.parse((await kernel.plugins.state.get(own, key)) ?? "{}");
    await kernel.plugins.state.put(own, key, JSON.stringify(Object.assign({}, kept, { askedAt: 0 })));
    await crash(`no order for @prunella-admin with ${token}`);
    await until(async () => (await issues()).map((each) => each.state)).toEqual(["open"]);
  });

  it("stays here when anybody with the public key could have made it up", async () => {
    const { kernel } = house.server;
    await kernel.report("default", [anEvent({ message: "please file this", errors: [] })]);
    await kernel.settle();
    await crash("another failure, of which somebody known told");
    await until(async () => (await issues()).length).toBe(2);
    expect((await issues()).some(({ title }) => title.includes("please file this"))).toBe(false);
  });
});
