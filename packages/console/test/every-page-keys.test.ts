import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM } from "./built-console.ts";
import { INSIDE, PHONE, WIDE, useEveryPage } from "./every-page.ts";
import { walk } from "./keyboard.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "every page by keyboard, in Chromium",
  { timeout: 300_000 },
  () => {
    const { addressOf, asOperator, settled, url, world } = useEveryPage();

    for (const size of [WIDE, PHONE])
      it(`Tab reaches everything that can be used, shows where it is, and comes round: ${size.width} px`, async () => {
        await using seen = await asOperator(world().fixture);
        await seen.page.setViewportSize(size);
        for (const path of INSIDE) {
          await seen.page.goto(url() + addressOf(path));
          await settled(seen.page);
          const { stops, ...rest } = await walk(seen.page);
          expect.soft(stops, path).toBeGreaterThan(5);
          expect.soft(rest, path).toEqual({ cameRound: true, missed: [], unseen: [], covered: [] });
        }
      });

    it("a walk by Tab tells of what it could not reach, did not see, or could not leave", async () => {
      await using seen = await asOperator(world().fixture);
      await settled(seen.page);
      await seen.page.evaluate(() => {
        const [first, second, third] = document.querySelectorAll<HTMLElement>("nav a");
        if (first !== undefined) first.tabIndex = -1;
        if (second !== undefined) second.style.outline = "none";
        third?.addEventListener("keydown", (event) => event.preventDefault());
      });
      const { cameRound, missed, unseen } = await walk(seen.page);
      expect({ cameRound, first: missed[0], unseen }).toEqual({
        cameRound: false,
        first: "a “Inbox”",
        unseen: [expect.stringMatching(/^a “Escalations/)],
      });
    });
  },
);
