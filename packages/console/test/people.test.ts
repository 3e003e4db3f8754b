/**
 * People in a real browser against a real server: invitation, password and codes, a passkey by the browser's own
 * virtual authenticator, another provider, tokens, sessions, roles; with axe on each page and state.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { OPERATOR } from "@prunella/kernel";
import { readServerFile } from "@prunella/server";
import { oneTimeCode, withinOneStep } from "../../../test/one-time-code.ts";
import { CLIENT, openOidcProvider, type OidcFixture } from "../../../test/oidc-provider.ts";
import { axe, CHROMIUM, openBrowser, openBuiltConsole, overflow, type BuiltConsole } from "./built-console.ts";
import { invite as invited } from "./real-world.ts";

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const SETTLED_MS = 30_000;
const PASSWORD = ["seven", "lamps", "under", "water"].join(" ");

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("people in Chromium", { timeout: 240_000 }, () => {
  let built: BuiltConsole;
  let browser: Browser;
  let fixture: ServerFixture;
  let provider: OidcFixture;
  let url = "";
  const complaints: string[] = [];

  beforeAll(async () => {
    built = await openBuiltConsole();
    url = built.url;
    provider = await openOidcProvider();
    const oidc = {
      issuer: provider.issuer,
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      title: "Example ID",
      mail_domains: ["example.org"],
    };
    fixture = await openServer({ server: { public_url: url }, oidc });
    // Its own address, not the one that it is known by.
    built.behind(readServerFile(fixture.folder)?.url ?? "");
    provider.allow(`${url}/oidc/callback`);
    browser = await openBrowser();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await fixture?.[Symbol.asyncDispose]();
    await provider?.[Symbol.asyncDispose]();
  });

  async function open(path: string, size = WIDE): Promise<{ page: Page; context: BrowserContext } & AsyncDisposable> {
    const context = await browser.newContext({ viewport: size, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(url + path);
    return { page, context, [Symbol.asyncDispose]: () => context.close() };
  }

  /** At both widths: nothing that axe finds broken, nothing that scrolls sideways, no complaint. */
  async function assertGood(page: Page, name: string): Promise<void> {
    for (const size of [WIDE, PHONE]) {
      await page.setViewportSize(size);
      await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
      const folder = process.env["PRUNELLA_PICTURES"];
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `${name.replaceAll(" ", "-")}-${size.width}.png`), fullPage: true });
      expect.soft(await axe(page), `axe on ${name} at ${size.width}`).toEqual([]);
      expect.soft(await overflow(page), `overflow on ${name} at ${size.width}`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(WIDE);
    expect.soft(complaints.splice(0), `complaints of ${name}`).toEqual([]);
  }

  const invite = (name: string, role: "viewer" | "owner" = "owner") => invited(fixture, name, role);
  const shows = (page: Page, words: string | RegExp) => page.getByText(words).first().waitFor({ timeout: SETTLED_MS });
  async function accept(page: Page): Promise<void> {
    await page.getByRole("button", { name: "Accept the invitation" }).click();
    await page.getByRole("heading", { name: "Where you are signed in" }).waitFor({ timeout: SETTLED_MS });
  }

  it("accept an invitation, set a password with codes, and sign in with both", async () => {
    await using view = await open(await invite("ada"));
    const { page } = view;
    await shows(page, "You are invited to Prunella");
    // The code has left the address before anybody could share it.
    expect(page.url()).toBe(`${url}/invitation`);
    await assertGood(page, "invitation");
    await accept(page);
    await shows(page, "You cannot sign in again yet");
    await assertGood(page, "account of somebody new");

    await page.getByLabel("Password", { exact: false }).and(page.locator("[type=password]")).fill("too short");
    await page.getByRole("button", { name: "Set the password" }).click();
    await shows(page, "too easy to guess");
    await page.locator("[type=password]").fill(PASSWORD);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("button", { name: "Set up an app for codes" }).click();
    const secret = (await page.getByRole("region", { name: "the secret for the app" }).textContent()) ?? "";
    expect(await page.getByRole("link", { name: "open the app" }).getAttribute("href")).toContain(
      "otpauth://totp/Prunella:ada?",
    );
    await assertGood(page, "codes to be proven");
    const code = (steps: number) => oneTimeCode(secret, steps);
    await withinOneStep();
    await page.getByLabel("The code that the app shows").fill(code(-1));
    await page.getByRole("button", { name: "Confirm" }).click();
    const recovery = page.getByRole("region", { name: "recovery codes" });
    await recovery.waitFor({ timeout: SETTLED_MS });
    expect(((await recovery.textContent()) ?? "").trim().split("\n")).toHaveLength(10);
    await assertGood(page, "recovery codes");
    await page.getByRole("button", { name: "I have kept them" }).click();
    await shows(page, "Both are set up; 10 recovery codes left.");

    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByLabel("Name").fill("ada");
    await assertGood(page, "sign-in of people");
    await page.getByLabel("Password").fill(`${PASSWORD}!`);
    await page.getByLabel("Code", { exact: false }).first().fill(code(0));
    await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
    await shows(page, "Name, password or code is not right.");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).first().click();
    await page.getByRole("link", { name: "My account: ada" }).waitFor({ timeout: SETTLED_MS });
    expect(page.url()).toBe(`${url}/`);
  });

  it("add a passkey of the browser's authenticator, sign in with it, and remove it", async () => {
    await using view = await open(await invite("paul"));
    const { page, context } = view;
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await accept(page);
    await page.getByLabel("Name of a new passkey").fill("laptop");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("button", { name: "Remove the passkey laptop" }).waitFor({ timeout: SETTLED_MS });
    await assertGood(page, "account with a passkey");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await page.getByRole("link", { name: "My account: paul" }).click();
    await shows(page, /, used (?:now|\d+ s ago)/);
    await page.getByRole("button", { name: "Remove the passkey laptop" }).click();
    await shows(page, "You cannot sign in again yet");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await shows(page, "The passkey was not accepted.");
  });

  it("come in by another provider, and are told when they may not", async () => {
    provider.be({ sub: "u-1", claims: { email: "olga@example.org", email_verified: true } });
    await using view = await open("/sign-in");
    const { page } = view;
    await page.getByRole("button", { name: "Sign in with Example ID" }).click();
    await page.getByRole("link", { name: "My account: olga" }).waitFor({ timeout: SETTLED_MS });
    expect(page.url()).toBe(`${url}/`);
    provider.be({ sub: "u-2", claims: { email: "eve@example.com", email_verified: true } });
    await using other = await open("/sign-in");
    await other.page.getByRole("button", { name: "Sign in with Example ID" }).click();
    await shows(other.page, "You are known over there, but may not come in here.");
    expect(other.page.url()).toBe(`${url}/sign-in`);
    await assertGood(other.page, "refused by another provider");
  });

  it("make and revoke tokens, and end their other sessions", async () => {
    await using view = await open(await invite("tom"));
    const { page } = view;
    await accept(page);
    await page.getByLabel("What a new token is for").fill("CI");
    await page.getByLabel("decide").check();
    await page.getByRole("button", { name: "Make the token" }).click();
    const token = ((await page.getByRole("region", { name: "the new token" }).textContent()) ?? "").trim();
    expect(token).toMatch(/^prunella_token_[\w-]{43}$/);
    const me = (secret: string) => fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${secret}` } });
    expect(await (await me(token)).json()).toMatchObject({ kind: "personal", person: { name: "tom" } });
    await shows(page, "may read, decide in all projects");
    await assertGood(page, "account with a token");
    await page.getByRole("button", { name: "Revoke the token CI" }).click();
    await page.getByRole("button", { name: "Revoke the token CI" }).waitFor({ state: "detached", timeout: SETTLED_MS });
    expect((await me(token)).status).toBe(401);

    const { access } = fixture.server.kernel;
    const again = await access.invite((await access.findPerson("tom")).id, OPERATOR);
    await using other = await open(`/invitation#code=${again.code}`, PHONE);
    await accept(other.page);
    await page.reload();
    await page.getByRole("button", { name: "End all others" }).click();
    await page.getByRole("button", { name: "End all others" }).waitFor({ state: "detached", timeout: SETTLED_MS });
    // The other browser is out by itself: its stream has ended, and it asked who it is.
    await other.page.waitForURL(/\/sign-in/, { timeout: SETTLED_MS });
  });

  it("are added, given roles and removed by an owner, and seen by no viewer", async () => {
    await using view = await open(await invite("olive"));
    const { page } = view;
    await accept(page);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("Name of a new person").fill("Vic");
    await page.getByRole("button", { name: "Add and invite" }).click();
    const link = ((await page.getByRole("region", { name: "invitation of vic" }).textContent()) ?? "").trim();
    expect(link).toMatch(/\/invitation#code=[\w-]{43}$/);
    await assertGood(page, "people");
    await page.getByLabel("Role of vic in all projects").selectOption("operator");
    await expect
      .poll(async () => (await fixture.server.kernel.access.findPerson("vic")).roles, { timeout: SETTLED_MS })
      .toEqual([{ project: null, role: "operator" }]);
    await page.getByRole("button", { name: "Remove vic" }).click();
    await page.getByRole("button", { name: "Yes, remove vic" }).click();
    await page.getByRole("heading", { name: "vic" }).waitFor({ state: "detached", timeout: SETTLED_MS });

    await using viewer = await open(await invite("val", "viewer"));
    await accept(viewer.page);
    await viewer.page.getByRole("link", { name: "Settings" }).click();
    await shows(viewer.page, "This browser is signed in");
    expect(await viewer.page.getByRole("heading", { name: "People" }).count()).toBe(0);
  });
});
