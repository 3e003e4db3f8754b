/**
 * The built console in a real browser, against a double of the API: what a person sees and presses,
 * axe on every page and state, the policy that forbids anything inline, and no sideways scrolling.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CODE, type Double, startDouble as startDoubleOf, PAGE_KEY } from "./api-double.ts";
import { answerOf, uuid } from "./fixtures.ts";

const CHROMIUM = process.env["PRUNELLA_CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };
const FAULT = `/faults/${uuid(1, 2)}`;
const SETTLED_MS = 10_000;

/** A build of its own, so that nobody's `dist` changes under their feet. */
const dist = mkdtempSync(join(tmpdir(), "prunella-console-"));
const startDouble = (faults: number, now: number) => startDoubleOf(dist, faults, now);
beforeAll(async () => {
  const vite = join(createRequire(import.meta.url).resolve("vite/package.json"), "..", "bin", "vite.js");
  // vitest sets NODE_ENV=test, which would build React's development version.
  const env = { ...process.env, NODE_ENV: "production" };
  await promisify(execFile)(
    process.execPath,
    [vite, "build", join(import.meta.dirname, ".."), "--outDir", dist, "--emptyOutDir"],
    { env },
  );
}, 120_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the console in Chromium", { timeout: 90_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  }, 90_000);
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
      // What signing in left in this browser; whether the server still knows it is the double's to say.
      storageState: {
        cookies: [],
        origins: [{ origin: double.url, localStorage: [{ name: "prunella.page-key", value: PAGE_KEY }] }],
      },
    });
    const page = await context.newPage();
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

  /**
   * Names of the rules that axe finds broken, with the places. It looks at what is drawn: before the
   * first frame of a folded part Chromium still calls the words in it invisible.
   */
  async function axe(page: Page): Promise<string[]> {
    await page.evaluate(AXE);
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    const found: unknown = await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then((result) =>
      result.violations.flatMap((rule) => rule.nodes.map((node) => rule.id + " " + node.target.join(" ") + " " + node.failureSummary)))`);
    return Array.isArray(found) ? found.map(String) : ["axe gave no answer"];
  }

  const overflow = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  const PAGES: [name: string, path: string, shows: string][] = [
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
    ["ledger", "/entries", "attempt intent"],
    ["settings", "/settings", "Grouping rules"],
    ["API", "/docs/api", "list_faults"],
    ["unknown address", "/nowhere", "There is no such page"],
  ];
  const LOOKS: [name: string, look: { size: typeof WIDE; scheme: "light" | "dark" }][] = [
    ["light", { size: WIDE, scheme: "light" }],
    ["dark", { size: WIDE, scheme: "dark" }],
    ["phone", { size: PHONE, scheme: "light" }],
  ];

  for (const [lookName, look] of LOOKS) {
    it(`has no axe violation, no complaint and no sideways scrolling on any page: ${lookName}`, async () => {
      await using double = await startDouble(120, Date.now());
      for (const [name, path, shows] of PAGES) {
        await using view = await open(double, path, look);
        if (name === "Inbox") await view.page.locator("li[data-index]").first().waitFor();
        else await view.page.getByText(shows).first().waitFor({ timeout: SETTLED_MS });
        if (name === "fault") await view.page.locator(".uplot canvas").waitFor();
        expect.soft(await axe(view.page), `axe on ${name}`).toEqual([]);
        expect.soft(await overflow(view.page), `overflow on ${name}`).toBeLessThanOrEqual(0);
        expect.soft(view.complaints, `complaints of ${name}`).toEqual([]);
        expect.soft(view.outside, `outside hosts of ${name}`).toEqual([]);
      }
    });
  }

  it("asks for each thing once while a page opens", async () => {
    await using double = await startDouble(60, Date.now());
    for (const [name, path, shows] of PAGES) {
      double.seen.length = 0;
      await using view = await open(double, path);
      if (name === "Inbox") await view.page.locator("li[data-index]").first().waitFor();
      else await view.page.getByText(shows).first().waitFor({ timeout: SETTLED_MS });
      await view.page.waitForLoadState("load");
      // What a page asks for twice it asks for at once, or when the first answer is there.
      await view.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
      const twice = double.seen.filter((line, at) => double.seen.indexOf(line) < at);
      expect.soft(twice, name).toEqual([]);
    }
  });

  it("moves nothing while a page loads or a notice comes in", async () => {
    await using double = await startDouble(60, Date.now());
    for (const path of [
      "/",
      FAULT,
      "/escalations",
      "/programs",
      "/triggers",
      "/probes",
      "/releases",
      "/entries",
      "/settings",
    ]) {
      await using view = await open(double, path);
      await view.page.waitForLoadState("networkidle", { timeout: 1_500 }).catch(() => undefined);
      double.notice("faults", uuid(1, 2));
      double.notice("attempts", uuid(2, 1));
      await view.page.waitForTimeout(500);
      // Cumulative layout shift as the browser counts it (web-vitals calls up to 0.1 good).
      const shift: unknown = await view.page.evaluate(`new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(0), 200);
      })`);
      expect.soft(shift, path).toBeLessThan(0.01);
    }
  });

  it("stays usable at 400 % zoom, which is a window of 320 CSS pixels", async () => {
    await using double = await startDouble(10, Date.now());
    for (const [name, path] of PAGES) {
      await using view = await open(double, path, { size: { width: 320, height: 256 } });
      await view.page.waitForLoadState("load");
      await view.page.waitForTimeout(200);
      expect.soft(await overflow(view.page), `overflow on ${name}`).toBeLessThanOrEqual(0);
    }
  });

  it("teaches from an empty Inbox, and shows the test event when it comes", async () => {
    await using double = await startDouble(0, Date.now());
    for (const [name, look] of LOOKS) {
      await using view = await open(double, "/", look);
      await view.page.getByText("No faults yet").waitFor();
      expect.soft(await axe(view.page), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
    }
    await using view = await open(double, "/");
    const { page } = view;
    await page.getByRole("tab", { name: "Python" }).click();
    await page.getByText("sentry_sdk.init").waitFor();
    await page.getByRole("tab", { name: "Python" }).press("ArrowLeft");
    await page.getByText("@sentry/browser").first().waitFor();
    await page.getByRole("button", { name: "Send a test event" }).click();
    await page.locator("li[data-index]").waitFor();
    expect(double.seen).toContain("POST /v1/test-event");
    expect(view.complaints).toEqual([]);
  });

  it("says what failed, what still works and what to do", async () => {
    await using double = await startDouble(5, Date.now());
    for (const [fail, path] of [
      ["/v1/faults", "/"],
      ["/v1/faults", FAULT],
      ["/v1/escalations", "/escalations"],
      ["/v1/supervised", "/programs"],
      ["/v1/triggers", "/triggers"],
      ["/v1/releases", "/releases"],
      ["/v1/ledger", "/entries"],
      ["/v1/grouping-rules", "/settings"],
      ["/v1/projects", "/settings"],
    ] as const) {
      double.world.fail = fail;
      await using view = await open(double, path);
      await view.page.getByRole("alert").getByText("Something broke inside Prunella.").waitFor({ timeout: SETTLED_MS });
      expect.soft(await axe(view.page), path).toEqual([]);
      double.world.fail = null;
      await view.page.getByRole("button", { name: "Try again" }).click();
      await view.page
        .getByRole("alert")
        .getByText("Something broke")
        .waitFor({ state: "detached", timeout: SETTLED_MS });
    }
    await using view = await open(double, `/faults/${uuid(1, 999)}`);
    await view.page.getByText("There is no such fault").waitFor();
  });

  it("says since when it is offline, keeps the last picture, and comes back by itself", async () => {
    await using double = await startDouble(5, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    await page.waitForFunction(() => performance.getEntriesByName(`${location.origin}/v1/stream`).length >= 0);
    await double.stop();
    await page.getByText("Offline", { exact: true }).waitFor({ timeout: SETTLED_MS });
    expect(await axe(page)).toEqual([]);
    expect(await page.locator("li[data-index]").count()).toBe(5);
    double.world.faults.pop();
    await double.start();
    await page.getByText("Offline", { exact: true }).waitFor({ state: "detached", timeout: 30_000 });
    await expect.poll(() => page.locator("li[data-index]").count()).toBe(4);
  });

  it("opens pages for the first time while the server is away, instead of the browser's error page", async () => {
    await using double = await startDouble(5, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    const names = ["triggers-page", "settings-page"];
    await page.waitForFunction(
      (wanted) =>
        wanted.every((name) => performance.getEntriesByType("resource").some((entry) => entry.name.includes(name))),
      names,
    );
    await page.waitForLoadState("load");
    await double.stop();
    await page.getByText("Offline", { exact: true }).waitFor({ timeout: SETTLED_MS });
    for (const title of ["Triggers", "Settings"]) {
      await page.getByRole("link", { name: title }).click();
      await page.getByRole("heading", { name: title, level: 1 }).waitFor({ timeout: SETTLED_MS });
      await page.getByText("Offline", { exact: true }).waitFor({ timeout: SETTLED_MS });
    }
  });

  it("signs in by the link, takes the code out of the address, and signs out", async () => {
    await using double = await startDouble(3, Date.now());
    double.world.signedIn = false;
    await using view = await open(double, `/sign-in#code=${CODE}`);
    await view.page.locator("li[data-index]").first().waitFor();
    expect(view.page.url()).toBe(`${double.url}/`);
    expect(double.seen.filter((line) => line === "POST /v1/session")).toHaveLength(1);
    await view.page.getByRole("button", { name: "Sign out" }).click();
    await view.page.getByText("There is no password").waitFor();
    expect(double.seen).toContain("DELETE /v1/session");
  });

  it("leaves nothing of what was read behind after signing out: not in the page, not in its storage", async () => {
    await using double = await startDouble(3, Date.now());
    double.world.signedIn = false;
    await using view = await open(double, `/sign-in#code=${CODE}`);
    const row = view.page.locator("li[data-index]").first();
    await row.waitFor();
    const kept = () =>
      view.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
    expect(await kept()).toContain("prunella.page-key");
    const title = "chargeCard";
    expect(await view.page.content()).toContain(title);
    await view.page.getByRole("button", { name: "Sign out" }).click();
    await view.page.getByText("There is no password").waitFor();
    expect(await kept()).not.toContain("prunella.page-key");
    expect(await view.page.content()).not.toContain(title);
  });

  it("sends a signed-out reader to the sign-in page and back to where they were, and nowhere else", async () => {
    await using double = await startDouble(3, Date.now());
    double.world.signedIn = false;
    await using view = await open(double, FAULT);
    await view.page.getByText("There is no password").waitFor();
    await view.page.getByLabel("Or paste").fill("a wrong code");
    await view.page.getByRole("button", { name: "Sign in" }).click();
    await view.page.getByText("used up or too old").waitFor();
    expect(await axe(view.page)).toEqual([]);
    await view.page.getByLabel("Or paste").fill(`${double.url}/sign-in#code=${CODE}`);
    await view.page.getByRole("button", { name: "Sign in" }).click();
    await view.page.getByText("What the healer did").waitFor();
    expect(view.page.url()).toBe(double.url + FAULT);

    double.world.signedIn = false;
    await using tricked = await open(double, `/sign-in?next=//evil.example/#code=${CODE}`);
    await tricked.page.locator("li[data-index]").first().waitFor();
    expect(tricked.page.url()).toBe(`${double.url}/`);
  });

  it("walks the Inbox by keyboard: j, k, x, e with undo, slash, enter, back", async () => {
    await using double = await startDouble(6, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    const row = () => page.evaluate(() => document.activeElement?.closest("li")?.dataset["index"]);
    await page.keyboard.press("j");
    await expect.poll(row).toBe("0");
    await page.keyboard.press("j");
    await expect.poll(row).toBe("1");
    await page.keyboard.press("k");
    await expect.poll(row).toBe("0");
    expect(await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineWidth)).toBe(
      "2px",
    );

    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.getByText("2 selected").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("e");
    await page.getByText("2 faults resolved.").waitFor();
    await expect.poll(() => page.locator("li[data-index]").count()).toBe(4);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => page.locator("li[data-index]").count()).toBe(6);

    await page.keyboard.press("/");
    await page.keyboard.type("stack size");
    await expect.poll(() => page.url()).toContain("q=stack+size");
    await expect.poll(() => page.locator("li[data-index]").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await expect.poll(row).toBe("0");
    await page.keyboard.press("Enter");
    await page.getByText("What the healer did").waitFor();
    await page.goBack();
    await expect.poll(() => page.url()).toContain("q=stack+size");
    await page.keyboard.press("g");
    await page.keyboard.press("e");
    await page.getByRole("heading", { name: "Escalations" }).waitFor();

    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(view.complaints).toEqual([]);
  });

  it("completes a search by keyboard, filters by what is chosen, and keeps all of it in the address", async () => {
    await using double = await startDouble(30, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("lev");
    await page.getByRole("option", { name: /^level:/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("option", { name: /level:fatal/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("combobox", { name: "Search faults" }).inputValue()).toBe("level:fatal ");
    await expect.poll(() => page.url()).toContain("q=level%3Afatal");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect.poll(() => double.seen.some((line) => line.includes("q=level%3Afatal"))).toBe(true);
    await page.locator("li[data-index] [id^=title-]").first().waitFor();

    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByLabel("Environment").selectOption("staging");
    await page.getByLabel("Order").selectOption("count");
    await expect.poll(() => page.url()).toContain("environment=staging");
    await expect.poll(() => page.url()).toContain("sort=count");
    await expect
      .poll(() =>
        double.seen.some((line) => /environment=staging.*sort=count|sort=count.*environment=staging/.test(line)),
      )
      .toBe(true);
    expect(await axe(page)).toEqual([]);

    await page.getByLabel("Name of the view").fill("Fatal on staging");
    await page.getByRole("button", { name: "Keep this search" }).click();
    await page.getByRole("link", { name: "Fatal on staging" }).waitFor();
    expect(double.world.views[0]?.filter).toMatchObject({
      environment: "staging",
      sort: "count",
      q: expect.stringContaining("level:fatal"),
    });
    await page.getByRole("link", { name: "Take everything off" }).click();
    await expect.poll(() => page.url()).toBe(`${double.url}/`);
    await page.getByRole("link", { name: "Fatal on staging" }).click();
    await expect.poll(() => page.url()).toContain("environment=staging");
    await page.getByRole("button", { name: /^Filters/ }).click();
    await page.getByRole("link", { name: /environment: staging/ }).click();
    await expect.poll(() => page.url()).not.toContain("environment");
    await page.goBack();
    await expect.poll(() => page.url()).toContain("environment=staging");
    expect(view.complaints).toEqual([]);
  });

  it("says what of a search is not understood and keeps the list, and where it looked when nothing fits", async () => {
    await using double = await startDouble(10, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    const search = page.getByRole("combobox", { name: "Search faults" });
    await search.fill("levle:fatal");
    await page.getByText("There is no key levle").waitFor();
    await page.getByText("Did you mean level: ?").waitFor();
    expect(await page.locator("li[data-index]").count()).toBeGreaterThan(0);
    expect(await axe(page)).toEqual([]);
    await search.fill("artichoke");
    await page.getByText("Looked at: titles, places, messages.").waitFor();
    expect(await page.getByText("There is no key levle").count()).toBe(0);
    await page.getByRole("link", { name: /in another state/ }).waitFor();
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect.poll(() => page.locator("li[data-index]").count()).toBeGreaterThan(3);
  });

  it("goes from fault to fault in the list that it came from, past what was shown, and back to the place it left", async () => {
    await using double = await startDouble(120, Date.now());
    await using view = await open(double, "/?status=all");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const title = (n: number) => page.getByText(`${n} of 120`).waitFor();
    await title(2);
    await page.keyboard.press("k");
    await title(1);
    expect(await page.getByRole("button", { name: "Previous fault" }).isDisabled()).toBe(true);
    for (let n = 2; n <= 52; n += 1) {
      await page.keyboard.press("j");
      await title(n);
    }
    expect(page.url()).toContain(uuid(1, 51));
    expect(await axe(page)).toEqual([]);
    for (let n = 51; n >= 40; n -= 1) {
      await page.keyboard.press("k");
      await title(n);
    }
    await page.keyboard.press("u");
    const focused = () => page.evaluate(() => document.activeElement?.closest("li")?.dataset["index"]);
    await expect.poll(focused, { timeout: SETTLED_MS }).toBe("39");
    const row = page.locator('[data-row="39"]');
    expect(
      await row.evaluate((link) => {
        const { top, bottom } = link.getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      }),
    ).toBe(true);
    await using alone = await open(double, FAULT);
    await alone.page.getByText("What the healer did").waitFor();
    expect(await alone.page.getByRole("button", { name: "Next fault" }).count()).toBe(0);
  });

  it("feels ten thousand faults like fifty: few rows stand in the page, all can be reached", async () => {
    await using double = await startDouble(10_000, Date.now());
    await using view = await open(double, "/?status=all");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    for (let pages = 0; pages < 4; pages++) {
      const next = async () => {
        await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
        return double.seen.some((line) => line.includes(`cursor=${50 * (pages + 1)}`));
      };
      await expect.poll(next, { timeout: SETTLED_MS }).toBe(true);
    }
    await expect.poll(() => page.locator("li[data-index]").last().getAttribute("data-index")).not.toBe("49");
    expect(await page.locator("li[data-index]").count()).toBeLessThan(90);
  });

  it("takes up a change within a moment of its notice, and asks at most four times a second", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    await page.mouse.move(5, 500);
    const before = double.seen.filter((line) => line.startsWith("GET /v1/faults")).length;
    const started = Date.now();
    for (let n = 0; n < 40; n++) {
      for (const fault of double.world.faults) fault.count = 4_000 + n;
      double.notice("faults", uuid(1, 0));
      await page.waitForTimeout(20);
    }
    await page.getByText("4,039").first().waitFor({ timeout: SETTLED_MS });
    const asked = double.seen.filter((line) => line.startsWith("GET /v1/faults")).length - before;
    expect(asked).toBeLessThanOrEqual(Math.ceil((Date.now() - started) / 250) + 1);
  });

  it("keeps rows in their places under the pointer and says what moved", async () => {
    const now = Date.now();
    await using double = await startDouble(4, now);
    await using view = await open(double, "/");
    const { page } = view;
    const titles = () => page.locator("li[data-index] [id^=title-]").allTextContents();
    await page.locator("li[data-index]").first().waitFor();
    const order = await titles();
    await page.keyboard.press("j");
    const last = double.world.faults.pop();
    if (last === undefined) throw new Error("the double has faults");
    double.world.faults.unshift({ ...last, id: uuid(1, 77), title: "NewError: just now" });
    double.notice("faults", uuid(1, 77));
    await page.getByText("1 fault moved up. Show").waitFor();
    expect((await titles()).slice(0, 3)).toEqual(order.slice(0, 3));
    await page.getByText("1 fault moved up. Show").click();
    await expect.poll(async () => (await titles())[0]).toBe("NewError: just now");
  });

  it("never makes a link or markup of an outsider's text, and names hidden characters", async () => {
    await using double = await startDouble(8, Date.now());
    await using view = await open(double, "/");
    const title = view.page.locator(`#title-${uuid(1, 4)}`);
    await title.waitFor();
    expect(await title.textContent()).toContain("<b>click here</b> U+202Egnp.exe");
    expect(await view.page.locator("a[href*='evil']").count()).toBe(0);
    await view.page.goto(`${double.url}/faults/${uuid(1, 4)}`);
    await view.page.getByText("never-a-link").waitFor();
    expect(await view.page.locator("a[href*='evil']").count()).toBe(0);
    expect(await view.page.locator(".pill", { hasText: "email" }).count()).toBeGreaterThan(0);
  });

  it("reads the trend by arrow keys and as a table", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, FAULT);
    const { page } = view;
    await page.locator(".uplot canvas").waitFor();
    const plot = page.getByRole("slider", { name: /Events by the hour/ });
    await plot.focus();
    await plot.press("End");
    const atEnd = await plot.getAttribute("aria-valuetext");
    await plot.press("ArrowLeft");
    expect(await plot.getAttribute("aria-valuetext")).not.toBe(atEnd);
    expect(await plot.getAttribute("aria-valuetext")).toMatch(/\d+ events?/);
    await page.getByRole("button", { name: "Show as table" }).click();
    await page.getByRole("columnheader", { name: "hour, UTC" }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  it("decides an escalation, and says so when somebody else was faster", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/escalations");
    await using slow = await open(double, "/escalations");
    await slow.page.getByRole("button", { name: "Restart once" }).waitFor();
    await view.page.getByRole("button", { name: "Leave stopped" }).click();
    await view.page.getByText("Nothing waits for you").waitFor();
    expect(double.world.escalation?.decision).toBe("leave_stopped");
    expect(await axe(view.page)).toEqual([]);
    // The other tab hears of it by the stream, without a press.
    await slow.page.getByText("Nothing waits for you").waitFor({ timeout: SETTLED_MS });
  });

  for (const scheme of ["light", "dark"] as const)
    it(`puts the question first on a phone, under the thumb, and keeps it there while the page scrolls: ${scheme}`, async () => {
      await using double = await startDouble(4, Date.now());
      const size = { width: 390, height: 844 };
      for (const path of [FAULT, "/escalations", `/escalations/${uuid(3, 0)}`]) {
        await using view = await open(double, path, { size, scheme });
        const { page } = view;
        const buttons = ["Restart once", "Leave stopped"].map((name) => page.getByRole("button", { name }));
        await buttons[0]?.waitFor();
        for (const scrolled of [false, true]) {
          if (scrolled) await page.evaluate(() => window.scrollTo(0, 600));
          for (const button of buttons) {
            const box = await button.boundingBox();
            expect.soft(box?.height, path).toBeGreaterThanOrEqual(44);
            expect.soft(box?.y, path).toBeGreaterThanOrEqual(0);
            expect.soft((box?.y ?? size.height) + 44, path).toBeLessThanOrEqual(scrolled ? 200 : 400);
          }
          expect.soft(await axe(page), `axe on ${path}`).toEqual([]);
        }
        expect.soft(await overflow(page), path).toBeLessThanOrEqual(0);
        // What is the matter stands there once, and the gate's words are folded away.
        expect.soft(await page.getByText("flaky-service is down").count(), path).toBe(1);
        expect.soft(await page.getByText("3 restarts in 12 min, none held longer than 43 s.").count(), path).toBe(1);
        expect.soft(await page.getByText("budget.max").first().isVisible(), path).toBe(false);
        if (path !== "/escalations") expect(await page.title()).toBe("(1) flaky-service is down · Prunella");
      }
    });

  it("says that a remedy did not help only where the fault came back, and counts a crash once that two told of", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, FAULT);
    const { page } = view;
    await page.getByText("All 4 attempts").click();
    const steps = page.getByRole("list", { name: "Attempts" });
    await steps.getByText("another failure followed").waitFor();
    expect(await steps.getByText("did not help").count()).toBe(2);
    const count = double.world.faults[2]?.count ?? 0;
    const facts = page.getByRole("complementary", { name: "Facts" });
    await facts.getByText(`${count} events: 2 crashes were told by the program and its supervisor`).waitFor();
    expect(await facts.getByText(`Occurrences${count - 2}`).count()).toBe(1);
    expect(await axe(page)).toEqual([]);
  });

  it("follows a decision to its end, with who decided: started, and held or failed after so long", async () => {
    for (const path of [FAULT, "/escalations", `/escalations/${uuid(3, 0)}`]) {
      await using double = await startDouble(4, Date.now());
      await using view = await open(double, path);
      const { page } = view;
      await page.getByRole("button", { name: "Restart once" }).click();
      await page.getByText("Decided: Restart once, by a person").first().waitFor();
      const { escalation } = double.world;
      if (escalation === null) throw new Error("the double has a question");
      const tell = (answer: Double["world"]["answer"]) => {
        double.world.answer = answer;
        double.notice("attempts", uuid(2, 5));
      };
      const watched = answerOf(escalation, Date.now(), "watching");
      if (watched === null) throw new Error("it was decided to restart");
      tell({ ...watched, state: "permitted", verification: null, ended_at: null });
      await page.getByText("permitted, its executor is told").first().waitFor();
      tell(watched);
      await page.getByText("started after 400 ms").first().waitFor();
      await page.getByText("watched, whether it holds").first().waitFor();
      tell(answerOf(escalation, Date.now(), path === FAULT ? "held" : "ineffective"));
      const end = path === FAULT ? "held" : "failed after 2.3 s";
      const again = double.world.supervised[0];
      if (again === undefined) throw new Error("the double has programs");
      again.open_escalation_id = path === FAULT ? null : uuid(3, 7);
      double.notice("supervised", "program:flaky-service");
      await page.getByRole("list", { name: "What came of it" }).getByText(end).waitFor();
      // The tab says what the page's title says, also when it is decided.
      if (path !== "/escalations") expect(await page.title()).toContain("flaky-service was down · Prunella");
      if (path !== FAULT) await page.getByText("It is down again, and you are asked again").waitFor();
      expect.soft(await axe(page), path).toEqual([]);
      expect.soft(view.complaints, path).toEqual([]);
    }
  });

  it("does not call a question decided that was settled by hand before its time", async () => {
    const now = Date.now();
    await using double = await startDouble(4, now);
    const asked = double.world.escalation;
    if (asked === null) throw new Error("the double has a question");
    const by = { kind: "default" as const, id: null };
    double.world.escalation = {
      ...asked,
      status: "expired",
      decision: "leave_stopped",
      decided_by: by,
      decided_at: now - 60_000,
    };
    await using view = await open(double, `/escalations/${asked.id}`);
    await view.page.getByText("Settled without an answer").waitFor();
    expect(await view.page.getByText("Decided:").count()).toBe(0);
    double.world.escalation = { ...double.world.escalation, expires_at: now - 60_000 };
    await using late = await open(double, `/escalations/${asked.id}`);
    await late.page.getByText("Decided: Leave stopped, by default").waitFor();
    await late.page.getByText("To change your mind").waitFor();
  });

  it("says what the gate ruled on a decision, and what would change a refusal", async () => {
    await using double = await startDouble(4, Date.now());
    double.world.refuses = true;
    await using view = await open(double, `/escalations/${uuid(3, 0)}`);
    await view.page.getByRole("button", { name: "Restart once" }).click();
    const said = view.page.getByText("the gate refused to restart flaky-service: the target was not found");
    await said.first().waitFor();
    expect(await said.allTextContents()).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining("Start the program with `npx --no-install prunella run")),
    );
    expect(await view.page.getByText("flaky-service is restarted once more").count()).toBe(0);
    expect(await axe(view.page)).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  it("moves the kill switch only in two steps", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/triggers");
    const { page } = view;
    await page.getByRole("button", { name: "Stop all remedies…" }).click();
    expect(double.world.kill.on).toBe(false);
    await page.getByRole("button", { name: "Yes, stop all remedies" }).click();
    await page.getByRole("heading", { name: "Kill switch: on" }).waitFor();
    await page.getByText("held back by the kill switch").waitFor();
    expect(double.world.kill.on).toBe(true);
    expect(await axe(page)).toEqual([]);
  });

  it("tells on every page that the kill switch is on, by whom and since when, and switches it off from there", async () => {
    const now = Date.now();
    await using double = await startDouble(4, now);
    double.world.kill = { on: true, since: now - 3 * 3_600_000, by: { kind: "person", id: "operator" } };
    for (const [lookName, look] of LOOKS)
      for (const [name, path] of PAGES.filter(([, path]) => [FAULT, "/programs"].includes(path))) {
        await using view = await open(double, path, look);
        const banner = view.page.getByRole("region", { name: "About this server" });
        await banner.getByText("switched by a person, 3 h ago").waitFor({ timeout: SETTLED_MS });
        expect.soft(await axe(view.page), `axe on ${name}, ${lookName}`).toEqual([]);
        expect.soft(await overflow(view.page), `overflow on ${name}, ${lookName}`).toBeLessThanOrEqual(0);
      }
    await using view = await open(double, "/programs");
    const { page } = view;
    await page.getByRole("button", { name: "Switch it off…" }).click();
    expect(double.world.kill.on).toBe(true);
    await page.getByRole("button", { name: "Yes, let remedies act" }).click();
    await page.getByText("Nothing is healed").waitFor({ state: "detached" });
    expect(double.world.kill.on).toBe(false);
    // Somebody else switches it on: this page hears of it.
    double.world.kill = { on: true, since: Date.now(), by: { kind: "person", id: "operator" } };
    double.notice("triggers", "kill");
    await page.getByText("Nothing is healed").waitFor();
    await page.getByRole("link", { name: "kill switch", exact: true }).click();
    await page.getByRole("heading", { name: "Kill switch: on" }).waitFor();
    expect(view.complaints).toEqual([]);
  });

  it("counts the open questions in the tab's title, on whichever page", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/programs");
    await expect.poll(() => view.page.title()).toBe("(1) Programs · Prunella");
    double.world.escalation = null;
    double.notice("escalations", uuid(3, 0));
    await expect.poll(() => view.page.title()).toBe("Programs · Prunella");
  });

  it("says of each program whether it is up, how it ended last and what its day was like", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.keyboard.press("g");
    await page.keyboard.press("p");
    const row = (name: string) => page.getByRole("article", { name });
    await row("flaky-service").getByText("down and waits for a person").waitFor();
    await row("flaky-service").getByText("exited with code 7, 6 min ago").waitFor();
    await row("flaky-service").getByText("6 restarts in 24 h, 3 in this run").waitFor();
    await row("flaky-service")
      .getByRole("img", { name: /up 23 h, 6 crashes/ })
      .waitFor();
    await row("shop-api").getByText("for 3 h, pid 4101").waitFor();
    await row("shop-api").getByText("was ended by SIGSEGV").waitFor();
    await row("shop-api").getByText("restarted, and it held, by policy").waitFor();
    await row("mailer").getByText("stopped by a person").waitFor();
    await row("shop-api").getByText("54 MiB of memory, 3 % of a core").waitFor();
    const output = page.getByText("Last lines of output", { exact: false });
    await output.nth(1).click();
    await page
      .getByRole("region", { name: "Last lines of output of shop-api" })
      .getByText("listening on :8080")
      .waitFor();
    await output.nth(2).click();
    await page.getByText("has not said anything to this server yet").waitFor();
    expect(await axe(page)).toEqual([]);
    expect(await row("mailer").getByRole("button").allTextContents()).toEqual(["Start…"]);
    expect(await row("shop-api").getByRole("button").allTextContents()).toEqual(["Restart…", "Stop…"]);
    await row("flaky-service").getByRole("link", { name: "Open its fault" }).click();
    await page.waitForURL(`**${FAULT}`);
    await page.goBack();
    await row("flaky-service").getByRole("link", { name: "Decide" }).click();
    await page.waitForURL(`**/escalations/${uuid(3, 0)}`);
    expect(view.complaints).toEqual([]);
  });

  it("stops a program only after saying what will happen, and follows it to its end", async () => {
    await using double = await startDouble(4, Date.now());
    for (const [name, look] of LOOKS) {
      await using each = await open(double, "/programs", look);
      await each.page.getByRole("button", { name: "Stop shop-api…" }).click();
      await each.page.getByRole("alertdialog").getByText("no remedy starts it, until a person does").waitFor();
      expect.soft(await axe(each.page), name).toEqual([]);
      expect.soft(await overflow(each.page), name).toBeLessThanOrEqual(0);
    }
    expect(double.seen.some((line) => line.startsWith("POST /v1/programs"))).toBe(false);
    await using view = await open(double, "/programs");
    const { page } = view;
    await page.getByRole("button", { name: "Stop shop-api…" }).click();
    await page.getByRole("button", { name: "Stop it" }).click();
    await page.getByText("permitted, its supervisor is told").waitFor();
    const program = double.world.supervised.find(({ name }) => name === "shop-api");
    if (program?.last_attempt == null) throw new Error("the double was not asked");
    Object.assign(program, { state: "stopped", pid: null, since: Date.now() });
    program.last_attempt.state = "succeeded";
    double.notice("supervised", "program:shop-api");
    await page.getByText("✓ stopped").waitFor();
    await page.getByRole("button", { name: "Start shop-api…" }).waitFor();
    expect(await axe(page)).toEqual([]);
    expect(view.complaints).toEqual([]);
  });

  it("says what the gate refused to do to a program, and where that is changed", async () => {
    await using double = await startDouble(4, Date.now());
    double.world.refuses = true;
    await using view = await open(double, "/programs");
    const { page } = view;
    await page.getByRole("button", { name: "Start mailer…" }).click();
    await page.getByRole("button", { name: "Start it" }).click();
    await page.getByText("The gate refused to start mailer: the kill switch is on.").waitFor();
    await page.getByText("What would change it: npx --no-install prunella unkill").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "To the kill switch" }).click();
    await page.getByRole("heading", { name: "Kill switch: off" }).waitFor();
  });

  it("teaches from a list of programs that is empty", async () => {
    await using double = await startDouble(0, Date.now());
    for (const [name, look] of LOOKS) {
      await using view = await open(double, "/programs", look);
      await view.page.getByText("prunella run --name").waitFor();
      await view.page.getByText("prunella up --config").waitFor();
      expect.soft(await axe(view.page), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
    }
  });

  it("says why events are one fault: every fingerprint, what two of them share, what two events say", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, FAULT);
    const { page } = view;
    await page.getByText("3 fingerprints lead here").waitFor();
    await page.getByText("opened this fault").waitFor();
    await page.getByText("threshold 0.85").waitFor();
    await page.getByText("They share 3 parts and differ in 2.").waitFor();
    await page.getByLabel("Second fingerprint").selectOption({ label: "C" });
    await page.getByText("They share 3 parts and differ in 1.").waitFor();
    await page.getByText("Compare two events").click();
    await page.getByText("What they say differs in the marked words.").waitFor();
    await page.getByText("1 of them on another line").waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(expect.arrayContaining(["last4", "expiry"]));
    expect(await axe(page)).toEqual([]);

    double.world.keys = 1;
    await using alone = await open(double, FAULT);
    await alone.page.getByLabel("Fingerprints").waitFor();
    expect(await alone.page.getByText("They share").count()).toBe(0);
    for (const [name, look] of LOOKS) {
      double.world.keys = 3;
      await using each = await open(double, FAULT, look);
      await each.page.getByText("Compare two events").click();
      await each.page.getByLabel("The frames of the two events").waitFor();
      expect.soft(await axe(each.page), name).toEqual([]);
      expect.soft(await overflow(each.page), name).toBeLessThanOrEqual(0);
    }
  });

  it("merges selected faults into the largest, shows them there, and takes them apart again", async () => {
    await using double = await startDouble(6, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    const rows = () => page.locator("li[data-index]").count();
    for (const index of [0, 1, 3]) await page.locator(`[data-select="${index}"]`).check();
    await page.getByRole("button", { name: /^Merge 2 others into PaymentError/ }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: /^Merge 2 others into PaymentError/ }).click();
    await page.getByText("2 faults merged into PaymentError").waitFor();
    await expect.poll(rows).toBe(4);
    await page.getByRole("button", { name: "Undo" }).click();
    // Rows wait while the pointer that pressed is still fresh on the list.
    await expect.poll(rows, { timeout: SETTLED_MS }).toBe(6);
    expect(double.world.faults.every((fault) => fault.merged_into === null)).toBe(true);

    await page.locator('[data-row="0"]').focus();
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("M");
    await expect.poll(rows).toBe(5);
    for (const [name, look] of LOOKS) {
      await using into = await open(double, `/faults/${uuid(1, 1)}`, look);
      await into.page.getByText("Merged into this one by a person").waitFor();
      await into.page.locator(".uplot canvas").waitFor();
      // The stream opens a moment after the page and has everything fetched once more.
      await into.page.waitForTimeout(500);
      expect.soft(await axe(into.page), name).toEqual([]);
      expect.soft(await overflow(into.page), name).toBeLessThanOrEqual(0);
      await using member = await open(double, `/faults/${uuid(1, 0)}`, look);
      await member.page.getByText("A person merged this fault into PaymentError").waitFor();
      await member.page.locator(".uplot canvas").waitFor();
      await member.page.waitForTimeout(500);
      expect.soft(await axe(member.page), name).toEqual([]);
      expect.soft(await overflow(member.page), name).toBeLessThanOrEqual(0);
    }
    await using into = await open(double, `/faults/${uuid(1, 1)}`);
    await into.page.getByRole("button", { name: /^Take out/ }).click();
    await into.page.getByText("stands by itself again").waitFor();
    await into.page.getByText("Merged into this one by a person").waitFor({ state: "detached" });
    await into.page.getByRole("button", { name: "Undo" }).click();
    await into.page.getByText("Merged into this one by a person").waitFor();
    await using member = await open(double, `/faults/${uuid(1, 0)}`);
    await member.page.getByRole("button", { name: "Take out" }).click();
    await member.page.getByText("A person merged this fault").waitFor({ state: "detached" });
    expect(double.world.faults.every((fault) => fault.merged_into === null)).toBe(true);
  });

  it("brings back what had been merged before, when a merge of it is undone", async () => {
    await using double = await startDouble(6, Date.now());
    const [small, large, tiny] = double.world.faults;
    if (small === undefined || large === undefined || tiny === undefined) throw new Error("the double has faults");
    tiny.merged_into = small.id;
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator('[data-select="0"]').check();
    await page.locator('[data-select="1"]').check();
    await page.getByRole("button", { name: /^Merge 1 other into/ }).click();
    await expect.poll(() => tiny.merged_into).toBe(large.id);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => [small.merged_into, tiny.merged_into]).toEqual([null, small.id]);
  });

  it("does not offer to merge faults of different projects", async () => {
    await using double = await startDouble(4, Date.now());
    const [first] = double.world.faults;
    if (first !== undefined) first.project_id = "other";
    await using view = await open(double, "/");
    await view.page.locator('[data-select="0"]').check();
    await view.page.locator('[data-select="1"]').check();
    await view.page.getByText("Faults of different projects cannot be merged.").waitFor();
    expect(await view.page.getByRole("button", { name: /^Merge/ }).count()).toBe(0);
  });

  it("writes a grouping rule from a fault by keyboard, with an estimate while typing, and takes it back", async () => {
    await using double = await startDouble(30, Date.now());
    await using view = await open(double, `/faults/${uuid(1, 0)}`);
    const { page } = view;
    await page.getByRole("button", { name: "More", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    expect(await axe(page)).toEqual([]);
    // Around all of them and on to the second.
    const items = await page.getByRole("menuitem").count();
    for (let pressed = 0; pressed <= items; pressed++) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    expect(await page.getByLabel("Class").inputValue()).toBe("TypeError");
    expect(await page.getByLabel("Message").inputValue()).toBe("Cannot read properties of undefined (reading *)");
    expect(await page.getByLabel("File").inputValue()).toBe("src/checkout/card.js");
    await page.getByText(/Estimate: \d+ of the last 30 faults fit/).waitFor();
    const estimate = async () =>
      Number(/Estimate: (\d+)/.exec((await page.getByText("Estimate:").textContent()) ?? "")?.[1]);
    const narrow = await estimate();
    expect(narrow).toBeGreaterThan(0);
    for (const field of ["Class", "Message", "Function", "File"])
      await page.getByLabel(field, { exact: true }).fill("");
    expect(await page.getByRole("button", { name: "Add the rule" }).isDisabled()).toBe(true);
    await page.getByLabel("Message", { exact: true }).fill("*");
    expect(await estimate()).toBeGreaterThan(narrow);
    await page.getByLabel("Target").fill("shop");
    await page.getByText("cannot be said here").waitFor();
    await page.getByLabel("Target").fill("");
    await page.getByLabel("Is one fault named").fill("everything");
    expect(await axe(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("Rule added.").waitFor();
    expect(double.world.rules.at(-1)).toMatchObject({
      project_id: "default",
      when: { message: "*" },
      group_as: "everything",
    });
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => double.world.rules.length).toBe(2);
    // The focus is back on what opened it.
    await page.getByRole("button", { name: "More", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("More");
    expect(view.complaints).toEqual([]);
  });

  it("lists the rules, deletes one, and brings it back", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/settings");
    const { page } = view;
    await page.getByText("slow upstream").waitFor();
    await page.getByRole("button", { name: "Delete the rule slow upstream" }).click();
    await page.getByText("Rule deleted").waitFor();
    await expect.poll(() => double.world.rules.length).toBe(1);
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => double.world.rules.length).toBe(2);
    await page.getByText("The rule is back, as the last of its project.").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("i");
    await page.locator("li[data-index]").first().waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("button", { name: "Write a rule…" }).click();
    await page.getByRole("dialog").waitFor();
    await page.getByRole("textbox", { name: "Class" }).fill("RangeError");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(view.complaints).toEqual([]);
  });

  it("teaches when there is no rule, adds a project with its DSN, and refuses what is no id", async () => {
    await using double = await startDouble(0, Date.now());
    for (const [name, look] of LOOKS) {
      await using view = await open(double, "/settings", look);
      const { page } = view;
      await page.getByText("There is no rule, and most projects need none.").waitFor();
      expect.soft(await axe(page), name).toEqual([]);
      await page.getByRole("button", { name: "Write a rule…" }).click();
      await page.getByRole("dialog").waitFor();
      expect.soft(await axe(page), name).toEqual([]);
      expect.soft(await overflow(page), name).toBeLessThanOrEqual(0);
    }
    await using view = await open(double, "/settings");
    const { page } = view;
    await page.getByLabel("Id of a new project").fill("-shop-");
    await page.getByRole("button", { name: "Add project" }).click();
    await page.getByText("An id is 1 to 40 of").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Id of a new project").fill("shop-api");
    await page.keyboard.press("Enter");
    await page.getByLabel("DSN of shop-api", { exact: true }).waitFor();
    await page.getByLabel("Id of a new project").fill("shop-api");
    await page.keyboard.press("Enter");
    await page.getByText("There is a project shop-api already.").waitFor();
    await page.getByRole("button", { name: "Sign out of this browser" }).click();
    await page.getByText("There is no password").waitFor();
  });

  it("renames, rotates, keeps shorter and deletes a project, each with its own question", async () => {
    await using double = await startDouble(4, Date.now());
    const menu = async (page: Page, item: string) => {
      await page.getByRole("button", { name: "Change default" }).click();
      await page.getByRole("menuitem", { name: item }).click();
      await page.getByRole("heading", { level: 2 }).last().waitFor();
    };
    for (const [name, look] of LOOKS) {
      await using view = await open(double, "/settings", look);
      for (const [item, shows] of [
        ["Rename…", "The id and the DSNs stay"],
        ["DSN keys…", "To rotate, hand out a new key"],
        ["How long data is kept…", "set here; the configuration says 90 days"],
        ["Delete…", "In 24 hours its"],
      ] as const) {
        await menu(view.page, item);
        await view.page.getByText(shows).waitFor();
        expect.soft(await axe(view.page), `${name} ${item}`).toEqual([]);
        expect.soft(await overflow(view.page), `${name} ${item}`).toBeLessThanOrEqual(0);
        await view.page.keyboard.press("Escape");
        await view.page.getByRole("heading", { name: "Settings" }).waitFor();
      }
      expect.soft(view.complaints, name).toEqual([]);
    }
    await using view = await open(double, "/settings");
    const { page } = view;
    await menu(page, "Rename…");
    await page.getByLabel("Title", { exact: true }).fill("The shop");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "The shop" }).waitFor();
    await menu(page, "DSN keys…");
    await page.getByRole("button", { name: "Revoke the key fedcba987654" }).click();
    await page.getByText("fedcba987654").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Rotate" }).click();
    await page.getByText("A new key of default is handed out.").waitFor();
    await page.keyboard.press("Escape");
    await menu(page, "Delete…");
    const remove = page.getByRole("button", { name: "Delete in 24 hours" });
    await page.getByLabel(/^To delete it, type its id/).fill("Default");
    expect(await remove.isDisabled()).toBe(true);
    await page.getByLabel(/^To delete it, type its id/).fill("default");
    await remove.click();
    await page.getByText("with all that it kept").waitFor();
    await page.getByRole("button", { name: "Change default" }).click();
    await page.getByRole("menuitem", { name: "Keep it after all" }).click();
    await page.getByText("with all that it kept").waitFor({ state: "detached" });
    expect(double.seen.filter((line) => line.startsWith("POST /v1/projects"))).toEqual(
      ["rename", "keys/revoke", "keys/rotate", "delete", "keep"].map((verb) => `POST /v1/projects/default/${verb}`),
    );
    expect(view.complaints).toEqual([]);
  });

  it("erases only in two steps, says that it cannot be undone, and not what is tied to others", async () => {
    await using double = await startDouble(4, Date.now());
    const erased = double.world.faults[1];
    for (const [name, look] of LOOKS) {
      await using view = await open(double, FAULT, look);
      await view.page.getByRole("button", { name: "More", exact: true }).click();
      const menu = await view.page.getByRole("menu").boundingBox();
      expect
        .soft((menu?.x ?? 0) + (menu?.width ?? 0), name)
        .toBeLessThanOrEqual(await view.page.evaluate(() => document.body.clientWidth));
      expect.soft(menu?.x, name).toBeGreaterThanOrEqual(0);
      await view.page.getByRole("menuitem", { name: "Erase this fault…" }).click();
      await view.page.getByRole("alertdialog").waitFor();
      await view.page.getByText("It cannot be undone.").waitFor();
      expect.soft(await axe(view.page), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
      await view.page.getByRole("button", { name: "Keep it" }).click();
      await view.page.getByRole("alertdialog").waitFor({ state: "detached" });
    }
    await using view = await open(double, `/faults/${erased?.id}`);
    const { page } = view;
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Erase this fault…" }).click();
    expect(double.seen.some((line) => line.endsWith("/erase"))).toBe(false);
    await page.getByRole("button", { name: "Yes, erase it for good" }).click();
    await page.getByText("Erased, with 1,234,567 events.").waitFor();
    await expect.poll(() => page.locator("li[data-index]").count()).toBe(3);
    expect(view.complaints).toEqual([]);

    const [first, second] = double.world.faults;
    if (first !== undefined && second !== undefined) first.merged_into = second.id;
    await using tied = await open(double, `/faults/${second?.id}`);
    await tied.page.getByRole("button", { name: "More", exact: true }).click();
    await tied.page.getByRole("menuitem", { name: "Erase this fault…" }).click();
    await tied.page.getByText("Take them apart first").waitFor();
    expect(await tied.page.getByRole("button", { name: /^Yes/ }).count()).toBe(0);
    expect(await axe(tied.page)).toEqual([]);
  });

  it("verifies the ledger and says plainly when it is broken", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/entries");
    const { page } = view;
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("The ledger verifies.").waitFor();
    double.world.ledgerOk = false;
    await page.getByRole("button", { name: "Verify" }).click();
    await page.getByText("The ledger does not verify.").waitFor();
    await page.getByText("entry 77").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "Older" }).click();
    await expect.poll(() => page.url()).toContain("from=31");
  });

  it("snoozes, assigns and notes a fault by keys, says so on its page, and takes each back after the page was closed", async () => {
    await using double = await startDouble(4, Date.now());
    const path = `/faults/${uuid(1, 1)}`;
    {
      await using view = await open(double, path);
      const { page } = view;
      await page.getByRole("button", { name: "Snooze…" }).waitFor();
      await page.keyboard.press("s");
      await page.getByRole("dialog", { name: "Snooze this fault" }).waitFor();
      expect(await axe(page)).toEqual([]);
      await page.getByRole("button", { name: "1 d" }).click();
      await page.getByLabel("or after so many more events").fill("100");
      await page.keyboard.press("Enter");
      await page.getByText("1 fault snoozed.").waitFor();
      await page.getByText(/Open again in 24 h \(.* UTC\) or after 100 more events\./).waitFor();
      await page.keyboard.press("a");
      await page.getByLabel("Name").fill("mia");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Assigned to mia" }).waitFor();
      await page.keyboard.press("n");
      await page.getByLabel(/^For whoever looks next/).fill("it is the gateway\nof the bank");
      expect(await axe(page)).toEqual([]);
      await page.keyboard.press("Control+Enter");
      await page.getByText("it is the gateway").waitFor();
      expect(await axe(page)).toEqual([]);
      expect(view.complaints).toEqual([]);
    }
    expect(double.world.faults[1]).toMatchObject({ status: "muted", assignee: "mia", snoozed_count: 1_234_667 });
    for (const [name, look] of LOOKS) {
      await using view = await open(double, path, look);
      await view.page.getByText("What people said").waitFor();
      expect.soft(await axe(view.page), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
    }
    await using view = await open(double, path);
    const { page } = view;
    for (const what of ["note", "assignment", "snooze"])
      await page.getByRole("button", { name: `Take back the ${what}` }).click();
    await expect
      .poll(() => double.world.faults[1])
      .toMatchObject({ status: "regressed", assignee: null, snoozed_until: null, snoozed_count: null });
    await page.getByText("it is the gateway").waitFor({ state: "detached" });
    // The page reads anew after each; the last reading may still be under way.
    await expect.poll(() => page.getByRole("button", { name: /^Take back/ }).count()).toBe(0);
  });

  it("says the same of a whole selection in one request, keeps the focus, and undoes it", async () => {
    await using double = await startDouble(8, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    for (const index of [0, 1, 2]) await page.locator(`[data-select="${index}"]`).check();
    await page.getByRole("button", { name: "Assign…" }).click();
    await page.getByRole("dialog", { name: "Who looks after these 3 faults?" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByLabel("Name").fill("mia");
    await page.keyboard.press("Enter");
    await page.getByText("3 faults assigned to mia.").waitFor();
    expect(double.seen.filter((line) => line.endsWith("/triage"))).toHaveLength(1);
    expect(double.world.faults.filter(({ assignee }) => assignee === "mia")).toHaveLength(4);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => double.world.faults.filter(({ assignee }) => assignee === "mia").length).toBe(1);
    // Without a row that has the focus a key says nothing, whatever had it before.
    await page.locator('[data-row="3"]').focus();
    await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    await page.keyboard.press("m");
    await page.keyboard.press("s");
    await page.waitForTimeout(200);
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(double.world.faults[3]?.status).toBe("open");
    // One by its row: the dialog takes the focus, and what is said is of the row that had it.
    await page.locator('[data-row="1"]').focus();
    await page.keyboard.press("s");
    await page.getByRole("button", { name: "Snooze", exact: true }).click();
    await expect.poll(() => double.world.faults[1]?.status).toBe("muted");
  });

  it("reaches a row by one tab stop, and what else is in it by arrow keys", async () => {
    await using double = await startDouble(6, Date.now());
    await using view = await open(double, "/");
    const { page } = view;
    await page.locator("li[data-index]").first().waitFor();
    const here = () =>
      page.evaluate(() => {
        const active = document.activeElement;
        return `${active?.closest("li")?.dataset["index"] ?? "none"} ${active?.tagName ?? ""}`;
      });
    await page.locator('[data-row="2"]').focus();
    expect(await here()).toBe("2 A");
    await page.keyboard.press("ArrowRight");
    expect(await here()).toBe("2 INPUT");
    await page.keyboard.press(" ");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("asks you");
    await page.keyboard.press("ArrowRight");
    expect(await here()).toBe("2 A");
    await page.keyboard.press("Tab");
    expect(await here()).toBe("3 A");
  });

  it("finds pages, actions and faults in the palette, and gives the focus back", async () => {
    await using double = await startDouble(6, Date.now());
    for (const [name, look] of LOOKS) {
      await using view = await open(double, FAULT, look);
      await view.page.getByRole("button", { name: "Snooze…" }).waitFor();
      await view.page.keyboard.press("Control+k");
      await view.page.getByRole("option", { name: /Snooze/ }).waitFor();
      expect.soft(await axe(view.page), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
    }
    await using view = await open(double, FAULT);
    const { page } = view;
    await page.getByRole("button", { name: "Snooze…" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("stack size");
    await page.getByRole("option", { name: /Maximum call stack size/ }).waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.url()).toContain(uuid(1, 5));
    await page.getByRole("button", { name: "Snooze…" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("mut");
    await page.keyboard.press("Enter");
    await expect.poll(() => double.world.faults[5]?.status).toBe("muted");
    await page.goto(double.url);
    await page.locator('[data-row="3"]').focus();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("resolve, or");
    await page.keyboard.press("Enter");
    await expect.poll(() => double.world.faults[3]?.status).toBe("resolved");
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("combobox").fill("zzzz");
    await page.getByText("Nothing fits.").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(view.complaints).toEqual([]);
  });

  it("decides by two keys in a row, and of several questions only the one that is looked at", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/escalations");
    const { page } = view;
    await page.getByRole("button", { name: "Leave stopped" }).waitFor();
    await page.keyboard.press("2");
    await page.waitForTimeout(200);
    expect(double.world.escalation?.status).toBe("open");
    await page.keyboard.press("d");
    await page.keyboard.press("2");
    await expect.poll(() => double.world.escalation?.decision).toBe("leave_stopped");
  });

  it("shows every exact time in the zone that was chosen, and keeps the choice", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, `/faults/${uuid(1, 1)}?range=24h`, { timezone: "Asia/Kolkata" });
    const { page } = view;
    await page.getByRole("button", { name: /^Times: UTC/ }).waitFor();
    const facts = page.getByRole("complementary", { name: "Facts" });
    await facts.getByText(/UTC$/).first().waitFor();
    await page.getByRole("button", { name: /^Times: UTC/ }).click();
    await facts
      .getByText(/UTC\+5:30$/)
      .first()
      .waitFor();
    expect(await page.getByText(/:\d\d UTC$/).count()).toBe(0);
    await page.getByRole("button", { name: "Show as table" }).click();
    await page.getByRole("columnheader", { name: "quarter, UTC+5:30" }).waitFor();
    await page.reload();
    await facts
      .getByText(/UTC\+5:30$/)
      .first()
      .waitFor();
    await page.goto(`${double.url}/entries`);
    await page
      .getByText(/UTC\+5:30$/)
      .first()
      .waitFor();
    expect(await page.getByText(/:\d\d UTC$/).count()).toBe(0);
  });

  it("shows the trend over four ranges, the first hour of a young fault at once", async () => {
    const now = Date.now();
    await using double = await startDouble(4, now);
    const young = double.world.faults[1];
    if (young !== undefined) young.first_seen = now - 10 * 60_000;
    await using view = await open(double, `/faults/${uuid(1, 1)}`);
    const { page } = view;
    await page.getByRole("heading", { name: "Trend over the last hour, by the minute" }).waitFor();
    await page.getByRole("slider", { name: "Events by the minute, 12 events in the last hour" }).waitFor();
    for (const [button, heading] of [
      ["24 h", "Trend over 24 hours, by the quarter of an hour"],
      ["30 d", "Trend over 30 days, by the day"],
      ["7 d", "Trend over 7 days, by the hour"],
    ] as const) {
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.getByRole("heading", { name: heading }).waitFor();
      await page.locator(".uplot canvas").waitFor();
      expect.soft(await axe(page), button).toEqual([]);
    }
    expect(page.url()).toContain("range=7d");
    expect(view.complaints).toEqual([]);
  });

  it("writes the numbers of the plot at their full size on a fine screen", async () => {
    await using double = await startDouble(4, Date.now());
    const sizeOn = async (fine: boolean) => {
      await using view = await open(double, `/faults/${uuid(1, 1)}`, { fine });
      await view.page.locator(".uplot canvas").waitFor();
      const font = await view.page.evaluate(
        () => document.querySelector<HTMLCanvasElement>(".uplot canvas")?.getContext("2d")?.font ?? "",
      );
      return Number.parseFloat(font);
    };
    const coarse = await sizeOn(false);
    expect(coarse).toBeGreaterThanOrEqual(11);
    expect(await sizeOn(true)).toBe(2 * coarse);
  });

  it("leads to the root cause at once, folds frames that repeat, and copies what people paste", async () => {
    await using double = await startDouble(4, Date.now());
    double.world.recursion = 400;
    await using view = await open(double, `/faults/${uuid(1, 1)}`);
    const { page } = view;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByText("400 times in a row").waitFor();
    const chain = page.getByRole("navigation", { name: "Chain of causes" });
    expect(await chain.getByRole("link").allTextContents()).toEqual(["TypeError", "root cause: Error"]);
    await chain.getByRole("link", { name: "root cause: Error" }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("error-1");
    const copy = async (title: string) => {
      await page.getByRole("button", { name: "Copy", exact: true }).click();
      await page.getByRole("menuitem", { name: title }).click();
      await page.getByText(`Copied: ${title.toLowerCase()}.`).waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copy("Link to this fault")).toBe(`${double.url}/faults/${uuid(1, 1)}`);
    expect(await copy("Fault id")).toBe(uuid(1, 1));
    expect(await copy("Stack as text")).toMatch(/^TypeError: Cannot[\s\S]*\nCaused by: Error: connect/);
    expect(await copy("curl command for it")).toContain(`/v1/faults/${uuid(1, 1)}/events/`);
    expect(JSON.parse(await copy("This event as JSON"))).toMatchObject({ event: { platform: "node" } });
    await page.getByRole("heading", { name: "3 breadcrumbs, the last one first" }).waitFor();
  });

  it("switches colours by hand and keeps the choice", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/", { scheme: "light" });
    const { page } = view;
    const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await ground();
    await page.getByRole("button", { name: /^Colours/ }).click();
    await page.getByRole("button", { name: /^Colours: light/ }).click();
    await expect.poll(ground).not.toBe(light);
    const dark = await ground();
    await page.reload();
    await expect.poll(ground).toBe(dark);
  });
});

describe("the built console", () => {
  it("has no inline script, no inline style and no outside address in its page", () => {
    const html = readFileSync(join(dist, "index.html"), "utf8");
    expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|https?:|\son\w+=/i);
    for (const name of readdirSync(join(dist, "assets"))) expect(name).toMatch(/-[\w-]{8}\.(js|css|svg)(\.br)?$/);
  });
});
