import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Config } from "@prunella/contract";
import { createFakehub } from "@prunella/forge/fakehub";
import { startServer } from "@prunella/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasGitea, startGitea, type Gitea } from "../gitea/gitea.ts";
import { needs } from "../needs.ts";
import { standBetween, type Step } from "./between-fixture.ts";

/** What each server of a row dies at; the one after the last ends by itself. */
const ROWS: readonly (readonly Step[])[] = [
  ["before it is made"],
  ["made and not answered"],
  ["answered"],
  ["made and not answered", "looked for", "looked for and answered"],
  ["before it is made", "looked for and answered"],
];
const AHEAD_MS = 180_000;
const CHILD = join(import.meta.dirname, "child.ts");

interface Host {
  readonly kind: "github" | "gitea";
  readonly url: string;
  readonly token: string;
  issues(repo: string): Promise<number>;
  addRepo(repo: string): Promise<void>;
}

function suite(name: string, isThere: boolean, open: () => Promise<Host & AsyncDisposable>): void {
  describe.skipIf(!isThere)(`what is filed at ${name}`, { timeout: 300_000 }, () => {
    let host: Host & AsyncDisposable;
    let between: Awaited<ReturnType<typeof standBetween>>;
    beforeAll(async () => {
      host = await open();
      between = await standBetween(host.url);
    }, 120_000);
    afterAll(async () => {
      between?.server.closeAllConnections();
      between?.server.close();
      await host?.[Symbol.asyncDispose]();
    });

    it.each(ROWS.map((steps, at) => [steps.join(", then "), at, steps] as const))(
      "is one issue where its server is killed: %s",
      async (_title, at, steps) => {
        const repo = `shop-${at}`;
        await host.addRepo(repo);
        const folder = mkdtempSync(join(tmpdir(), "prunella-kills-"));
        try {
          await prepare(folder, host, between.url, repo);
          const ended: string[] = [];
          for (const [turn, step] of [...steps, null].entries()) ended.push(await run(folder, turn, step));
          expect(ended.slice(0, -1).every((said) => said === "killed" || said.startsWith("filed"))).toBe(true);
          expect(ended[0]).toBe("killed");
          expect(ended.at(-1)).toBe("filed 1");
          expect(await host.issues(repo)).toBe(1);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      },
    );

    /** What it came to: killed, or what it said. */
    function run(folder: string, turn: number, step: Step | null): Promise<string> {
      const child = spawn(process.execPath, [CHILD, folder, String(turn * AHEAD_MS)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      between.at(step, () => child.kill("SIGKILL"));
      let said = "";
      child.stdout.on("data", (part: Buffer) => (said += part.toString()));
      return new Promise((resolve) => {
        child.once("close", (_code, signal) => resolve(signal === "SIGKILL" ? "killed" : said.trim()));
      });
    }
  });
}

/** A data folder in which one issue waits to be filed. */
async function prepare(folder: string, { kind, token }: Host, url: string, repo: string): Promise<void> {
  for (const [name, text] of [
    ["token", token],
    ["hook", "It's a Secret to Everybody"],
  ] as const)
    writeFileSync(join(folder, name), text);
  const file = (name: string) => ({ file: join(folder, name) });
  const forge = { kind, base_url: url, token: file("token"), webhook_secret: file("hook") };
  writeFileSync(join(folder, "config.json"), JSON.stringify({ forge }));
  const config = Config.parse({});
  const server = await startServer({
    config: { ...config, server: { ...config.server, port: 0 } },
    dataFolder: join(folder, "data"),
    isDemo: false,
    log: { info() {}, warn: (message) => console.warn(message) },
  });
  const { filings } = server.kernel;
  const of = { projectId: "default", place: `acme/${repo}`, name: "one", faultId: null };
  const held = await filings.hold({ ...of, draft: { title: "It broke", body: "once", labels: [] } });
  if (held.kind === "held") await filings.release({ filingId: held.filing.filing_id, holder: held.holder });
  await server.close();
}

suite("GitHub (a double)", true, async () => {
  const token = ["github", "_pat_", "x".repeat(22)].join("");
  const folder = mkdtempSync(join(tmpdir(), "prunella-hub-"));
  const hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  const repos = new Set<string>();
  const expiresAt = Date.now() + 86_400_000;
  hub.state.tokens.set(token, { login: "ada", repos, permissions: { issues: "write", contents: "read" }, expiresAt });
  const { server, url } = await new Promise<{ server: ReturnType<typeof serve>; url: string }>((resolve) => {
    const opened = serve(
      { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) => resolve({ server: opened, url: `http://127.0.0.1:${port}` }),
    );
  });
  return {
    kind: "github",
    url,
    token,
    issues: async (repo) => hub.state.repos.get(`acme/${repo}`)?.issues.length ?? 0,
    async addRepo(repo) {
      hub.addRepo(`acme/${repo}`, {});
      repos.add(`acme/${repo}`);
    },
    async [Symbol.asyncDispose]() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

suite("Gitea", needs("Gitea", hasGitea()), async () => {
  const gitea: Gitea = await startGitea();
  const bot = await gitea.addUser("prunella-bot", ["write:issue", "read:repository", "read:user"]);
  await gitea.addUser("acme", ["all"]);
  return {
    kind: "gitea",
    url: gitea.url,
    token: bot.token,
    async issues(repo) {
      const { json } = await gitea.api("GET", `/repos/acme/${repo}/issues?state=all&type=issues`);
      return Array.isArray(json) ? json.length : 0;
    },
    addRepo: (repo) => gitea.addRepo("acme", repo),
    [Symbol.asyncDispose]: () => gitea[Symbol.asyncDispose](),
  };
});
