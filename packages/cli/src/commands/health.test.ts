import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { prunella, startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-health-"));
const data = join(root, "data");
afterAll(() => rmSync(root, { recursive: true, force: true }));

const finding = (stdout: string, what: string): unknown => {
  const { findings }: { findings: { what: string }[] } = JSON.parse(stdout);
  return findings.find((each) => each.what === what);
};

describe("without a server", () => {
  test("doctor says that all is well where nothing was started yet", async () => {
    const { code, stdout } = await prunella(["doctor", "--data", data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok +data folder +.* is made at the first start/);
  });

  test("doctor names what is wrong and what mends it, and ends with 1", async () => {
    const open = mkdtempSync(join(root, "open-"));
    chmodSync(open, 0o777);
    writeFileSync(join(open, "ledger-key.json"), "{}", { mode: 0o600 });
    writeFileSync(join(root, "bad.yaml"), "servr: {}\nlimitz: {}\n");
    const { code, stdout } = await prunella(["doctor", "--json", "--data", open, "--config", join(root, "bad.yaml")]);
    expect(code).toBe(1);
    expect(finding(stdout, "data folder")).toMatchObject({
      state: "wrong",
      mend: expect.stringContaining("chmod go-w"),
    });
    expect(finding(stdout, "ledger key")).toMatchObject({ state: "wrong" });
    expect(finding(stdout, "database")).toMatchObject({
      state: "weak",
      detail: expect.stringContaining("not looked at"),
    });
    expect(finding(stdout, "disk")).toMatchObject({ detail: expect.stringContaining("below 256 MB") });
    expect(finding(stdout, "configuration")).toMatchObject({
      state: "wrong",
      detail: expect.stringMatching(/bad.yaml:1:1: servr[^]*bad.yaml:2:1: limitz/),
    });
  });

  test("config check tells every mistake with its place; errors are JSON when JSON was asked for", async () => {
    const bad = join(root, "bad.yaml");
    const inWords = await prunella(["config", "check", bad]);
    expect(inWords).toMatchObject({ code: 1, stderr: expect.stringMatching(/:1:1: servr[^]*:2:1: limitz/) });
    expect(inWords.stderr).toMatch(/\(PRUNELLA_CONFIG_INVALID\)\n$/);
    const inJson = await prunella(["config", "check", bad, "--json"]);
    expect(JSON.parse(inJson.stderr)).toMatchObject({ error: { code: "PRUNELLA_CONFIG_INVALID" } });
    const unknown = await prunella(["programs", "--jsn", "--json"]);
    expect(JSON.parse(unknown.stderr)).toMatchObject({ error: { code: "PRUNELLA_USAGE" } });
    writeFileSync(join(root, "good.yaml"), "server: { port: 4501 }\n");
    expect((await prunella(["config", "check", join(root, "good.yaml")])).stdout).toContain("is valid");
  });
});

describe("with a server", () => {
  let up: Started;
  beforeAll(async () => {
    up = startPrunella(["up", "--port", "0", "--no-demo", "--data", data], { cwd: root });
    await up.until(/http/);
  });
  afterAll(async () => {
    up.signal("SIGTERM");
    await up.ended;
  });

  test("status says in a few lines whether all is well", async () => {
    const { code, stdout } = await prunella(["status", "--data", data]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/healing +on[^]*programs +0 running[^]*questions +none waits for you/);
    expect(JSON.parse((await prunella(["status", "--json", "--data", data])).stdout)).toMatchObject({
      killed: { on: false },
      programs: { running: 0 },
      open_questions: [],
    });
  });

  test("doctor finds the server and its ledger", async () => {
    const { stdout } = await prunella(["doctor", "--json", "--data", data]);
    expect(finding(stdout, "server")).toMatchObject({ state: "ok" });
    expect(finding(stdout, "database")).toMatchObject({ detail: expect.stringMatching(/\d+ ledger entries/) });
  });

  test.each(["projects", "rules", "ledger", "telemetry"])("bare %s shows what there is", async (name) => {
    expect(await prunella([name, "--data", data])).toMatchObject({ code: 0 });
  });
});
