/** Settings → Forge in Chromium: what a host (a double of GitHub) really said, and every other state of the page. */
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHubHouse, type HubHouse } from "../../../test/end-to-end/forge-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, openBrowser, openBuiltConsole, overflow, rulesIn, type BuiltConsole } from "./built-console.ts";
import { filingPage, forgeCheck } from "./forge-fixtures.ts";

const SETTLED_MS = 60_000;
const WIDE = { width: 1440, height: 900 };
const SIGHTS = [WIDE, { width: 390, height: 844 }].flatMap((size) =>
  (["light", "dark"] as const).map((scheme) => [size, scheme] as const),
);

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the page of the host", { timeout: 240_000 }, () => {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
  let all: HubHouse;
  let hub: HubHouse["hub"];
  let house: HubHouse["house"];
  let built: BuiltConsole;
  let browser: Browser;
  let page: Page;

  /** One App stands for both identities: each is compared with what that one needs. */
  function grant(permissions: Readonly<Record<string, string>>, hookUrl: string): void {
    hub.state.apps.splice(0, 1, {
      id: "12",
      slug: "prunella",
      publicKey: key.publicKey,
      installationId: 7,
      permissions,
      repos: new Set(["acme/triage", "acme/shop"]),
      hookUrl,
    });
  }

  beforeAll(async () => {
    all = await openHubHouse({
      repos: ["acme/triage", "acme/shop"],
      forge: (_, secret) => ({
        app_id: "12",
        private_key: secret("app", key.privateKey.export({ type: "pkcs8", format: "pem" }).toString()),
        triage: { repo: "acme/triage", public_repo: "acme/shop", projects: ["default"] },
      }),
    });
    ({ hub, house } = all);
    built = await openBuiltConsole();
    built.behind(house.server.url);
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" });
    page = await context.newPage();
    const { pathname, hash } = new URL(await house.server.signInLink());
    await page.goto(built.url + pathname + hash);
    await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await all?.[Symbol.asyncDispose]();
  });

  const region = (name: string) => page.getByRole("region", { name, exact: true });
  const row = (name: string) => region("Who files").getByRole("row", { name: new RegExp(`^${name} `) });

  /** Nothing broken and nothing sideways, in either theme and at either width. */
  async function look(name: string): Promise<void> {
    for (const [size, scheme] of SIGHTS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme });
      const where = `${name}-${scheme}-${size.width}`;
      const pictures = process.env["PRUNELLA_PICTURES"];
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `forge-${where}.png`), fullPage: true });
      expect.soft(await axe(page, rulesIn(scheme)), where).toEqual([]);
      expect.soft(await overflow(page), where).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
  }

  it("says what is too broad, too narrow, public and sent elsewhere, and that it was mended", async () => {
    grant({ metadata: "read", contents: "read", issues: "read", workflows: "write" }, "https://elsewhere.example.com/");
    await page.goto(`${built.url}/settings`);
    await page.getByRole("link", { name: /^Forge/ }).click();
    await row("issues").getByText("too narrow: grant write").waitFor({ timeout: SETTLED_MS });
    expect(await row("workflows").textContent()).toContain("too broad: take it away");
    expect(await row("contents").textContent()).toContain("exactly");
    const facts = () => region("The host").textContent();
    expect(await facts()).toContain("public: nothing is filed there");
    expect(await facts()).toContain("GitHub: a double of it");
    expect(await facts()).toContain("https://elsewhere.example.com/");
    expect(await region("Not as it should be").getByRole("listitem").count()).toBe(4);
    await look("wrong");

    const repo = hub.state.repos.get("acme/triage");
    if (repo !== undefined) repo.isPrivate = true;
    const { webhook } = await answerOf();
    grant({ metadata: "read", contents: "read", issues: "write" }, webhook.expected);
    await page.getByRole("button", { name: "Ask again" }).click();
    await page.getByText("All is as it should be.").waitFor({ timeout: SETTLED_MS });
    expect(await region("Who files").textContent()).toContain("prunella[bot]");
    expect(await facts()).toContain("acme/triage (private)");
    await look("right");
  });

  async function answerOf(): Promise<{ webhook: { expected: string } }> {
    return (await (await house.api("/forge")).json()).forge;
  }

  it("says what waits and why, and links what a stranger could have written only where it leads to a page", async () => {
    const now = Date.now();
    await page.route("**/v1/forge", (route) => route.fulfill({ json: { forge: forgeCheck(now) } }));
    await page.route("**/v1/filings?*", (route) => route.fulfill({ json: filingPage(now) }));
    await page.goto(`${built.url}/settings/forge`);
    await region("The host").getByText("12 of 5000 questions left").waitFor({ timeout: SETTLED_MS });
    await region("The host").getByRole("link", { name: "2 wait to be filed" }).waitFor();
    expect(await region("The host").textContent()).not.toContain("double");
    expect(await region("The host").textContent()).toContain("You have exceeded a secondary rate limit.");
    expect(await region("Who merges").textContent()).toContain("the host did not say who it is");
    const issues = region("Issues");
    await issues.getByText("waits for the host").first().waitFor({ timeout: SETTLED_MS });
    expect(await issues.getByRole("link", { name: "acme/shop#12" }).getAttribute("rel")).toBe("noopener noreferrer");
    expect(await issues.getByRole("link", { name: "acme/shop#11" }).count()).toBe(0);
    await look("waits");
    await page.unroute("**/v1/filings?*");
    await page.unroute("**/v1/forge");
  });

  it("gives the commands that set it up where there is no host, and says it when it could not be looked at", async () => {
    await page.route("**/v1/forge", (route) => route.fulfill({ json: { forge: null } }));
    await page.goto(`${built.url}/settings/forge`);
    await page.getByText("No host of repositories yet").waitFor({ timeout: SETTLED_MS });
    expect(await region("set up GitHub").textContent()).toContain("forge setup github --public-url");
    expect(await region("set up Gitea or Forgejo").textContent()).toContain("forge setup gitea --at");
    await page.unroute("**/v1/forge");
    await page.route("**/v1/forge", (route) =>
      route.fulfill({ status: 500, json: { error: { code: "PRUNELLA_INTERNAL", message: "It broke.", hint: null } } }),
    );
    await page.goto(`${built.url}/settings/forge`);
    await page.getByText("The host could not be looked at.").waitFor({ timeout: SETTLED_MS });
    await look("error");
    await page.unroute("**/v1/forge");
  });
});
