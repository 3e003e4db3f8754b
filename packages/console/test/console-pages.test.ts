import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM, axe, overflow } from "./built-console.ts";
import { FAULT, PAGES, SETTLED_MS, useConsole } from "./console-fixture.ts";
import { uuid } from "./fixtures.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "every page of the console in Chromium",
  { timeout: 300_000 },
  () => {
    const { open, startDouble, dist } = useConsole();

    it("asks for each thing once while a page opens, and nobody else", async () => {
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
        expect.soft(view.complaints, `complaints of ${name}`).toEqual([]);
        expect.soft(view.outside, `outside hosts of ${name}`).toEqual([]);
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
        await view.page
          .getByRole("alert")
          .getByText("Something broke inside Prunella.")
          .waitFor({ timeout: SETTLED_MS });
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

    it("has no inline script, no inline style and no outside address in its page", () => {
      const html = readFileSync(join(dist(), "index.html"), "utf8");
      expect(html).not.toMatch(/<style|style=|<script(?![^>]* src=)|https?:|\son\w+=/i);
      for (const name of readdirSync(join(dist(), "assets"))) expect(name).toMatch(/-[\w-]{8}\.(js|css|svg)(\.br)?$/);
    });
  },
);
