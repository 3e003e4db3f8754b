import { existsSync } from "node:fs";
import type { Route } from "playwright-core";
import { describe, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM } from "./built-console.ts";
import { SETTLED_MS, useEveryPage } from "./every-page.ts";
import { invite } from "./real-world.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))(
  "every page in trouble, in Chromium",
  { timeout: 300_000 },
  () => {
    const { asOperator, lookAtAll, settled, visit, world } = useEveryPage();

    it("nothing is broken for a viewer, nor while the kill switch is on", async () => {
      await world().fixture.api("/kill", { method: "POST", body: "{}" });
      try {
        await using viewer = await visit(world().fixture, await invite(world().fixture, "val", "viewer"));
        await viewer.page.getByText("Nothing is healed").first().waitFor({ timeout: SETTLED_MS });
        await lookAtAll(viewer, "viewer, killed");
        await using seen = await asOperator(world().fixture);
        await lookAtAll(seen, "killed", settled, ["/", "/programs", "/triggers"]);
      } finally {
        await world().fixture.api("/unkill", { method: "POST", body: "{}" });
      }
    });

    it("nothing is broken when the server answers nothing but errors", async () => {
      await using seen = await asOperator(world().fixture);
      const fails = (route: Route) =>
        /\/v1\/(?:me|stream|kill)$/.test(new URL(route.request().url()).pathname)
          ? route.continue()
          : route.fulfill({
              status: 500,
              contentType: "application/json",
              body: JSON.stringify({ error: { code: "PRUNELLA_INTERNAL", message: "Something broke.", hint: null } }),
            });
      await seen.page.route("**/v1/**", fails);
      await lookAtAll(seen, "error");
    });

    it("nothing is broken before the first answer", async () => {
      await using seen = await asOperator(world().fixture);
      await seen.page.route("**/v1/**", (route) =>
        /\/v1\/(?:me|kill)$/.test(new URL(route.request().url()).pathname) ? route.continue() : undefined,
      );
      await lookAtAll(seen, "loading", async (page) => {
        await page.locator("h1").first().waitFor({ state: "attached", timeout: SETTLED_MS });
        await page.waitForFunction(() => document.querySelector("main.invisible") === null);
      });
    });
  },
);
