import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, overflow, rulesIn } from "./built-console.ts";
import { LOOKS, useConsole } from "./console-fixture.ts";
import { uuid } from "./fixtures.ts";

const FAULT = `/faults/${uuid(1, 2)}`;

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "the page of a fault in Chromium",
  { timeout: 180_000 },
  () => {
    const { open, startDouble } = useConsole();

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
        expect.soft(await axe(each.page, rulesIn(look.scheme)), name).toEqual([]);
        expect.soft(await overflow(each.page), name).toBeLessThanOrEqual(0);
      }
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
        expect.soft(await axe(view.page, rulesIn(look.scheme)), name).toEqual([]);
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
        expect.soft(await axe(view.page, rulesIn(look.scheme)), name).toEqual([]);
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
  },
);
