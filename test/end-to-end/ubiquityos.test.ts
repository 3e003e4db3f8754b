import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createFakehub, push, textOf, type Fakehub } from "@prunella/forge/fakehub";
import { createPlugin } from "@ubiquity-os/plugin-sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { denoBinary } from "../../packages/server/src/platform/sandbox/binaries.ts";
import { needs } from "../needs.ts";
import { openServer, type ServerFixture } from "./server-fixture.ts";

/**
 * The whole way, with the forge alone a double: a signed delivery comes in, the configuration and the manifests are
 * read from the forge, plugins built on the dialect's own kit are asked, and what fails becomes a fault.
 */
const hasDeno = needs("deno", denoBinary() !== null);
const SECRET = "It's a Secret to Everybody";
const app = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const signing = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = (key: typeof app.privateKey) => key.export({ type: "pkcs8", format: "pem" }).toString();

const seen: { plugin: string; event: string; token: string; proof: string | undefined }[] = [];
let house: ServerFixture;
let kernel: ServerFixture["server"]["kernel"];
let hub: Fakehub;
let folder: string;
const closing: (() => void)[] = [];
const urls: Record<string, string> = {};

function worker(name: string, listens: string[], does: () => Record<string, unknown>): Promise<void> {
  const manifest = {
    name,
    short_name: `acme/${name}@main`,
    "ubiquity:listeners": listens,
    commands: { [name]: { description: name, "ubiquity:example": `/${name}` } },
  };
  const plugin = createPlugin(
    ({ eventName, authToken, ubiquityKernelToken }) => {
      seen.push({ plugin: name, event: eventName, token: authToken, proof: ubiquityKernelToken });
      return Promise.resolve(does());
    },
    JSON.parse(JSON.stringify(manifest)),
    {
      kernelPublicKey: signing.publicKey.export({ type: "spki", format: "pem" }).toString(),
      postCommentOnError: false,
    },
  );
  return new Promise((resolve) => {
    const server = serve(
      { fetch: plugin.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) => {
        urls[name] = `http://127.0.0.1:${port}`;
        resolve();
      },
    );
    closing.push(() => server.close());
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "prunella-forge-"));
  await worker("greeter", ["issues.opened"], () => ({ greeted: true }));
  await worker("breaker", ["issues.opened"], () => {
    throw new Error("no greeting today");
  });
  await worker("hotfix", ["kernel.plugin_error"], () => ({}));
  hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  const plugins = [...Object.values(urls), "acme/flow"].map((id) => `  ${id}:`).join("\n");
  const settings =
    'enabled: true\n      modes: ["issue", "pr"]\n      riskPolicy: { autoMerge: false, maxAutofixPerDay: 3 }';
  const block = `  acme-marketplace/own-hotfix:\n    with:\n      ${settings}\n`;
  const filing = `${settings}\n      issueLabels: ["bug"]\n      notify: ["@team-bot"]\n      allowlistRepos: ["acme/shop"]`;
  const filer = `  acme-marketplace/daemon-hotfix:\n    with:\n      ${filing}\n`;
  hub.addRepo("acme/shop", { ".github/.ubiquity-os.config.yml": `plugins:\n${plugins}\n${block}${filer}` });
  hub.addRepo("acme/flow", {
    "manifest.json": JSON.stringify({ name: "flow", "ubiquity:listeners": ["issues.closed"] }),
    ".github/workflows/compute.yml": "on: workflow_dispatch",
  });
  hub.state.apps.push({
    id: "12",
    slug: "prunella",
    publicKey: app.publicKey,
    installationId: 7,
    permissions: { contents: "write", actions: "write", issues: "write" },
    repos: new Set(["acme/shop", "acme/flow"]),
  });
  const forge = await new Promise<string>((resolve) => {
    const server = serve(
      { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) => resolve(`http://127.0.0.1:${port}`),
    );
    closing.push(() => server.close());
  });
  const files = { app: pem(app.privateKey), signing: pem(signing.privateKey), hook: SECRET };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const file = (name: string) => ({ file: join(folder, name) });
  house = await openServer(
    {
      forge: { base_url: forge, app_id: "12", private_key: file("app"), webhook_secret: file("hook") },
      ubiquityos: {
        allow_local_workers: true,
        kernel_repo: "acme/kernel",
        signing_key: file("signing"),
        aliases: {
          "acme-marketplace/own-hotfix": "own-hotfix",
          "acme-marketplace/daemon-hotfix": "daemon-hotfix",
        },
      },
    },
    { log: { info() {}, warn: (message) => console.warn(message) } },
  );
  ({ kernel } = house.server);
});

afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  for (const close of closing) close();
  rmSync(folder, { recursive: true, force: true });
});

const repository = { name: "shop", full_name: "acme/shop", owner: { login: "acme" } };
const sender = { login: "ada", type: "User" };

async function deliver(
  event: string,
  payload: object,
  given: { id?: string; secret?: string } = {},
): Promise<Response> {
  const body = JSON.stringify({ repository, sender, ...payload });
  return fetch(`${house.server.url}/forge/github`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": given.id ?? randomUUID(),
      "x-hub-signature-256": `sha256=${createHmac("sha256", given.secret ?? SECRET)
        .update(body)
        .digest("hex")}`,
    },
  });
}

/** Machines that build are slow. */
const until = <T>(found: () => T) => expect.poll(found, { timeout: 60_000, interval: 100 });

const opened = { action: "opened", issue: { number: 3 } };

const faults = async () => (await kernel.faults.list({ project: "default", status: "all", limit: 10 })).faults;

/** As `prunella plugin trust <name> --required` does. */
async function trust(name: string) {
  const { asked } = await kernel.plugins.read("default", name);
  const wanted = asked.filter(({ required }) => required).map(({ scope, resources }) => ({ scope, resources }));
  await kernel.plugins.grant(
    { projectId: "default", name, wanted, reason: "It is ours.", expiresAt: null },
    { kind: "person", id: "operator" },
  );
}
const nameOf = (plugin: string) => (urls[plugin] ?? "").replace("http://", "").replaceAll(/[.:]/g, "-");

const refresh = (token: string, proof: string) =>
  fetch(`${house.server.url}/forge/ubiquityos/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "x-ubiquity-kernel-token": proof },
  });

it("believes nobody without the host's signature, and takes nothing that is no delivery", async () => {
  expect((await deliver("issues", opened, { secret: "another" })).status).toBe(401);
  expect((await deliver("Issues!", opened)).status).toBe(400);
  const unsigned = await fetch(`${house.server.url}/forge/github`, { method: "POST", body: "{}" });
  expect(unsigned.status).toBe(401);
  expect(seen).toEqual([]);
});

it("installs what a configuration names and grants it nothing: no plugin is asked before somebody trusts it", async () => {
  expect((await deliver("issues", opened)).status).toBe(202);
  await until(async () => (await kernel.plugins.list("default")).length).toBe(2);
  const listed = await kernel.plugins.list("default");
  expect(listed.map(({ name, kind, standing }) => [name, kind, standing]).toSorted()).toEqual(
    [nameOf("greeter"), nameOf("breaker")].toSorted().map((name) => [name, "http", "waiting"]),
  );
  await until(() => kernel.plugins.history("default", nameOf("greeter"), 10)).toMatchObject([
    { state: "blocked", refusal: "not_granted", audit_log_id: null },
  ]);
  expect(seen).toEqual([]);
});

it("asks each that is trusted, with a token of that repository alone, and each delivery once", async () => {
  for (const name of ["greeter", "breaker"]) await trust(nameOf(name));
  const id = randomUUID();
  await deliver("issues", opened, { id });
  await until(() => seen.map(({ plugin }) => plugin).toSorted()).toEqual(["breaker", "greeter"]);
  expect(await (await deliver("issues", opened, { id })).json()).toEqual({ ok: true, seen: true });
  await until(async () => (await kernel.plugins.history("default", nameOf("greeter"), 10))[0]?.state).toBe("completed");
  expect(seen).toHaveLength(2);
  const token = hub.state.tokens.get(seen[0]?.token ?? "");
  expect([[...(token?.repos ?? [])], token?.permissions]).toEqual([["acme/shop"], { metadata: "read" }]);
});

it("makes a fault of what failed, and keeps no token of it", async () => {
  await until(async () => (await faults()).length).toBe(1);
  const [fault] = await faults();
  expect(fault).toMatchObject({ title: expect.stringContaining("HTTP 500") });
  const tokens = [...hub.state.tokens.keys()];
  const written = house.written().toString("latin1");
  for (const secret of [...tokens, ...seen.map(({ proof }) => proof ?? "-none-")])
    expect(written).not.toContain(secret);
});

it("starts a workflow at its commit, shows its run, and believes an answer of its own repository alone", async () => {
  await deliver("issues", { ...opened, action: "closed" });
  await until(async () => (await kernel.plugins.list("default")).some(({ name }) => name === "acme-flow")).toBe(true);
  await trust("acme-flow");
  await deliver("issues", { ...opened, action: "closed" });
  const flow = () => hub.state.repos.get("acme/flow");
  await until(() => flow()?.runs.length).toBe(1);
  const [run] = flow()?.runs ?? [];
  expect(run?.inputs).toMatchObject({ eventName: "issues.closed", ref: expect.stringMatching(/^[0-9a-f]{40}$/) });
  await until(async () => (await kernel.plugins.history("default", "acme-flow", 1))[0]?.progress).toContain(
    "/acme/flow/actions/runs/",
  );
  // It works long: for its proof it gets a new token, and nobody gets one for anything else.
  const [token = "", proof = ""] = [run?.inputs["authToken"], run?.inputs["ubiquityKernelToken"]];
  const renewed = await refresh(token, proof);
  expect(renewed.status).toBe(200);
  expect(await renewed.json()).toMatchObject({
    authToken: expect.not.stringMatching(token),
    expiresAt: expect.any(String),
  });
  const [ended] = seen;
  for (const [shown, with_] of [
    ["made-up", proof],
    [token, "a.b.c"],
    [ended?.token ?? "", ended?.proof ?? ""],
  ] as const)
    expect((await refresh(shown, with_)).status).toBe(401);
  const answer = {
    client_payload: { state_id: run?.inputs["stateId"], output: null },
    action: "return-data-to-ubiquity-os-kernel",
  };
  await deliver("repository_dispatch", answer);
  expect((await kernel.plugins.history("default", "acme-flow", 1))[0]?.state).toBe("running");
  await deliver("repository_dispatch", {
    ...answer,
    repository: { ...repository, name: "flow", full_name: "acme/flow" },
  });
  await until(async () => (await kernel.plugins.history("default", "acme-flow", 1))[0]?.state).toBe("completed");
});

it("tells whoever listens when a run ends badly, with the state of its dispatch", async () => {
  await trust(nameOf("hotfix"));
  await deliver("issues", { ...opened, action: "closed" });
  const flow = () => hub.state.repos.get("acme/flow");
  await until(() => flow()?.runs.length).toBe(2);
  const [run] = flow()?.runs ?? [];
  if (run !== undefined) Object.assign(run, { status: "completed", conclusion: "failure" });
  await until(() => seen.filter(({ event }) => event === "kernel.plugin_error").length).toBe(1);
  const [last] = await kernel.plugins.history("default", "acme-flow", 1);
  expect(last).toMatchObject({
    id: run?.inputs["stateId"],
    state: "failed",
    detail: expect.stringContaining("ended failure"),
  });
  await until(async () => (await faults()).map(({ title }) => title)).toContainEqual(
    expect.stringContaining("PluginError.workflow"),
  );
});

const comments = () => hub.state.repos.get("acme/shop")?.comments ?? [];
const asked = { action: "created", issue: { number: 3 }, comment: { id: 1, body: "/help", user: sender } };
const path = ".github/.ubiquity-os.config.yml";
const pushed = { after: "", commits: [{ added: [], modified: [path] }] };

it("answers /help once somebody trusts it with comments, and not before", async () => {
  await deliver("issue_comment", asked);
  await until(
    async () => (await kernel.plugins.history("default", "ubiquityos-kernel", 5).catch(() => []))[0]?.state,
  ).toBe("blocked");
  expect(comments()).toEqual([]);
  await trust("ubiquityos-kernel");
  await deliver("issue_comment", { ...asked, comment: { ...asked.comment, id: 2 } });
  await until(() => comments().map(({ on, body }) => [on, body])).toEqual([
    ["issue:3", expect.stringContaining("| `/greeter` |")],
  ]);
});

it("says on a commit which line of a configuration is wrong, in one comment that is put right", async () => {
  const before = await textOf(hub, "acme/shop", "main", path);
  const change = async (text: string | null) => {
    const commit = await push(hub, "acme/shop", "main", { [path]: text });
    await deliver("push", { ...pushed, after: commit });
    return commit;
  };
  const commit = await change("plugins:\n  not a plugin: {}\n");
  await until(() => comments().length).toBe(2);
  expect(comments()[1]).toMatchObject({
    on: `commit:${commit}`,
    body: expect.stringContaining(`/acme/shop/blob/${commit}/${path}#L2`),
  });
  await change(before);
  await house.server.kernel.settle();
  expect(comments()).toHaveLength(2);
});

/** A plugin of this server that keeps what it was told. */
function ownPlugin(): string {
  const own = join(folder, "own-hotfix");
  mkdirSync(own);
  const manifest = {
    manifestVersion: 1,
    name: "own-hotfix",
    version: "0.1.0",
    description: "Keeps what it was told.",
    license: "Apache-2.0",
    kind: "local",
    entry: "index.ts",
    engines: { prunella: ">=0.1.0" },
    namespace: "own-hotfix",
    listens: [{ event: "kernel.plugin_error", uses: ["capability:state:write"], reason: "It keeps them." }],
    capabilities: [{ name: "state", access: "write", reason: "It keeps them." }],
  };
  writeFileSync(join(own, "prunella.plugin.json"), JSON.stringify(manifest));
  const code =
    'export default { events: { "kernel.plugin_error": async ([event], { state }) => { await state.put("told", { settings: event.settings, category: event.event.error.category }); } } };';
  writeFileSync(join(own, "index.ts"), code);
  return own;
}

it.runIf(hasDeno)(
  "hands a block of their configuration verbatim to the plugin of this server that is named for it",
  async () => {
    const added = await house.api("/plugins", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source: { kind: "path", path: ownPlugin() }, project: "default" }),
    });
    expect(added.status).toBe(201);
    await trust("own-hotfix");
    await deliver("issues", opened);
    await until(async () =>
      (await kernel.plugins.history("default", "own-hotfix", 5)).map(({ state }) => state),
    ).toEqual(["completed"]);
    const { plugin_id: id } = await kernel.plugins.find("own-hotfix");
    const settings = { enabled: true, modes: ["issue", "pr"], riskPolicy: { autoMerge: false, maxAutofixPerDay: 3 } };
    const kept = await kernel.plugins.state.get({ projectId: "default", pluginId: id, quota: 0 }, "told");
    expect(JSON.parse(kept ?? "null")).toEqual({ settings, category: "http" });
  },
  90_000,
);

it.runIf(hasDeno)(
  "has failures of a plugin filed as one issue, by a plugin that is trusted with that and holds no token",
  async () => {
    const source = { kind: "path", path: join(import.meta.dirname, "..", "..", "plugins", "daemon-hotfix") };
    const added = await house.api("/plugins", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ source, project: "default" }),
    });
    expect(added.status, await added.clone().text()).toBe(201);
    const issues = () => hub.state.repos.get("acme/shop")?.issues ?? [];
    await deliver("issues", opened);
    await until(async () =>
      (await kernel.plugins.history("default", "daemon-hotfix", 5)).map(({ state }) => state),
    ).toEqual(["blocked"]);
    expect(issues()).toEqual([]);
    await trust("daemon-hotfix");
    await deliver("issues", opened);
    await until(() => issues().length).toBe(1);
    await deliver("issues", opened);
    await until(
      async () =>
        (await kernel.plugins.history("default", "daemon-hotfix", 9)).filter(({ state }) => state === "completed")
          .length,
    ).toBe(2);
    expect(issues()).toMatchObject([
      { author: "prunella[bot]", labels: ["bug"], title: "breaker: HTTP 500: Unexpected error", state: "open" },
    ]);
    expect(issues()[0]?.body).toContain("For @team-bot");
    const [filing] = await kernel.filings.list({ projects: ["default"], limit: 5 });
    expect(filing).toMatchObject({ place: "acme/shop", number: 1 });
    expect(issues()[0]?.body).toContain(`<!-- prunella:${filing?.filing_id ?? ""} -->`);
  },
  90_000,
);

it("leaves a ledger that verifies, with an entry before each run", async () => {
  const found = await house.api("/ledger/verify");
  expect(await found.json()).toMatchObject({ ok: true });
});
