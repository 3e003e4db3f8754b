import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEnvelopeSwitches } from "./autofix-env.ts";

const NAME = "PRUNELLA_AUTOFIX_FLY_ENABLED";
let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "prunella-autofix-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (text: string) => writeFileSync(join(folder, "autofix.env"), text);

describe("the switches of envelopes", () => {
  it.each(["true", "1", "yes", "on", "TRUE", " Yes ", '"on"'])("are on at %j and nothing else", (value) => {
    write(`${NAME}=${value}\n`);
    expect(openEnvelopeSwitches(folder, {}).isOn("fly")).toBe(true);
  });

  it.each(["false", "0", "", "y", "enabled", "true!", "on off", "tru\u0435", "１", "yes\u0301"])(
    "are off at %j",
    (value) => {
      write(`${NAME}=${value}\n`);
      expect(openEnvelopeSwitches(folder, {}).isOn("fly")).toBe(false);
      expect(openEnvelopeSwitches(mkdtempSync(join(folder, "none-")), { [NAME]: value }).isOn("fly")).toBe(false);
    },
  );

  it("are read anew at each call, and the file wins over the environment", () => {
    const environment = { [NAME]: "true" };
    const switches = openEnvelopeSwitches(folder, environment);
    expect([switches.isOn("fly"), switches.setBy("fly")]).toEqual([true, "environment"]);
    write(`# by hand\n${NAME}=off\n`);
    expect([switches.isOn("fly"), switches.setBy("fly")]).toEqual([false, "file"]);
    write("OTHER=1\n");
    expect(switches.isOn("fly")).toBe(true);
    expect([switches.isOn("systemd"), switches.setBy("systemd")]).toEqual([false, "nobody"]);
  });

  it("are off when the file cannot be read, whatever the environment says", () => {
    mkdirSync(join(folder, "autofix.env"));
    expect(openEnvelopeSwitches(folder, { [NAME]: "true" }).isOn("fly")).toBe(false);
    rmSync(join(folder, "autofix.env"), { recursive: true });
    write(`${NAME}=true\n${"#".repeat(100_000)}`);
    expect(openEnvelopeSwitches(folder, { [NAME]: "true" }).isOn("fly")).toBe(false);
  });

  it("are not turned, and stay off, while the file cannot be read, which is left as it is", () => {
    const text = `PRUNELLA_AUTOFIX_OTHER_ENABLED=false\n${"#".repeat(100_000)}`;
    write(text);
    const switches = openEnvelopeSwitches(folder, { PRUNELLA_AUTOFIX_OTHER_ENABLED: "true" });
    for (const on of [true, false])
      expect(() => switches.turn("fly", on)).toThrow(expect.objectContaining({ code: "PRUNELLA_CONFLICT" }));
    expect([switches.isOn("fly"), switches.isOn("other")]).toEqual([false, false]);
    expect(readFileSync(join(folder, "autofix.env"), "utf8")).toBe(text);
  });

  it("are turned without touching what else stands in the file, which nobody else can read", () => {
    write(`# kept\nexport ${NAME}=no\nPRUNELLA_AUTOFIX_SHOP_HTTP_ENABLED=on\n`);
    chmodSync(join(folder, "autofix.env"), 0o644);
    const switches = openEnvelopeSwitches(folder, {});
    switches.turn("fly", true);
    expect([switches.isOn("fly"), switches.isOn("shop-http")]).toEqual([true, true]);
    switches.turn("fly", false);
    expect(switches.isOn("fly")).toBe(false);
    expect(readFileSync(join(folder, "autofix.env"), "utf8")).toBe(
      `# kept\nPRUNELLA_AUTOFIX_SHOP_HTTP_ENABLED=on\n${NAME}=false\n`,
    );
    expect(statSync(join(folder, "autofix.env")).mode & 0o777).toBe(0o600);
  });
});
