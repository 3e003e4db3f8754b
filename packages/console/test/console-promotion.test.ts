/** A triaged fault in Chromium: what would be sent is shown first, and every state of it is looked at. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHubHouse, type HubHouse } from "../../../test/end-to-end/forge-fixture.ts";
import { anEvent } from "../../../test/kernel-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, openBrowser, openBuiltConsole, overflow, type BuiltConsole } from "./built-console.ts";

const SETTLED_MS = 30_000;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const TOKEN = ["github", "_pat_", "w".repeat(22)].join("");

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("a triaged fault", { timeout: 180_000 }, () => {
  let all: HubHouse;
  let built: BuiltConsole;
  let browser: Browser;
  let house: HubHouse["house"];
  let hub: HubHouse["hub"];
  let page: Page;

  beforeAll(async () => {
    const repos = ["acme/triage", "acme/shop"];
    all = await openHubHouse({
      repos,
      isPrivate: (name) => name === "acme/triage",
      forge: ({ state }, secret) => {
        const expiresAt = Date.now() + 86_400_000;
        state.tokens.set(TOKEN, { login: "ada", repos: new Set(repos), permissions: { issues: "write" }, expiresAt });
        return {
          token: secret("token", TOKEN),
          triage: { repo: "acme/triage", public_repo: "acme/shop", projects: ["default"], propose: { events: 20 } },
        };
      },
    });
    ({ hub, house } = all);
    built = await openBuiltConsole();
    built.behind(house.server.url);
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: SIZES[0], reducedMotion: "reduce" });
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

  const issuesOf = (name: string) => hub.state.repos.get(name)?.issues ?? [];
  async function fileOne(type: string, senders = 1): Promise<string> {
    const { kernel } = house.server;
    for (let at = 0; at < senders; at += 1)
      await kernel.report("default", [
        anEvent({
          at: Date.now(),
          context: { user: { id: `sender-${at % 4}` } },
          errors: [{ type, value: null, module: null, handled: false, mechanism: null, frames: [] }],
        }),
      ]);
    const found = async () =>
      (await kernel.promotions.list({ projects: null, limit: 50 })).find(({ title }) => title.includes(type));
    await expect.poll(async () => (await found())?.private_issue ?? null, { timeout: SETTLED_MS }).not.toBeNull();
    return (await found())?.fault_id ?? "";
  }

  /** Nothing broken, nothing sideways, at either width. */
  async function look(name: string): Promise<void> {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      const pictures = process.env["PRUNELLA_PICTURES"];
      if (pictures !== undefined)
        await page.screenshot({ path: join(pictures, `promotion-${name}-${size.width}.png`), fullPage: true });
      expect.soft(await axe(page), `${name} at ${size.width} px`).toEqual([]);
      expect.soft(await overflow(page), `${name} at ${size.width} px`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(SIZES[0]);
  }
  const issues = () => page.getByRole("region", { name: "Its issues" });

  it("is made public after its text was shown, and then its fix is watched", async () => {
    const id = await fileOne("ShownError");
    await page.goto(`${built.url}/faults/${id}`);
    await issues().getByRole("link", { name: "acme/triage#1" }).waitFor({ timeout: SETTLED_MS });
    await look("private");
    await issues().getByRole("button", { name: "Make it public…" }).click();
    const dialog = page.getByRole("alertdialog", { name: "Make this fault public?" });
    const shown = await dialog.getByLabel("Text of the issue").textContent();
    await look("asks");
    expect(issuesOf("acme/shop")).toEqual([]);
    await dialog.getByRole("button", { name: "Yes, make it public" }).click();
    await issues().getByRole("link", { name: "acme/shop#1" }).waitFor({ timeout: SETTLED_MS });
    expect(issuesOf("acme/shop")[0]?.body).toContain(shown);
    await issues().getByRole("button", { name: "A release mends it…" }).click();
    const fix = page.getByRole("dialog", { name: "Which release mends it?" });
    await fix.getByLabel("Release").fill("shop@2.0.0");
    await look("fix");
    await fix.getByRole("button", { name: "Watch it" }).click();
    await issues().getByText("shop@2.0.0").waitFor({ timeout: SETTLED_MS });
    await look("public");
  });

  it("stays private when a person says so, until they say otherwise", async () => {
    const id = await fileOne("KeptError");
    await page.goto(`${built.url}/faults/${id}`);
    await issues().getByRole("button", { name: "Keep it private" }).click();
    await issues().getByText("Kept private by a person").waitFor({ timeout: SETTLED_MS });
    expect(await issues().getByRole("button", { name: "Make it public…" }).count()).toBe(0);
    await look("refused");
    await issues().getByRole("button", { name: "It may become public" }).click();
    await issues().getByRole("button", { name: "Make it public…" }).waitFor({ timeout: SETTLED_MS });
    expect(issuesOf("acme/shop").filter(({ title }) => title.includes("Kept"))).toEqual([]);
  });

  it("is asked about with the text that a yes sends", async () => {
    const id = await fileOne("AskedError", 24);
    const open = async () => (await house.server.kernel.escalations.list("open")).escalations;
    await expect.poll(async () => (await open()).length, { timeout: SETTLED_MS }).toBe(1);
    await page.goto(`${built.url}/faults/${id}`);
    await page.getByRole("heading", { name: "A fault may become public" }).waitFor({ timeout: SETTLED_MS });
    const [question] = await open();
    await page.getByText("Into acme/shop, as it stands here:").waitFor({ timeout: SETTLED_MS });
    expect(await page.getByLabel("Text of the issue").first().textContent()).toBe(question?.args?.["body"]);
    await look("question");
    await page
      .getByRole("button", { name: /Keep it private/ })
      .first()
      .click();
    await expect.poll(async () => (await open()).length, { timeout: SETTLED_MS }).toBe(0);
    expect((await house.server.kernel.promotions.read(id)).standing?.refused_at).not.toBeNull();
  });
});
