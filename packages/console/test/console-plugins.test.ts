import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { needs } from "../../../test/needs.ts";
import { CHROMIUM, overflow } from "./built-console.ts";
import { PHONE, useEveryPage, WIDE } from "./every-page.ts";

describe.skipIf(!needs("chromium", existsSync(CHROMIUM)))("the page of plugins", { timeout: 300_000 }, () => {
  const { asOperator, settled, url, world } = useEveryPage();

  it("says of each where it runs, and of each run who, which, what was used, whom it reached and what came of it", async () => {
    await using seen = await asOperator(world().fixture);
    const { page, complaints } = seen;
    for (const size of [WIDE, PHONE]) {
      await page.setViewportSize(size);
      await page.goto(`${url()}/triggers/plugins`);
      await settled(page);
      await page.getByRole("list", { name: "What notes did" }).waitFor();
      const plugin = async (name: string): Promise<string> => {
        const item = page
          .getByRole("listitem")
          .filter({ has: page.getByRole("heading", { name: `${name} 0.1.0`, exact: true }) });
        return (await item.innerText()).replaceAll(/\s+/g, " ");
      };
      expect(await plugin("far-greeter")).toMatch(
        /Runs outside, at https:\/\/greeter-of[^ ]+: its code is not held to a digest\. Pinned: its manifest, its address\./,
      );
      expect(await plugin("far-greeter")).toMatch(
        /hi ✗ failed .* It answered with the status 502\. By .*\(cli\), digest 6f6f6f6f6f6f, ledger entry \d+ net:write: 1 allowed, 0 refused; reached greeter-of/,
      );
      expect(await plugin("far-builder")).toMatch(/acme\/flow:prunella\.yml@main.* the workflow's commit 5e5e5e5e5e5e/);
      expect(await plugin("far-builder")).toMatch(/build runs .* Runs: https:\/\/forge\.example\.com/);
      expect(await plugin("notes")).toMatch(/A server of tools \(mcp-stdio\).* find ✗ failed .* held by bwrap/);
      expect(await plugin("greeter")).not.toContain("Runs outside");
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      if (process.env["PRUNELLA_LOOK"] !== undefined)
        await page.screenshot({ path: `${process.env["PRUNELLA_LOOK"]}-${size.width}.png`, fullPage: true });
    }
    expect(complaints).toEqual([]);
  });
});
