import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { prunella } from "./cli-fixture.ts";
import { createProgram } from "./tree/program.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Commands that people type; the hidden ones are called by what we print. */
const all = (command: Command): Command[] => [command, ...command.createHelp().visibleCommands(command).flatMap(all)];

test.each(all(createProgram()).map((command) => [command.name(), command]))(
  "%s has a help with an example and the exit codes",
  (_, command) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    expect(help).toMatch(/Example:\n {2}\$ .*\bprunella \w/);
    expect(help).toContain("Exit codes:");
    if (command.parent)
      for (const option of ["--data", "--url", "--token-file", "--json"]) expect(help).toContain(option);
  },
);

test.each([
  [["fualts"], "Did you mean faults?"],
  [["faults", "--jsn"], "Did you mean --json?"],
  [["faults", "--status", "opn"], "Allowed choices are"],
  [["faults", "--frob"], "npx --no-install prunella faults --help"],
  [["status", "surplus"], "Too many arguments"],
  [["projects", "lst"], "Did you mean `npx --no-install prunella projects list`?"],
  [["help", "faultz"], "Did you mean `npx --no-install prunella faults`?"],
  [["help", "crash", "lst"], "Did you mean `npx --no-install prunella crash list`?"],
  [["ledger", "key"], "needs one of: import, export"],
  [["decide", "abcd", "restart_onec"], "Did you mean `npx --no-install prunella decide abcd restart_once`?"],
  [["faults", "--limit", "1e3"], "whole number"],
  [["up", "--port", "65536"], "whole number"],
  [["up", "--port", "0", "--host", "256.1.1.1", "--data", join(folder, "host")], "The host 256.1.1.1"],
  [["up", "--port", "0", "--data", join(import.meta.dirname, "main.ts")], "main.ts cannot be a data folder"],
  [["up", "--config", "no-such.yaml"], "no-such.yaml cannot be read"],
  [["run", "--data", folder], "Missing required argument"],
  [["run", "--name", "a b", "--", "true"], "--name a b is not a name"],
  [["run", "--window", "soon", "--", "true"], "not a duration"],
  [["projects", "add", "Shop"], "not a project id"],
  [["ledger", "verify", "--folder", folder], "--folder needs --vkey"],
  [["faults", "--url", "nowhere"], "not an address"],
  [["faults", "--url", "http://127.0.0.1:1"], "No token"],
  [["faults", "--data", folder], `npx --no-install prunella --data ${folder} up`],
])("%j is refused with a way out, exit code 1", async (args, words) => {
  const { code, stderr, stdout } = await prunella(args);
  expect(stderr).toContain(words);
  expect(stderr).toMatch(/^prunella: /);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test("a server.json whose process is gone is called stale", async () => {
  const stale = mkdtempSync(join(folder, "stale-"));
  writeFileSync(
    join(stale, "server.json"),
    JSON.stringify({ url: "http://127.0.0.1:1", pid: 2 ** 22 + 1, token: "t" }),
  );
  const { code, stderr } = await prunella(["faults", "--data", stale]);
  expect(stderr).toContain("is stale: process 4194305 is gone");
  expect(code).toBe(1);
});

test("a server.json that is damaged is none", async () => {
  const damaged = mkdtempSync(join(folder, "damaged-"));
  writeFileSync(join(damaged, "server.json"), '{"url":"http://127');
  expect((await prunella(["faults", "--data", damaged])).stderr).toContain("There is no server.json");
});
