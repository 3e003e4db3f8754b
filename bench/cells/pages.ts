import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSqlite } from "@prunella/server/platform";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { faultId, seedFaults } from "../find/seed.ts";
import { temporaryFolder } from "../folder.ts";
import { field } from "../operator.ts";
import { percentile } from "../percentile.ts";
import { startServerProcess, type ServerProcess } from "../server-process.ts";
import { round, type Cell, type Results } from "./cell.ts";

const CHROMIUM = process.env["PRUNELLA_CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
/** 1.6 Mbit/s with 150 ms from end to end: what web.dev calls a slow fourth generation. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 };
const SETTLED_MS = 60_000;

/** What a person waits for in a browser: until the largest thing stands there, and after each act. */
export const pages: Cell = {
  name: "pages",
  what: "first paint and answers to acts in Chromium, 10,000 faults with a million deltas",
  async run(bench) {
    if (!existsSync(CHROMIUM)) {
      bench.say("SKIPPED pages: there is no Chromium on this machine");
      return { lcp_ms: null, lcp_fault_ms: null, lcp_slow_ms: null, inp_ms: null };
    }
    using data = temporaryFolder("bench-pages");
    const folder = join(data.path, "data");
    // The tables, the ledger's first entry and the project are a server's own.
    await (await startServerProcess({ data: folder })).stop();
    const engine = openSqlite(join(folder, "prunella.db"));
    await seedFaults(engine, { faults: 10_000, deltas: bench.isQuick ? 100_000 : 1_000_000 }, Date.now());
    await engine.close();
    const server = await startServerProcess({ data: folder });
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    try {
      return await measure(server, browser, bench.isQuick ? 3 : 9);
    } finally {
      await browser.close();
      await server.stop();
    }
  },
};

async function measure(server: ServerProcess, browser: Browser, rounds: number): Promise<Results> {
  const [inbox, slow, fault, acts]: number[][] = [[], [], [], []];
  for (let at = 0; at < rounds; at += 1) {
    inbox?.push(await firstPaint(server, browser, "/", false));
    fault?.push(await firstPaint(server, browser, `/faults/${faultId(4_321)}`, false));
    slow?.push(await firstPaint(server, browser, "/", true));
  }
  for (let at = 0; at < Math.ceil(rounds / 3); at += 1) acts?.push(...(await act(server, browser)));
  return {
    lcp_ms: round(percentile(inbox ?? [], 0.75), 0),
    lcp_fault_ms: round(percentile(fault ?? [], 0.75), 0),
    lcp_slow_ms: round(percentile(slow ?? [], 0.75), 0),
    inp_ms: round(percentile(acts ?? [], 1), 0),
    inp_acts: acts?.length ?? 0,
  };
}

/** A browser that has nothing of the console yet but its session. */
async function signedIn(server: ServerProcess, browser: Browser): Promise<BrowserContext> {
  const made = await fetch(new URL("/v1/sign-in-links", server.url), {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}` },
  });
  const { pathname, hash } = new URL(String(field(await made.json(), "url")));
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(new URL(pathname + hash, server.url).href);
  await page.getByRole("navigation", { name: "Pages" }).waitFor({ timeout: SETTLED_MS });
  const storageState = await first.storageState();
  await first.close();
  return browser.newContext({ storageState, viewport: { width: 1440, height: 900 } });
}

async function firstPaint(server: ServerProcess, browser: Browser, path: string, isSlow: boolean): Promise<number> {
  const context = await signedIn(server, browser);
  const page = await context.newPage();
  if (isSlow) {
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", SLOW);
  }
  await page.goto(new URL(path, server.url).href);
  await stands(page, path === "/" ? "li[data-index]" : "#stack");
  await page.waitForTimeout(500);
  const ms = await page.evaluate<number>(`new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true });
  })`);
  await context.close();
  return ms;
}

/** Waits for what a page is there for; where it does not come, what stood there instead says why. */
async function stands(page: Page, what: string): Promise<void> {
  try {
    await page.locator(what).first().waitFor({ timeout: SETTLED_MS });
  } catch (cause) {
    const text = await page.locator("body").innerText();
    throw new Error(`${page.url()} shows no ${what}: ${text.slice(0, 1_000)}`, { cause });
  }
}

/** The usual acts; of each how long the browser took until it had drawn the answer, as INP counts it. */
async function act(server: ServerProcess, browser: Browser): Promise<number[]> {
  const context = await signedIn(server, browser);
  const page = await context.newPage();
  await page.goto(server.url);
  await stands(page, "li[data-index]");
  await page.evaluate(`(() => {
    globalThis.acts = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries())
        if (interactionId > 0) acts.set(interactionId, Math.max(duration, acts.get(interactionId) ?? 0));
    }).observe({ type: "event", durationThreshold: 16 });
  })()`);
  for (const step of STEPS) {
    await step(page);
    await page.waitForTimeout(400);
  }
  const found = await page.evaluate<number[]>("[...acts.values()]");
  await context.close();
  return found;
}

const STEPS: readonly ((page: Page) => Promise<unknown>)[] = [
  (page) => page.getByRole("link", { name: /^Resolved/ }).click(),
  (page) => page.getByRole("link", { name: /^Active/ }).click(),
  (page) => page.locator("[data-select='2']").click(),
  (page) => page.locator("[data-select='4']").click(),
  (page) => page.getByRole("button", { name: "Clear" }).click(),
  (page) => page.getByRole("combobox").first().pressSequentially("upstream", { delay: 60 }),
  (page) => page.keyboard.press("Escape"),
  (page) => page.keyboard.press("Control+k"),
  (page) => page.keyboard.type("ledger", { delay: 60 }),
  (page) => page.keyboard.press("Escape"),
  (page) => page.locator("[data-row='3']").click(),
  (page) => page.getByRole("button", { name: "Mute" }).click(),
  (page) => page.getByRole("button", { name: "7 d", exact: true }).click(),
  (page) => page.keyboard.press("u"),
];
