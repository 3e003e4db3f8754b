import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { commitOf, createFakehub, push, type Fakehub } from "@prunella/forge/fakehub";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prunella } from "../../packages/cli/src/cli-fixture.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

const SECRET = "It's a Secret to Everybody";
const app = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const FILE = ".github/workflows/prunella.yml";

const MANIFEST = {
  manifestVersion: 1,
  name: "far-builder",
  version: "0.1.0",
  description: "Builds as a workflow.",
  license: "Apache-2.0",
  kind: "github-workflow",
  workflow: { repository: "acme/flow", file: "prunella.yml", ref: "main" },
  engines: { prunella: ">=0.1.0" },
  namespace: "builder",
  commands: [
    {
      name: "build",
      summary: "Builds",
      risk: "write",
      input: { properties: { what: { type: "string" } }, required: ["what"] },
      uses: ["github:workflow:dispatch"],
      timeoutMs: 300_000,
    },
    { name: "quick", summary: "Has no time", risk: "write", uses: ["github:workflow:dispatch"], timeoutMs: 20_000 },
  ],
  permissions: {
    required: [{ scope: "github:workflow:dispatch", resources: ["acme/flow"], reason: "It runs there." }],
  },
};

/** The host of repositories alone is a double. */
describe("a plugin that runs as a workflow", { timeout: 180_000 }, () => {
  let root = "";
  let hub: Fakehub;
  let house: ServerFixture;
  let where: string[];
  let close = (): void => undefined;
  const run = (...typed: string[]) => prunella([...typed, ...where], { cwd: root });
  const until = <T>(found: () => T) => expect.poll(found, { timeout: 60_000, interval: 50 });
  const last = async () => (await house.server.kernel.plugins.history("default", "far-builder", 1))[0];
  const runs = () => hub.state.repos.get("acme/flow")?.runs ?? [];
  /** The run that a command becomes, and what comes of that. */
  async function started(...typed: string[]) {
    const before = runs().length;
    const done = run("builder", ...typed, "--json");
    await until(() => runs().length).toBe(before + 1);
    const [newest] = runs();
    if (newest === undefined) throw new Error("nothing runs");
    return { newest, ended: async () => JSON.parse((await done).stdout) };
  }

  async function deliver(event: string, payload: object, repo = "flow"): Promise<Response> {
    const body = JSON.stringify({
      repository: { name: repo, full_name: `acme/${repo}`, owner: { login: "acme" } },
      sender: { login: "ada", type: "User" },
      ...payload,
    });
    return fetch(`${house.server.url}/forge/github`, {
      method: "POST",
      body,
      headers: {
        "x-github-event": event,
        "x-github-delivery": randomUUID(),
        "x-hub-signature-256": `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`,
      },
    });
  }

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "prunella-workflow-"));
    hub = createFakehub({ folder: root, clock: { now: () => Date.now() } });
    hub.addRepo("acme/flow", { [FILE]: "on: workflow_dispatch" });
    hub.state.apps.push({
      id: "12",
      slug: "prunella",
      publicKey: app.publicKey,
      installationId: 7,
      permissions: { contents: "write", actions: "write" },
      repos: new Set(["acme/flow"]),
    });
    const url = await new Promise<string>((resolve) => {
      const server = serve(
        { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
        ({ port }: AddressInfo) => resolve(`http://127.0.0.1:${port}`),
      );
      close = () => void server.close();
    });
    writeFileSync(join(root, "app"), app.privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    writeFileSync(join(root, "hook"), SECRET);
    house = await openServer({
      forge: {
        base_url: url,
        app_id: "12",
        private_key: { file: join(root, "app") },
        webhook_secret: { file: join(root, "hook") },
      },
    });
    writeFileSync(join(root, "token"), house.server.token);
    where = ["--url", house.server.url, "--token-file", join(root, "token")];
    mkdirSync(join(root, "builder"));
    writeFileSync(join(root, "builder", "prunella.plugin.json"), JSON.stringify(MANIFEST));
  }, 180_000);
  afterAll(async () => {
    await house[Symbol.asyncDispose]();
    close();
    rmSync(root, { recursive: true, force: true });
  });

  it("is pinned to the commit that its ref names when it is installed, and starts nothing before it is trusted", async () => {
    expect((await run("plugin", "add", "./builder")).stderr).toBe("");
    const info = (await run("plugin", "info", "far-builder")).stdout;
    expect(info).toContain("acme/flow:prunella.yml@main");
    expect(info).toContain((await commitOf(hub, "acme/flow", "main")).slice(0, 12));
    expect(info).toContain("its code is not held to a digest");
    const refused = await run("builder", "build", "it");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("plugin trust far-builder")]);
    expect(runs()).toEqual([]);
    expect((await run("plugin", "trust", "far-builder", "--required")).code).toBe(0);
  });

  it("is done when its run ends well, shows the run's address, and gets no token", async () => {
    const { newest, ended } = await started("build", "it");
    expect(newest.inputs).toEqual({
      invocation: expect.any(String),
      command: "build",
      input: '{"what":"it"}',
      settings: "{}",
    });
    await until(async () => (await last())?.progress).toContain(`/acme/flow/actions/runs/${newest.id}`);
    expect((await last())?.state).toBe("running");
    Object.assign(newest, { status: "completed", conclusion: "success" });
    expect(await ended()).toMatchObject({
      status: "success",
      output: { run: expect.stringContaining(`/runs/${newest.id}`) },
    });
    expect(await last()).toMatchObject({
      state: "completed",
      engine: null,
      calls: [{ scope: "github:workflow:dispatch", allowed: 1, systems: ["acme/flow"] }],
    });
    expect((await run("ledger", "verify")).code).toBe(0);
  });

  it("gives what its workflow sends back, from its own repository alone", async () => {
    const { newest, ended } = await started("build", "it");
    await until(async () => (await last())?.progress).toContain("/runs/");
    const answer = (output: object) => ({
      action: "prunella-result",
      client_payload: { invocation: newest.inputs["invocation"], output },
    });
    expect((await deliver("repository_dispatch", answer({ built: "by somebody else" }), "shop")).status).toBe(202);
    expect((await deliver("repository_dispatch", answer({ built: "for ada@example.org" }))).status).toBe(202);
    expect(await ended()).toMatchObject({ status: "success", output: { built: "for [REDACTED:EMAIL]" } });
  });

  it.each([
    ["failure", "workflow"],
    ["cancelled", "workflow"],
    ["timed_out", "timeout"],
  ])("fails where its run ends %s, with its address, and is a fault", async (conclusion, category) => {
    const { newest, ended } = await started("build", "it");
    Object.assign(newest, { status: "completed", conclusion });
    expect(await ended()).toMatchObject({
      status: "failed",
      detail: expect.stringMatching(new RegExp(`The run ended ${conclusion} \\(.*/runs/${newest.id}\\)`)),
    });
    const { faults } = house.server.kernel;
    await until(async () =>
      (await faults.list({ project: "default", status: "active", limit: 50 }, ["default"], null)).faults
        .map(({ title }) => title)
        .join("\n"),
    ).toContain(`PluginError.${category}`);
  });

  it("fails where its run has not ended in its time, and says where that goes on", async () => {
    const { newest, ended } = await started("quick");
    expect(await ended()).toMatchObject({
      status: "failed",
      detail: expect.stringMatching(new RegExp(`longer than its 20 s\\. The run goes on: .*/runs/${newest.id}`)),
    });
  });

  it("is no success of another commit: not of a run that is of one, and not where the ref names one by now", async () => {
    const { newest, ended } = await started("build", "it");
    await until(async () => (await last())?.progress).toContain("/runs/");
    // As where the branch moves between our look at it and the host's: the run is of what came then.
    const headSha = await push(hub, "acme/flow", "main", { [FILE]: "on: [workflow_dispatch, push]" });
    Object.assign(newest, { status: "completed", conclusion: "success", headSha });
    expect(await ended()).toMatchObject({ status: "failed", detail: expect.stringContaining("another commit") });

    const before = runs().length;
    const moved = await run("builder", "build", "it");
    expect([moved.code, moved.stderr]).toEqual([1, expect.stringContaining("plugin update far-builder")]);
    expect(await last()).toMatchObject({ state: "blocked", refusal: "artifact_changed", audit_log_id: null });
    expect(runs()).toHaveLength(before);
    // The new commit is another version, which nobody trusts.
    expect((await run("plugin", "update", "far-builder")).code).toBe(0);
    expect((await run("builder", "build", "it")).stderr).toContain("plugin trust far-builder");
    expect(runs()).toHaveLength(before);
  });
});
