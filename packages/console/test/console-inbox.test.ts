import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, overflow, rulesIn } from "./built-console.ts";
import { LOOKS, SETTLED_MS, useConsole } from "./console-fixture.ts";
import { uuid } from "./fixtures.ts";

const FAULT = `/faults/${uuid(1, 2)}`;

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the Inbox in Chromium", { timeout: 180_000 }, () => {
  const { open, startDouble } = useConsole();

  it("teaches from an empty Inbox, and shows the test event when it comes", async () => {
    await using double = await startDouble(0, Date.now());
    for (const [name, look] of LOOKS) {
      await using view = await open(double, "/", look);
      await view.page.getByText("No faults yet").waitFor();
      expect.soft(await axe(view.page, rulesIn(look.scheme)), name).toEqual([]);
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
});
