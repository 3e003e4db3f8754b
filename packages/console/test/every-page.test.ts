/**
 * Every page that the router knows, in every state that a page can be in, against a real server: nothing that
 * axe finds broken in either theme and at either width, nothing that scrolls sideways, no complaint.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type Page, type Route } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openServer, type ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, openBrowser, openBuiltConsole, overflow, type BuiltConsole } from "./built-console.ts";
import { walk } from "./keyboard.ts";
import { invite, openFilled, type World } from "./real-world.ts";

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
const SETTLED_MS = 30_000;
const BY_COLOUR = ["color-contrast", "link-in-text-block"];
const OUTSIDE = ["/sign-in", "/invitation"];

/** As the router writes them down; a new page is looked at from the day that it has a route. */
const PATHS = [
  ...readFileSync(join(import.meta.dirname, "../src/router.tsx"), "utf8").matchAll(/\bpath: "(\/[^"]*)"/g),
].map(([, path = ""]) => path);
const INSIDE = PATHS.filter((path) => !OUTSIDE.includes(path));

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("every page in Chromium", { timeout: 300_000 }, () => {
  let built: BuiltConsole;
  let browser: Browser;
  let empty: ServerFixture;
  let world: World;
  beforeAll(async () => {
    built = await openBuiltConsole();
    empty = await openServer();
    world = await openFilled();
    browser = await openBrowser();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await empty?.[Symbol.asyncDispose]();
    await world?.fixture[Symbol.asyncDispose]();
  });

  /** What stands for the parameters of a path; a page whose parameters nobody knows is not looked at, and says so. */
  function addressOf(path: string): string {
    const id = path.startsWith("/escalations") ? world.question : world.fault;
    const address = path.replace("$project/$version", world.release).replace("$id", id);
    if (address.includes("$")) throw new Error(`say in addressOf what stands for the parameters of ${path}`);
    return address;
  }

  interface Visit extends AsyncDisposable {
    readonly context: BrowserContext;
    readonly page: Page;
    readonly complaints: string[];
  }
  /** A browser that is signed in where `link` leads, or not at all. */
  async function visit(fixture: ServerFixture, link: string | null): Promise<Visit> {
    built.behind(fixture.server.url);
    const context = await browser.newContext({ viewport: WIDE, reducedMotion: "reduce" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
        complaints.push(message.text());
    });
    if (link !== null) {
      const { pathname, hash } = new URL(link, built.url);
      await page.goto(built.url + pathname + hash);
      if (pathname === "/invitation") await page.getByRole("button", { name: "Accept the invitation" }).click();
      await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
    }
    return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }
  const asOperator = async (fixture: ServerFixture) => visit(fixture, await fixture.server.signInLink());

  /** Has a heading, and fetches nothing any more. */
  async function settled(page: Page): Promise<void> {
    await page.locator("h1").first().waitFor({ state: "attached", timeout: SETTLED_MS });
    await page.waitForFunction(() => document.querySelector(".progress-line, main.invisible") === null, null, {
      timeout: SETTLED_MS,
    });
  }

  async function look({ page, complaints }: Visit, name: string, isKnown = false): Promise<void> {
    for (const size of [WIDE, PHONE]) {
      await page.setViewportSize(size);
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        const where = `${name}, ${scheme}, ${size.width} px`;
        const folder = process.env["PRUNELLA_PICTURES"];
        if (folder !== undefined)
          await page.screenshot({ path: join(folder, `${where.replaceAll(/\W+/g, "-")}.png`), fullPage: true });
        // Structure is the same in either theme, and of a known page at either width; what colours decide is asked again.
        const isWhole = scheme === "light" && (size === WIDE || !isKnown);
        expect.soft(await axe(page, isWhole ? null : BY_COLOUR), where).toEqual([]);
      }
      expect.soft(await overflow(page), `overflow on ${name} at ${size.width} px`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    expect.soft(complaints.splice(0), `complaints of ${name}`).toEqual([]);
  }

  async function lookAtAll(seen: Visit, state: string, ready = settled, paths = INSIDE): Promise<void> {
    for (const path of paths) {
      await seen.page.goto(built.url + addressOf(path));
      await ready(seen.page);
      await look(seen, `${path} ${state}`, state !== "filled");
    }
  }

  it("finds the pages that the router knows", () => {
    expect(PATHS.length).toBeGreaterThan(12);
    expect(PATHS).toContain("/faults/$id");
  });

  it("nothing is broken while a server is new and empty", async () => {
    await using seen = await asOperator(empty);
    await lookAtAll(seen, "empty");
  });

  it("nothing is broken with faults, programs and a question", async () => {
    await using seen = await asOperator(world.fixture);
    await lookAtAll(seen, "filled");
  });

  it("nothing is broken for a viewer, nor while the kill switch is on", async () => {
    await world.fixture.api("/kill", { method: "POST", body: "{}" });
    try {
      await using viewer = await visit(world.fixture, await invite(world.fixture, "val", "viewer"));
      await viewer.page.getByText("Nothing is healed").first().waitFor({ timeout: SETTLED_MS });
      await lookAtAll(viewer, "viewer, killed");
      await using seen = await asOperator(world.fixture);
      await lookAtAll(seen, "killed", settled, ["/", "/programs", "/triggers"]);
    } finally {
      await world.fixture.api("/unkill", { method: "POST", body: "{}" });
    }
  });

  it("nothing is broken when the server answers nothing but errors", async () => {
    await using seen = await asOperator(world.fixture);
    const fails = (route: Route) =>
      /\/v1\/(?:me|stream|kill)$/.test(new URL(route.request().url()).pathname)
        ? route.continue()
        : route.fulfill({
            status: 500,
            contentType: "application/json",
            body: JSON.stringify({ error: { code: "PRUNELLA_INTERNAL", message: "Something broke.", hint: null } }),
          });
    await seen.page.route("**/v1/**", fails);
    await lookAtAll(seen, "error");
  });

  it("nothing is broken before the first answer", async () => {
    await using seen = await asOperator(world.fixture);
    await seen.page.route("**/v1/**", (route) =>
      /\/v1\/(?:me|kill)$/.test(new URL(route.request().url()).pathname) ? route.continue() : undefined,
    );
    await lookAtAll(seen, "loading", async (page) => {
      await page.locator("h1").first().waitFor({ state: "attached", timeout: SETTLED_MS });
      await page.waitForFunction(() => document.querySelector("main.invisible") === null);
    });
  });

  for (const size of [WIDE, PHONE])
    it(`Tab reaches everything that can be used, shows where it is, and comes round: ${size.width} px`, async () => {
      await using seen = await asOperator(world.fixture);
      await seen.page.setViewportSize(size);
      for (const path of INSIDE) {
        await seen.page.goto(built.url + addressOf(path));
        await settled(seen.page);
        const { stops, ...rest } = await walk(seen.page);
        expect.soft(stops, path).toBeGreaterThan(5);
        expect.soft(rest, path).toEqual({ cameRound: true, missed: [], unseen: [], covered: [] });
      }
    });

  it("a walk by Tab tells of what it could not reach, did not see, or could not leave", async () => {
    await using seen = await asOperator(world.fixture);
    await settled(seen.page);
    await seen.page.evaluate(() => {
      const [first, second, third] = document.querySelectorAll<HTMLElement>("nav a");
      if (first !== undefined) first.tabIndex = -1;
      if (second !== undefined) second.style.outline = "none";
      third?.addEventListener("keydown", (event) => event.preventDefault());
    });
    const { cameRound, missed, unseen } = await walk(seen.page);
    expect({ cameRound, first: missed[0], unseen }).toEqual({
      cameRound: false,
      first: "a “Inbox”",
      unseen: [expect.stringMatching(/^a “Escalations/)],
    });
  });

  it("nothing is broken for whoever is signed out or invited", async () => {
    for (const [path, name] of [
      ["/sign-in", "signed out"],
      ["/faults/0", "sent to sign in"],
      ["/invitation", "without a code"],
      ["/invitation#code=wrong", "with a code"],
      ["/nowhere/at/all", "of an unknown address"],
    ] as const) {
      await using seen = await visit(world.fixture, null);
      await seen.page.goto(built.url + path);
      await settled(seen.page);
      await look(seen, `${path} ${name}`);
    }
  });
});
