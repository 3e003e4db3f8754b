import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Config } from "@prunella/contract";
import { createFakehub, type Fakehub } from "@prunella/forge/fakehub";
import { startServer, type RunningServer } from "@prunella/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCrash } from "../kernel-fixture.ts";
import { standBetween, type Between, type Step } from "./between-fixture.ts";

/** What each server of a row dies at on its way to the public repository; the one after the last ends by itself. */
const ROWS: readonly (readonly Step[])[] = [
  ["looked for", "before it is made", "made and not answered"],
  ["looked for and answered", "answered"],
];
const AHEAD_MS = 180_000;
const CHILD = join(import.meta.dirname, "child.ts");
const TOKEN = ["github", "_pat_", "z".repeat(22)].join("");

describe("what is made public at GitHub (a double)", { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "prunella-promotion-kills-"));
  let hub: Fakehub;
  let between: Between;
  let close: () => void;
  let url: string;

  beforeAll(async () => {
    hub = createFakehub({ folder, clock: { now: () => Date.now() } });
    ({ url, close } = await new Promise<{ url: string; close: () => void }>((resolve) => {
      const server = serve(
        { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
        ({ port }: AddressInfo) => resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() }),
      );
    }));
    between = await standBetween(url);
  });
  afterAll(() => {
    between.server.closeAllConnections();
    between.server.close();
    close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(ROWS.map((steps, at) => [steps.join(", then "), at, steps] as const))(
    "is one public issue and one entry of the ledger where its server is killed: %s",
    async (_title, at, steps) => {
      const home = join(folder, `home-${at}`);
      const [inPrivate, inPublic] = [`private-${at}`, `public-${at}`];
      const repos = new Set([inPrivate, inPublic].map((name) => `acme/${name}`));
      for (const name of repos) hub.addRepo(name, {}).isPrivate = name.endsWith(inPrivate);
      const expiresAt = Date.now() + 86_400_000;
      hub.state.tokens.set(TOKEN, { login: "ada", repos, permissions: { issues: "write" }, expiresAt });
      await prepare(home, { repo: `acme/${inPrivate}`, public_repo: `acme/${inPublic}` });

      const ended: string[] = [];
      for (const [turn, step] of [...steps, null].entries()) ended.push(await run(home, turn + 1, step, inPublic));
      expect(ended).toEqual([...steps.map(() => "killed"), "filed 1, said 1 time, verified"]);
      expect(hub.state.repos.get(`acme/${inPublic}`)?.issues).toHaveLength(1);
      expect(hub.state.repos.get(`acme/${inPrivate}`)?.issues).toHaveLength(1);
    },
  );

  /** A fault with its private issue, which somebody labelled to be made public. */
  async function prepare(home: string, triage: { readonly repo: string; readonly public_repo: string }): Promise<void> {
    mkdirSync(home);
    const file = (name: string, text: string) => {
      writeFileSync(join(home, name), text);
      return { file: join(home, name) };
    };
    const secrets = { token: file("token", TOKEN), webhook_secret: file("hook", "It's a Secret to Everybody") };
    const forge = { ...secrets, base_url: between.url, triage: { ...triage, projects: ["default"] } };
    writeFileSync(join(home, "config.json"), JSON.stringify({ forge }));
    const server = await open(home);
    await server.kernel.report("default", [aCrash("shop")]);
    const issues = () => hub.state.repos.get(triage.repo)?.issues ?? [];
    const number = async () =>
      (await server.kernel.promotions.list({ projects: null, limit: 1 }))[0]?.private_issue?.number;
    await expect.poll(number, { timeout: 120_000, interval: 100 }).toBe(1);
    await server.close();
    issues()[0]?.labels.push("promote");
  }

  async function open(home: string): Promise<RunningServer> {
    const config = Config.parse(JSON.parse(readFileSync(join(home, "config.json"), "utf8")));
    return startServer({
      config: { ...config, server: { ...config.server, port: 0 } },
      dataFolder: join(home, "data"),
      isDemo: false,
      log: { info() {}, warn: (message) => console.warn(message) },
    });
  }

  /** What it came to: killed, or what it said. */
  function run(home: string, turn: number, step: Step | null, repo: string): Promise<string> {
    const child = spawn(process.execPath, [CHILD, home, String(turn * AHEAD_MS), "promotion"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    between.at(step, () => child.kill("SIGKILL"), repo);
    let said = "";
    child.stdout.on("data", (part: Buffer) => (said += part.toString()));
    return new Promise((resolve) => {
      child.once("close", (_code, signal) => resolve(signal === "SIGKILL" ? "killed" : said.trim()));
    });
  }
});
