import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../needs.ts";

const root = join(import.meta.dirname, "../..");
const ANALYZE = "/usr/bin/systemd-analyze";
const UNIT = readFileSync(join(root, "packaging/debian/prunella.service"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "prunella-debian-"));
/** A system of its own below the folder; the scripts of the package see it by DPKG_ROOT. */
const system = join(folder, "system");
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const dpkg = (...args: string[]): string =>
  run("dpkg", `--root=${system}`, "--force-script-chrootless", "--force-depends", "--force-not-root", ...args);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!needs("dpkg-deb", existsSync("/usr/bin/dpkg-deb")))("the Debian package", () => {
  let deb = "";
  beforeAll(() => {
    deb = run(process.execPath, join(root, "scripts/deb.ts"), "--fast", "--to", join(folder, "built")).trim();
    mkdirSync(join(system, "var/lib/dpkg/info"), { recursive: true });
    mkdirSync(join(system, "var/lib/dpkg/updates"), { recursive: true });
    for (const name of ["status", "available"]) writeFileSync(join(system, "var/lib/dpkg", name), "");
    mkdirSync(join(system, "etc"), { recursive: true });
    dpkg("--install", deb);
  }, 600_000);

  it("installs what it lists, owned by root, with a command that brings its own Node", () => {
    const listed = run("dpkg-deb", "--contents", deb).split("\n");
    expect(listed.filter((line) => line !== "" && !line.includes(" root/root "))).toEqual([]);
    expect(dpkg("--status", "prunella")).toMatch(/^Status: install ok installed$/m);
    expect(statSync(join(system, "etc/prunella/prunella.yaml")).mode & 0o777).toBe(0o640);
    const command = join(system, "usr/bin/prunella");
    expect(run("env", "-i", "PATH=/usr/bin:/bin", command, "--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    const config = join(system, "etc/prunella/prunella.yaml");
    expect(run(command, "config", "check", config)).toContain("valid");
    const found = spawnSync(command, ["doctor", "--data", join(folder, "data"), "--config", config, "--json"], {
      encoding: "utf8",
    });
    expect(found.stdout).toContain('"configuration"');
    expect(existsSync(join(folder, "data"))).toBe(false);
  });

  it("makes its user where the system has the means", () => {
    if (!existsSync("/usr/bin/systemd-sysusers")) return;
    expect(readFileSync(join(system, "etc/passwd"), "utf8")).toMatch(/^prunella:/m);
  });

  it("keeps a configuration that was changed on upgrade, and what was taken in on purge", () => {
    const config = join(system, "etc/prunella/prunella.yaml");
    writeFileSync(config, "server:\n  port: 4501\n");
    const data = join(system, "var/lib/prunella/prunella.db");
    mkdirSync(join(data, ".."), { recursive: true });
    writeFileSync(data, "a ledger");
    dpkg("--install", deb);
    expect(readFileSync(config, "utf8")).toContain("4501");
    dpkg("--remove", "prunella");
    expect([existsSync(join(system, "usr/lib/prunella")), existsSync(config)]).toEqual([false, true]);
    dpkg("--purge", "prunella");
    expect([existsSync(config), readFileSync(data, "utf8")]).toEqual([false, "a ledger"]);
  });
});

describe.skipIf(!needs("systemd-analyze", existsSync(ANALYZE)))("the unit", () => {
  const path = join(folder, "prunella.service");
  // What the package brings is not on this machine.
  const here = UNIT.replaceAll(/^(?:User|Group|WorkingDirectory|Documentation)=.*\n/gm, "").replaceAll(
    /^(ExecStart(?:Pre)?=-?).*$/gm,
    "$1/bin/true",
  );

  it("is one that systemd takes", () => {
    writeFileSync(path, here);
    expect(run(ANALYZE, "verify", "--man=no", path)).toBe("");
  });

  it("is held in as well as a service can be that runs other people's programs", () => {
    writeFileSync(path, UNIT);
    // 0 is closed, 10 open; a service without a word about it is at 9.6.
    const told = spawnSync(ANALYZE, ["security", "--offline=true", "--threshold=30", "--no-pager", path], {
      encoding: "utf8",
    });
    expect([told.status, told.stdout.split("\n").findLast((line) => line.includes("exposure level"))]).toEqual([
      0,
      expect.stringContaining("OK"),
    ]);
  });

  it("starts the doctor first, and never stops for what that finds", () => {
    expect(UNIT).toMatch(/^ExecStartPre=-\/usr\/bin\/prunella doctor /m);
  });
});
