import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import type { Double } from "./api-double.ts";
import { axe, CHROMIUM, overflow, rulesIn } from "./built-console.ts";
import { LOOKS, SETTLED_MS, PAGES, useConsole } from "./console-fixture.ts";
import { answerOf, uuid } from "./fixtures.ts";

const FAULT = `/faults/${uuid(1, 2)}`;

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("what heals in Chromium", { timeout: 180_000 }, () => {
  const { open, startDouble } = useConsole();

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
          expect.soft(await axe(page, rulesIn(scheme)), `axe on ${path}`).toEqual([]);
        }
        expect.soft(await overflow(page), path).toBeLessThanOrEqual(0);
        // What is the matter stands there once, and the gate's words are folded away.
        expect.soft(await page.getByText("flaky-service is down").count(), path).toBe(1);
        expect.soft(await page.getByText("3 restarts in 12 min, none held longer than 43 s.").count(), path).toBe(1);
        expect.soft(await page.getByText("budget.max").first().isVisible(), path).toBe(false);
        if (path !== "/escalations") expect(await page.title()).toBe("(1) flaky-service is down · Prunella");
      }
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

  it("moves the kill switch only in two steps", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/triggers");
    const { page } = view;
    for (const words of [
      "Storm: with fewer than 2 of the project’s targets well it waits 10 min.",
      "A failure of the level fatal or above opens a corrective sprint at once.",
      "Each evaluation is kept, also one that did not hold.",
    ])
      await page.getByText(words).waitFor();
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
        expect.soft(await axe(view.page, rulesIn(look.scheme)), `axe on ${name}, ${lookName}`).toEqual([]);
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
      expect.soft(await axe(each.page, rulesIn(look.scheme)), name).toEqual([]);
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
      expect.soft(await axe(view.page, rulesIn(look.scheme)), name).toEqual([]);
      expect.soft(await overflow(view.page), name).toBeLessThanOrEqual(0);
    }
  });

  it("verifies the ledger and says plainly when it is broken", async () => {
    await using double = await startDouble(4, Date.now());
    await using view = await open(double, "/entries");
    const { page } = view;
    await page.getByRole("button", { name: "Verify at the server" }).click();
    await page.getByText("The ledger verifies.").waitFor();
    double.world.ledgerOk = false;
    await page.getByRole("button", { name: "Verify at the server" }).click();
    await page.getByText("The ledger does not verify.").waitFor();
    await page.getByText("entry 77").waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("link", { name: "Older" }).click();
    await expect.poll(() => page.url()).toContain("from=31");
  });
});
