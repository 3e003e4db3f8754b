import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFakehub } from "@prunella/forge/fakehub";
import { createPlugin } from "@ubiquity-os/plugin-sdk";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { HOOK_SECRET as SECRET, listenTo } from "./forge-fixture.ts";
import { field, list, startPrunella, text, type Started } from "../../packages/cli/src/cli-fixture.ts";

const app = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const signing = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = (key: typeof app.privateKey) => key.export({ type: "pkcs8", format: "pem" }).toString();

/** Whoever comes waits until it is opened; whoever waits is counted. */
function createGate() {
  let opened = Promise.resolve();
  let open = () => {};
  let held = 0;
  return {
    close: () => void ({ promise: opened, resolve: open } = Promise.withResolvers<void>()),
    open: () => open(),
    held: () => held,
    async pass(): Promise<void> {
      held += 1;
      await opened;
      held -= 1;
    },
  };
}

/**
 * The answer 202 is a promise. A real server, killed between its answer and what follows; its host is a double, and
 * the plugin is built on the dialect's own kit.
 */
describe("a delivery that was answered", { timeout: 240_000 }, () => {
  let root = "";
  let up: Started;
  let greeter = "";
  const reading = createGate();
  const working = createGate();
  const greeted: { event: string; body: unknown }[] = [];
  const closing: (() => void)[] = [];
  const until = <T>(found: () => T) => expect.poll(found, { timeout: 90_000, interval: 100 });
  const listen = async (answer: Parameters<typeof listenTo>[0]): Promise<string> => {
    const { url, close } = await listenTo(answer);
    closing.push(close);
    return url;
  };

  const start = async () => {
    up = startPrunella(["up", "--data", join(root, "data"), "--port", "0", "--no-demo", "--json"], { cwd: root });
    await up.until(/"url"/);
  };
  const kill = async () => {
    up.signal("SIGKILL");
    await up.gone;
  };
  const place = (): unknown => JSON.parse(readFileSync(join(root, "data", "server.json"), "utf8"));
  async function call(path: string, body?: object): Promise<unknown> {
    const headers = { "content-type": "application/json", authorization: `Bearer ${text(place(), "token")}` };
    const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    return (await fetch(`${text(place(), "url")}/v1${path}`, { headers, ...how })).json();
  }
  async function deliver(event: string, payload: object, id: string = randomUUID()): Promise<number> {
    const repository = { name: "shop", full_name: "acme/shop", owner: { login: "acme" } };
    const body = JSON.stringify({ repository, sender: { login: "ada", type: "User" }, ...payload });
    const signature = createHmac("sha256", SECRET).update(body).digest("hex");
    const headers = {
      "x-github-event": event,
      "x-github-delivery": id,
      "x-hub-signature-256": `sha256=${signature}`,
    };
    return (await fetch(`${text(place(), "url")}/forge/github`, { method: "POST", body, headers })).status;
  }
  const runs = async () => list(await call(`/plugins/${greeter}/invocations`), "invocations");

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "prunella-kept-"));
    const manifest = {
      name: "greeter",
      short_name: "acme/greeter@main",
      "ubiquity:listeners": ["issues.opened", "issue_comment.created"],
      commands: { greet: { description: "greets", "ubiquity:example": "/greet" } },
    };
    const plugin = createPlugin(
      async ({ eventName, payload }) => {
        greeted.push({ event: eventName, body: JSON.parse(JSON.stringify(payload)) });
        await working.pass();
        return {};
      },
      JSON.parse(JSON.stringify(manifest)),
      {
        kernelPublicKey: signing.publicKey.export({ type: "spki", format: "pem" }).toString(),
        postCommentOnError: false,
      },
    );
    const worker = await listen((request) => plugin.fetch(request));
    greeter = worker.replace("http://", "").replaceAll(/[.:]/g, "-");
    const hub = createFakehub({ clock: { now: () => Date.now() }, folder: root });
    hub.addRepo("acme/shop", { ".github/.ubiquity-os.config.yml": `plugins:\n  ${worker}:\n` });
    hub.state.apps.push({
      id: "12",
      slug: "prunella",
      publicKey: app.publicKey,
      installationId: 7,
      permissions: { contents: "write", actions: "write", issues: "write" },
      repos: new Set(["acme/shop"]),
    });
    const forge = await listen(async (request) => {
      if (request.url.includes("ubiquity-os.config.yml")) await reading.pass();
      return hub.fetch(request);
    });
    for (const [name, content] of Object.entries({
      app: pem(app.privateKey),
      signing: pem(signing.privateKey),
      hook: SECRET,
    }))
      writeFileSync(join(root, name), content);
    const config = {
      forge: { base_url: forge, app_id: "12", private_key: { file: "app" }, webhook_secret: { file: "hook" } },
      ubiquityos: { allow_local_workers: true, kernel_repo: "acme/kernel", signing_key: { file: "signing" } },
    };
    // What is JSON is YAML.
    writeFileSync(join(root, "prunella.yaml"), JSON.stringify(config));
    await start();
    expect(await deliver("issues", { action: "opened", issue: { number: 1 } })).toBe(202);
    await vi.waitFor(async () => expect((await runs()).map((run) => text(run, "state"))).toEqual(["blocked"]), {
      timeout: 90_000,
      interval: 100,
    });
    const asked = list(await call(`/plugins/${greeter}`), "asked");
    const scopes = asked
      .filter((one) => field(one, "required") === true)
      .map((one) => ({ scope: text(one, "scope"), resources: list(one, "resources") }));
    expect(list(await call(`/plugins/${greeter}/trust`, { scopes }), "granted")).not.toEqual([]);
  }, 240_000);
  afterAll(async () => {
    reading.open();
    working.open();
    await kill();
    for (const close of closing) close();
    rmSync(root, { recursive: true, force: true });
  });

  it("is handed on by the next server when the one that answered is killed before it did, and once", async () => {
    const id = randomUUID();
    const token = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
    const comment = { id: 7, body: `look at ${token}`, user: { login: "ada", type: "User" } };
    const said = { action: "created", issue: { number: 3 }, comment };
    reading.close();
    expect(await deliver("issue_comment", said, id)).toBe(202);
    await until(() => reading.held()).toBe(1);
    await kill();
    expect(greeted).toEqual([]);
    reading.open();
    await start();
    await until(() => greeted.length).toBe(1);
    // As it was written down: without what the scrubber takes out.
    expect(JSON.stringify(greeted)).toContain("look at [REDACTED");
    expect(JSON.stringify(greeted)).not.toContain(token);
    await until(async () => (await runs()).map((run) => text(run, "state"))).toEqual(["completed", "blocked"]);
    // Its host does not bring it again, and neither does the server that ends next, in the test after this.
    expect(await deliver("issue_comment", said, id)).toBe(202);
    expect(await deliver("issue_comment", said)).toBe(202);
  });

  it("is not handed on again to whom it was told of when the server was killed, and is said to be lost there", async () => {
    expect(greeted.map(({ event }) => event)).toEqual(["issue_comment.created"]);
    working.close();
    expect(await deliver("issues", { action: "opened", issue: { number: 5 } })).toBe(202);
    await until(() => greeted.length).toBe(2);
    await kill();
    working.open();
    await start();
    await until(async () => text((await runs())[0], "detail")).toBe("The server that ran it ended.");
    expect(await deliver("issues", { action: "opened", issue: { number: 6 } })).toBe(202);
    await until(() => greeted.length).toBe(3);
    expect(greeted.at(-1)?.body).toMatchObject({ issue: { number: 6 } });
  });
});
