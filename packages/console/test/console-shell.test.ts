import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CODE } from "./api-double.ts";
import { axe, CHROMIUM, overflow, rulesIn } from "./built-console.ts";
import { LOOKS, SETTLED_MS, useConsole } from "./console-fixture.ts";
import { uuid } from "./fixtures.ts";

const FAULT = `/faults/${uuid(1, 2)}`;

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "the console around its pages in Chromium",
  { timeout: 180_000 },
  () => {
    const { open, startDouble } = useConsole();

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
      await page.waitForFunction(() => performance.getEntriesByName("every page is fetched").length > 0);
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

    it("finds pages, actions and faults in the palette, and gives the focus back", async () => {
      await using double = await startDouble(6, Date.now());
      for (const [name, look] of LOOKS) {
        await using view = await open(double, FAULT, look);
        await view.page.getByRole("button", { name: "Snooze…" }).waitFor();
        await view.page.keyboard.press("Control+k");
        await view.page.getByRole("option", { name: /Snooze/ }).waitFor();
        expect.soft(await axe(view.page, rulesIn(look.scheme)), name).toEqual([]);
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

    it("counts the open questions in the tab's title, on whichever page", async () => {
      await using double = await startDouble(4, Date.now());
      await using view = await open(double, "/programs");
      await expect.poll(() => view.page.title()).toBe("(1) Programs · Prunella");
      double.world.escalation = null;
      double.notice("escalations", uuid(3, 0));
      await expect.poll(() => view.page.title()).toBe("Programs · Prunella");
    });
  },
);
