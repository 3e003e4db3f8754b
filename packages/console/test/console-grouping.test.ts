import { existsSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { axe, CHROMIUM, overflow, rulesIn } from "./built-console.ts";
import { LOOKS, SETTLED_MS, useConsole } from "./console-fixture.ts";
import { uuid } from "./fixtures.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "merging, rules and projects in Chromium",
  { timeout: 180_000 },
  () => {
    const { open, startDouble } = useConsole();

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
        expect.soft(await axe(into.page, rulesIn(look.scheme)), name).toEqual([]);
        expect.soft(await overflow(into.page), name).toBeLessThanOrEqual(0);
        await using member = await open(double, `/faults/${uuid(1, 0)}`, look);
        await member.page.getByText("A person merged this fault into PaymentError").waitFor();
        await member.page.locator(".uplot canvas").waitFor();
        await member.page.waitForTimeout(500);
        expect.soft(await axe(member.page, rulesIn(look.scheme)), name).toEqual([]);
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
        expect.soft(await axe(page, rulesIn(look.scheme)), name).toEqual([]);
        await page.getByRole("button", { name: "Write a rule…" }).click();
        await page.getByRole("dialog").waitFor();
        expect.soft(await axe(page, rulesIn(look.scheme)), name).toEqual([]);
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
          expect.soft(await axe(view.page, rulesIn(look.scheme)), `${name} ${item}`).toEqual([]);
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
  },
);
