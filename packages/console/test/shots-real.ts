import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
const data = mkdtempSync("/tmp/console-real-");
const up = spawn(
  process.execPath,
  ["packages/cli/bin/prunella.js", "up", "--port", "0", "--data", `${data}/data`, "--json"],
  { cwd: "../..", stdio: ["ignore", "pipe", "inherit"] },
);
const line: string = await new Promise((r) => up.stdout.once("data", (b) => r(String(b).split("\n")[0] ?? "")));
const { sign_in, url } = JSON.parse(line);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu"],
});
const c = await browser.newContext({ viewport: { width: 390, height: 844 } });
const p = await c.newPage();
p.on("pageerror", (e) => console.log("pageerror", String(e)));
p.on("console", (m) => m.type() === "error" && console.log("console", m.text()));
const shot = (n: string, full = false) => p.screenshot({ path: `/tmp/shots/real-${n}.png`, fullPage: full });
await p.goto(sign_in);
await p
  .getByText("▲")
  .first()
  .waitFor({ timeout: 1 })
  .catch(() => {});
await p
  .waitForFunction(() => /^\(\d+\)/.test(document.title), null, { timeout: 120_000 })
  .catch(() => console.log("no question yet"));
await p.goto(`${url}/programs`);
await p.waitForTimeout(1500);
await shot("programs", true);
await p.goto(`${url}/escalations`);
await p.waitForTimeout(1000);
await shot("escalations", true);
await p.getByRole("link", { name: "Open the fault" }).first().click();
await p.waitForTimeout(1200);
await shot("fault");
console.log("title", await p.title());
await p.getByRole("button", { name: "Restart once" }).click();
await p.waitForTimeout(700);
await shot("decided-1");
await p.waitForTimeout(9000);
await shot("decided-2");
console.log("title", await p.title());
await p.goto(`${url}/programs`);
await p.waitForTimeout(1200);
await p.getByText("Last lines of output").first().click();
await p.waitForTimeout(900);
await shot("programs-2", true);
await p.getByRole("button", { name: /^Stop/ }).first().click();
await p.waitForTimeout(400);
await shot("confirm");
await p.getByRole("button", { name: "Stop it" }).click();
await p.waitForTimeout(2500);
await shot("stopped", true);
await browser.close();
up.kill("SIGTERM");
await new Promise((r) => up.once("close", r));
process.exit(0);
