/** What a browser does until the first page stands there, and how that page fits the narrowest phone. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM, openBrowser, openBuiltConsole, type BuiltConsole } from "./built-console.ts";
import { openFilled, type World } from "./real-world.ts";

const SETTLED_MS = 30_000;
/** What the Inbox and the frame around it ask first. */
const FIRST = [
  "/v1/escalations?status=open",
  "/v1/faults?status=active&limit=50",
  "/v1/kill",
  "/v1/me",
  "/v1/projects",
];

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the first page in Chromium", { timeout: 120_000 }, () => {
  let built: BuiltConsole;
  let world: World;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    built = await openBuiltConsole();
    world = await openFilled();
    built.behind(world.fixture.server.url);
    browser = await openBrowser();
    context = await browser.newContext({ viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    await page.goto(`${built.url}/sign-in#code=${await world.fixture.server.kernel.access.mint()}`);
    await page.locator("[data-row]").first().waitFor({ timeout: SETTLED_MS });
    await page.close();
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await built?.[Symbol.asyncDispose]();
    await world?.fixture[Symbol.asyncDispose]();
  });

  /** Paths of the operator API as they are asked for. */
  function heard(page: Page): string[] {
    const paths: string[] = [];
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.startsWith("/v1/")) paths.push(pathname + search);
    });
    return paths;
  }

  it("asks before its code is there, and no question twice", async () => {
    const page = await context.newPage();
    const paths = heard(page);
    const isCode = /\/assets\/first-[^/]+\.js$/;
    // The code stays away until all has been asked: if that waited for it, this would never end.
    await page.route(isCode, async (route) => {
      await expect.poll(() => paths.toSorted(), { timeout: SETTLED_MS }).toEqual(FIRST);
      await route.continue();
    });
    await page.goto(built.url);
    await page.locator("[data-row]").first().waitFor({ timeout: SETTLED_MS });
    await expect.poll(() => paths.includes("/v1/stream"), { timeout: SETTLED_MS }).toBe(true);
    // From there on notices of what goes on have things asked again.
    expect(paths.slice(0, paths.indexOf("/v1/stream")).toSorted()).toEqual(FIRST);
    await page.close();
  });

  it("asks for a fault before its code is there, and not twice", async () => {
    const page = await context.newPage();
    const paths = heard(page);
    const fault = `/v1/faults/${world.fault}`;
    const own = () => paths.filter((path) => path === fault || path === `${fault}/explain`).toSorted();
    await page.route(/\/assets\/first-[^/]+\.js$/, async (route) => {
      await expect.poll(own, { timeout: SETTLED_MS }).toEqual([fault, `${fault}/explain`]);
      await route.continue();
    });
    await page.goto(`${built.url}/faults/${world.fault}`);
    await page.locator("#stack").waitFor({ timeout: SETTLED_MS });
    await expect.poll(() => paths.includes("/v1/stream"), { timeout: SETTLED_MS }).toBe(true);
    expect(own()).toEqual([fault, `${fault}/explain`]);
    await page.close();
  });

  it("fetches the code of other pages when the first one stands there, and not before", async () => {
    const page = await context.newPage();
    const isOther = /\/assets\/(?:fault|settings|ledger)-page-[^/]+\.js$/;
    const others: string[] = [];
    page.on("request", (request) => void (isOther.test(request.url()) && others.push(request.url())));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/v1/faults?*", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto(built.url);
    await page.getByRole("link", { name: "Triggers" }).waitFor({ timeout: SETTLED_MS });
    expect(others).toEqual([]);
    release();
    await expect.poll(() => others.length, { timeout: SETTLED_MS }).toBe(3);
    await page.close();
  });

  it("at 320 px nothing in the bar lies over anything else", async () => {
    const page = await context.newPage();
    await page.goto(built.url);
    await page.locator("[data-row]").first().waitFor({ timeout: SETTLED_MS });
    const crossing = await page.evaluate(() => {
      const shown = [...document.querySelectorAll("header > a > *, header > div button, header > div a")].filter(
        (each) => each.checkVisibility(),
      );
      const boxes = shown.map((each) => ({
        name: each.getAttribute("aria-label") ?? each.tagName,
        box: each.getBoundingClientRect(),
      }));
      return boxes.flatMap((one, at) =>
        boxes
          .slice(at + 1)
          .filter(
            ({ box }) =>
              box.left < one.box.right &&
              one.box.left < box.right &&
              box.top < one.box.bottom &&
              one.box.top < box.bottom,
          )
          .map((other) => [one.name, other.name]),
      );
    });
    expect(crossing).toEqual([]);
    await page.close();
  });
});
