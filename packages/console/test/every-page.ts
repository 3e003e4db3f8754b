/**
 * Every page that the router knows, in every state that a page can be in, against a real server: nothing that
 * axe finds broken in either theme and at either width, nothing that scrolls sideways, no complaint.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";
import type { ServerFixture } from "../../../test/end-to-end/server-fixture.ts";
import { axe, openBrowser, openBuiltConsole, overflow, rulesIn, type BuiltConsole } from "./built-console.ts";
import { openFilled, type World } from "./real-world.ts";

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
const SIGHTS = [WIDE, PHONE].flatMap((size) => (["light", "dark"] as const).map((scheme) => [size, scheme] as const));
export const SETTLED_MS = 30_000;
const OUTSIDE = ["/sign-in", "/invitation"];

/** As the router writes them down; a new page is looked at from the day that it has a route. */
export const PATHS = [
  ...readFileSync(join(import.meta.dirname, "../src/router.tsx"), "utf8").matchAll(/\bpath: "(\/[^"]*)"/g),
].map(([, path = ""]) => path);
export const INSIDE = PATHS.filter((path) => !OUTSIDE.includes(path));

export interface Visit extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
}

/** Of one file: its browser, its server with something of everything, and ways to look at its pages. */
export function useEveryPage() {
  let built: BuiltConsole;
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    built = await openBuiltConsole();
    world = await openFilled();
    browser = await openBrowser();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await world?.fixture[Symbol.asyncDispose]();
  });

  /** What stands for the parameters of a path; a page whose parameters nobody knows is not looked at, and says so. */
  function addressOf(path: string): string {
    const id = path.startsWith("/escalations/sprints")
      ? world.sprint
      : path.startsWith("/escalations")
        ? world.question
        : world.fault;
    const address = path
      .replace("$project/$version", world.release)
      .replace("$session", world.story)
      .replace("$id", id);
    if (address.includes("$")) throw new Error(`say in addressOf what stands for the parameters of ${path}`);
    return address;
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

  /** Structure is the same in either theme, and of a known page at either width; what colours decide is asked again. */
  async function look({ page, complaints }: Visit, name: string, isKnown = false): Promise<void> {
    const sights = isKnown ? SIGHTS.filter(([size, scheme]) => (size === WIDE) === (scheme === "light")) : SIGHTS;
    for (const [size, scheme] of sights) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: scheme });
      const where = `${name}, ${scheme}, ${size.width} px`;
      const folder = process.env["PRUNELLA_PICTURES"];
      if (folder !== undefined)
        await page.screenshot({ path: join(folder, `${where.replaceAll(/\W+/g, "-")}.png`), fullPage: true });
      expect.soft(await axe(page, rulesIn(scheme)), where).toEqual([]);
      expect.soft(await overflow(page), `overflow on ${where}`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: "light" });
    expect.soft(complaints.splice(0), `complaints of ${name}`).toEqual([]);
  }

  /**
   * To another page as a link leads there, without loading the console anew: half of what a look costs. Over when
   * nothing of the former page is left.
   */
  async function turnTo(page: Page, address: string): Promise<void> {
    await page.evaluate((to) => {
      for (const part of document.querySelectorAll<HTMLElement>("main > *")) part.dataset["former"] = "";
      history.pushState(null, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, address);
    await page.waitForFunction(() => document.querySelector("[data-former]") === null, null, { timeout: SETTLED_MS });
  }

  /** Each page is loaded by its own address once, with everything in it; its other states are come to by a link. */
  async function lookAtAll(seen: Visit, state: string, ready = settled, paths = INSIDE): Promise<void> {
    let isLoaded = false;
    for (const path of paths) {
      const address = addressOf(path);
      if (isLoaded && state !== "filled") await turnTo(seen.page, address);
      else await seen.page.goto(built.url + address);
      isLoaded = true;
      await ready(seen.page);
      await look(seen, `${path} ${state}`, state !== "filled");
    }
  }

  return { world: () => world, url: () => built.url, addressOf, visit, asOperator, settled, look, lookAtAll };
}
