import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { createFakehub, type Fakehub } from "@prunella/forge/fakehub";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setUpGithubApp, setUpGithubToken } from "./setup.ts";

let hub: Fakehub;
let url: string;
let folder: string;
let close: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "prunella-setup-"));
  hub = createFakehub({ folder, clock: { now: () => Date.now() } });
  await new Promise<void>((resolve) => {
    const server = serve(
      { fetch: hub.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false },
      ({ port }: AddressInfo) => {
        url = `http://127.0.0.1:${port}`;
        resolve();
      },
    );
    close = () => server.close();
  });
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

/** A person who opens the page and says yes; what the host's page says of the way back is followed. */
async function goThrough(page: string): Promise<number> {
  const html = await (await fetch(page)).text();
  const unsafe = (text = "") => text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
  const action = unsafe(/action="([^"]+)"/.exec(html)?.[1]);
  const manifest = unsafe(/name="manifest" value="([^"]+)"/.exec(html)?.[1]);
  const answer = await fetch(action, { method: "POST", body: new URLSearchParams({ manifest }), redirect: "manual" });
  return (await fetch(answer.headers.get("location") ?? "")).status;
}

const app = (role: "triage" | "publisher", onOpen: (page: string) => void) =>
  setUpGithubApp({
    apiUrl: url,
    pagesUrl: url,
    organization: null,
    name: `Prunella ${role}`,
    role,
    folder: join(folder, "forge"),
    publicUrl: "https://prunella.example.com/",
    onOpen,
    signal: AbortSignal.timeout(60_000),
  });

describe("an App that is made by its manifest, at a double of GitHub", { timeout: 60_000 }, () => {
  it("files, with exactly what that needs; its key is its owner's alone, and no secret is shown", async () => {
    const made = await app("triage", (page) => void goThrough(page));
    const key = join(folder, "forge", "triage.pem");
    const secret = join(folder, "forge", "hook.secret");
    expect(made).toMatchObject({
      login: "prunella-triage[bot]",
      config: { base_url: url, private_key: { file: key }, webhook_secret: { file: secret } },
      written: [key, secret],
    });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
    expect(readFileSync(key, "utf8")).toContain("PRIVATE KEY");
    expect(JSON.stringify(made)).not.toContain(readFileSync(secret, "utf8").trim());
    expect(hub.state.apps).toMatchObject([
      {
        hookUrl: "https://prunella.example.com/forge/github",
        permissions: { metadata: "read", contents: "read", issues: "write", actions: "read" },
      },
    ]);
    await expect(app("triage", () => undefined)).rejects.toThrow("there already");
  });

  it("publishes, and may change no workflow and no issue", async () => {
    await app("publisher", (page) => void goThrough(page));
    expect(hub.state.apps[0]?.permissions).toEqual({ metadata: "read", contents: "write", pull_requests: "write" });
  });

  it("is not taken when it may more than that, and nothing is written", async () => {
    hub.state.morePermissions = { workflows: "write" };
    await expect(app("publisher", (page) => void goThrough(page))).rejects.toThrow("workflows: write instead of none");
    expect(existsSync(join(folder, "forge"))).toBe(false);
  });

  it("comes from the browser that opened the page, and from no other", async () => {
    const statuses: number[] = [];
    await app("publisher", (page) => {
      void (async () => {
        const back = new URL(page).origin;
        for (const path of ["/", "/back?code=abc", "/back?code=abc&state=guessed"])
          statuses.push((await fetch(back + path)).status);
        await goThrough(page);
      })();
    });
    expect(statuses).toEqual([404, 404, 404]);
  });
});

describe("a person's token", () => {
  const token = (text: string) =>
    setUpGithubToken({
      apiUrl: url,
      tokenFile: "x",
      secretFile: join(folder, "hook.secret"),
      publicUrl: "https://prunella.example.com",
      places: { environment: {}, read: () => text },
    });

  it("is taken where it is a fine-grained one, and what nobody can look at is said", async () => {
    const fine = ["github", "_pat_", "x".repeat(22)].join("");
    hub.state.tokens.set(fine, { login: "ada", repos: new Set(), permissions: {}, expiresAt: Date.now() + 60_000 });
    const made = await token(fine);
    expect(made).toMatchObject({ login: "ada", written: [join(folder, "hook.secret")] });
    expect(made.next[0]).toContain("does not say what this token may");
    expect(JSON.stringify(made)).not.toContain(fine);
  });

  it("is not taken where it is a classic one, which reaches everything", async () => {
    await expect(token(["gh", "p_", "x".repeat(36)].join(""))).rejects.toThrow("no fine-grained token");
  });
});
