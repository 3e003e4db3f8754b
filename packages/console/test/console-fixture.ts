/** The built console in a real browser, against a double of the API, for the tests of one file. */
import { type Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type Double, PAGE_KEY, startDouble as startDoubleOf } from "./api-double.ts";
import { openBrowser } from "./built-console.ts";
import { builtPages } from "./built-pages.ts";
import { uuid } from "./fixtures.ts";

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 360, height: 740 };
export const SETTLED_MS = 30_000;

export const LOOKS: readonly (readonly [name: string, look: { size: typeof WIDE; scheme: "light" | "dark" }])[] = [
  ["light", { size: WIDE, scheme: "light" }],
  ["dark", { size: WIDE, scheme: "dark" }],
  ["phone", { size: PHONE, scheme: "light" }],
];

export const FAULT = `/faults/${uuid(1, 2)}`;
export const PAGES: [name: string, path: string, shows: string][] = [
  ["sign-in", "/sign-in", "npx --no-install prunella sign-in"],
  ["Inbox", "/", "last seen"],
  ["fault", FAULT, "Why these events are one fault"],
  ["escalations", "/escalations?status=all", "What was tried"],
  ["one escalation", `/escalations/${uuid(3, 1)}`, "Decided: Restart once"],
  ["programs", "/programs", "waiting to restart"],
  ["triggers", "/triggers", "restart-flaky-service"],
  ["probes", "/probes", "refused the connection"],
  ["releases", "/releases", "came back"],
  ["release", "/releases/default/shop-api@1.4.2", "First seen in it"],
  ["ledger", "/entries", "Entries 81 to 130"],
  ["settings", "/settings", "Grouping rules"],
  ["forge", "/settings/forge", "too broad: take it away"],
  ["API", "/docs/api", "list_faults"],
  ["unknown address", "/nowhere", "There is no such page"],
];

/** Of one file: its browser, and the pages that whoever came first has built. */
export function useConsole() {
  let browser: Browser;
  let dist = "";
  beforeAll(async () => {
    dist = await builtPages();
    browser = await openBrowser();
  }, 240_000);
  afterAll(() => browser?.close());

  /** A page that notes everything it complains about. */
  async function open(
    double: Double,
    path: string,
    look: { size?: typeof WIDE; scheme?: "light" | "dark"; timezone?: string; fine?: boolean } = {},
  ) {
    const context = await browser.newContext({
      viewport: look.size ?? WIDE,
      colorScheme: look.scheme ?? "light",
      reducedMotion: "reduce",
      deviceScaleFactor: look.fine === true ? 2 : 1,
      timezoneId: look.timezone ?? "UTC",
    });
    const page = await context.newPage();
    // What signing in left in this browser, put there once; whether the server still knows it is the double's to say.
    await page.addInitScript((key) => {
      if (window.name === "signed in") return;
      window.name = "signed in";
      localStorage.setItem("prunella.page-key", key);
    }, PAGE_KEY);
    const complaints: string[] = [];
    const outside: string[] = [];
    page.on("console", (message) => {
      // The browser itself logs a refused or failed request; those are asked for by the tests.
      if (
        (message.type() === "error" || message.type() === "warning") &&
        !/Failed to load resource/.test(message.text())
      )
        complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(double.url)) outside.push(request.url());
    });
    await page.goto(double.url + path);
    await page.locator("h1").first().waitFor({ state: "attached", timeout: SETTLED_MS });
    return { page, complaints, outside, [Symbol.asyncDispose]: () => context.close() };
  }

  return {
    open,
    startDouble: (faults: number, now: number): Promise<Double> => startDoubleOf(dist, faults, now),
    dist: () => dist,
  };
}
