/**
 * The picture of the README. What is drawn is compared by what the page consists of, not by its pixels:
 * when headings, buttons or columns are others than in the picture, this fails until it is made anew.
 */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { PAGE_KEY, startDouble } from "./api-double.ts";
import { CHROMIUM, openBrowser } from "./built-console.ts";
import { builtPages } from "./built-pages.ts";
import { uuid } from "./fixtures.ts";

const IMAGES = join(import.meta.dirname, "../../../docs/images");
const PICTURE = join(IMAGES, "console.png");
const PARTS = join(IMAGES, "console.json");
/** What a page of text may cost whoever opens the README. */
const MOST_BYTES = 200_000;
/** `npm run pictures` */
const isMaking = process.env["PRUNELLA_PICTURES"] === "1";
/** The same on every machine. */
const NOW = Date.UTC(2026, 10, 29, 3, 12);

let dist = "";
beforeAll(async () => {
  dist = await builtPages();
}, 240_000);

/** Headings, buttons, links of the menu and columns, with numbers left out: times and counts are the data's. */
const partsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll("h1, h2, h3, nav a, main button, th, dt")]
      .filter((each) => each.checkVisibility())
      .map((each) => `${each.tagName.toLowerCase()} ${(each.getAttribute("aria-label") ?? each.textContent).trim()}`)
      .map((text) => text.replaceAll(/\d+/g, "#").replaceAll(/\s+/g, " ")),
  );

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the picture of the console", { timeout: 120_000 }, () => {
  it("shows what the page consists of today; if not: npm run pictures", async () => {
    const browser = await openBrowser();
    try {
      await using double = await startDouble(dist, 40, NOW);
      double.world.demo = false;
      const context = await browser.newContext({
        viewport: { width: 1200, height: 760 },
        colorScheme: "light",
        reducedMotion: "reduce",
        timezoneId: "UTC",
        storageState: {
          cookies: [],
          origins: [{ origin: double.url, localStorage: [{ name: "prunella.page-key", value: PAGE_KEY }] }],
        },
      });
      const page = await context.newPage();
      await page.clock.setFixedTime(NOW);
      await page.goto(`${double.url}/faults/${uuid(1, 2)}`);
      await page.getByText("Why these events are one fault").first().waitFor();
      const parts = await partsOf(page);
      if (isMaking) {
        mkdirSync(IMAGES, { recursive: true });
        await page.screenshot({ path: PICTURE });
        writeFileSync(PARTS, `${JSON.stringify(parts, null, 2)}\n`);
      }
      expect(parts.length).toBeGreaterThan(10);
      expect(JSON.parse(readFileSync(PARTS, "utf8"))).toEqual(parts);
    } finally {
      await browser.close();
    }
  });

  it("is small enough for whoever opens the README", () => {
    expect(statSync(PICTURE).size).toBeLessThan(MOST_BYTES);
    expect(readFileSync(PICTURE).subarray(1, 4).toString()).toBe("PNG");
  });
});
