import { PROMOTE_ISSUE } from "@prunella/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella, type Ended } from "../../packages/cli/src/cli-fixture.ts";
import { openHubHouse, type HubHouse } from "./forge-fixture.ts";

/** The public door, the server, the command; the host of repositories alone is a double. */
const REPORTS = 10_000;
const FAULTS = 8;
const TOKEN = ["github", "_pat_", "z".repeat(22)].join("");

describe("anonymous reports on their way to the public", { timeout: 300_000 }, () => {
  let all: HubHouse;
  let hub: HubHouse["hub"];
  let house: HubHouse["house"];

  beforeAll(async () => {
    const repos = ["acme/triage", "acme/shop"];
    all = await openHubHouse({
      repos,
      isPrivate: (name) => name === "acme/triage",
      forge: ({ state }, secret) => {
        const expiresAt = Date.now() + 24 * 3_600_000;
        state.tokens.set(TOKEN, { login: "ada", repos: new Set(repos), permissions: { issues: "write" }, expiresAt });
        return {
          token: secret("token", TOKEN),
          triage: { repo: "acme/triage", public_repo: "acme/shop", internal_names: ["billing"] },
        };
      },
      config: { crash_reports: { per_address_per_minute: 100_000, per_project_per_minute: 100_000 } },
    });
    ({ hub, house } = all);
  });
  afterAll(() => all?.[Symbol.asyncDispose]());

  const issuesOf = (name: string) => hub.state.repos.get(name)?.issues ?? [];
  const until = (found: () => unknown) => expect.poll(found, { timeout: 200_000, interval: 200 });
  const stats = () => house.server.kernel.promotions.list({ projects: ["anonymous"], limit: 100 });
  const command = (...args: string[]): Promise<Ended> => prunella([...args, "--data", house.folder]);

  it("10,000 forged reports make private issues, a handful of questions, and nothing public", async () => {
    const report = (nth: number) =>
      fetch(`${house.server.url}/v1/crash`, {
        method: "POST",
        body: JSON.stringify({
          error_class: `Forged${nth % FAULTS}Error`,
          stack_signature: ["@acme/billing.charge", `pay${nth % FAULTS}`],
          project_id_hash: (nth % 500).toString(16).padStart(64, "0"),
          app_version: "1.2.3",
        }),
      }).then((answer) => answer.status);
    const answers = new Set<number>();
    for (let at = 0; at < REPORTS; at += 50)
      for (const status of await Promise.all(Array.from({ length: 50 }, (_, nth) => report(at + nth))))
        answers.add(status);
    expect(answers).toEqual(new Set([202]));
    await until(() => issuesOf("acme/triage").length).toBe(FAULTS);
    const open = async () => (await house.server.kernel.escalations.list("open")).escalations;
    await until(async () => (await open()).length).toBe(5);
    // Many of them are kept back at the door; what is kept is far beyond what asks.
    expect((await stats()).every(({ events, senders }) => events >= 10 && senders >= 3)).toBe(true);
    expect(
      (await open()).every(
        ({ asker, default_decision }) => asker === PROMOTE_ISSUE && default_decision === "keep_private",
      ),
    ).toBe(true);
    expect(issuesOf("acme/shop")).toEqual([]);
    expect((await stats()).map(({ public_issue }) => public_issue)).toEqual(Array.from({ length: FAULTS }, () => null));
  });

  it("shows what would be sent, sends nothing without a yes, and exactly that with one", async () => {
    const [row] = await stats();
    const id = row?.fault_id ?? "";
    const list = await command("promote");
    expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining("Forged") });
    const shown = await command("promote", id);
    expect(shown).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing was sent") });
    expect(issuesOf("acme/shop")).toEqual([]);
    const sent = await command("promote", id, "--yes");
    expect([sent.code, sent.stderr]).toEqual([0, ""]);
    const [issue] = issuesOf("acme/shop");
    const [, ...lines] = (issue?.body ?? "").split("\n");
    for (const line of [issue?.title ?? "nothing", ...lines]) expect(shown.stdout).toContain(line);
    for (const word of ["billing", "triage", id]) expect(`${issue?.title} ${issue?.body}`).not.toContain(word);
    expect(await command("promote", id, "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("public already"),
    });
    expect(issuesOf("acme/shop")).toHaveLength(1);
  });

  it("names what was filed by what failed, and says that its host is a double", async () => {
    const { stdout } = await command("issues");
    expect(stdout).toMatch(/^ISSUE +PROJECT +FILED +ABOUT +URL$/m);
    expect(stdout).toMatch(/acme\/triage#\d+ .* Forged\dError/);
    const checked = await command("forge", "check");
    expect(checked.stdout).toContain("a double of github, not the real one, at http://127.0.0.1:");
    expect(checked.stdout).toContain("the host does not say what it may do");
  });

  it("keeps private what a person refuses", async () => {
    const row = (await stats()).find(({ status }) => status !== "promoted");
    const id = row?.fault_id ?? "";
    expect(await command("promote", id, "--refuse")).toMatchObject({ code: 0 });
    expect(await command("promote", id, "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("would not have it public"),
    });
    const told: unknown = JSON.parse((await command("promote", "--json")).stdout);
    expect(JSON.stringify(told)).toContain(id);
    expect(issuesOf("acme/shop")).toHaveLength(1);
  });

  it("says how it stands to who is signed in, and to nobody else, and its token to nobody", async () => {
    expect((await fetch(`${house.server.url}/v1/crash/stats`)).status).toBe(401);
    expect((await fetch(`${house.server.url}/v1/crash/promote`, { method: "POST", body: "{}" })).status).toBe(401);
    const said = await (await house.api("/crash/stats")).text();
    expect(said).toContain('"private_issue":{"place":"acme/triage"');
    expect(said).not.toContain(TOKEN);
    expect(house.written().includes(TOKEN)).toBe(false);
    expect((await house.server.kernel.ledger.find({ limit: 500 })).some(({ entry }) => entry.includes("acme"))).toBe(
      false,
    );
  });
});
