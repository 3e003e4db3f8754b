import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { prunella } from "../cli-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-scrub-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function rulesFile(name: string, rules: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ rules }));
  return path;
}

const ACME = {
  name: "acme-token",
  type: "ACME_TOKEN",
  keywords: ["acme_"],
  pattern: "acme_[a-z0-9]{20,40}",
  examples: ["the token acme_" + "a1b2c3d4e5".repeat(2)],
  negatives: ["acme_store is open"],
};

describe("prunella scrub", () => {
  it("prints what stays, and on stderr what went", async () => {
    const input = `ok\nlogin failed password=${"hunter2"}\n-----BEGIN PRIVATE ${"KEY"}-----\nMIIE\n-----END PRIVATE ${"KEY"}-----\n`;
    const { code, stdout, stderr } = await prunella(["scrub"], { input });
    expect(stdout).toBe("ok\nlogin failed password=[REDACTED:PASSWORD]\n[REDACTED:PRIVATE_KEY]\n");
    expect(stderr).toContain("2 spans go:");
    expect(stderr).toContain("key-value");
    expect(code).toBe(0);
  });

  it("counts per rule as JSON and prints no text", async () => {
    const { stdout } = await prunella(["scrub", "--json"], { input: `password=${"hunter2"}\n` });
    expect(JSON.parse(stdout)).toEqual({ redactions: { "key-value": 1 } });
  });

  it("keeps a text of many chunks whole", async () => {
    const line = "an ordinary line of a log that says nothing\n";
    const { stdout } = await prunella(["scrub"], { input: line.repeat(60_000) });
    expect(stdout).toBe(line.repeat(60_000));
  }, 20_000);

  it("takes rules of one's own", async () => {
    const path = rulesFile("own.yml", [ACME]);
    const { stdout } = await prunella(["scrub", "--rules", path], { input: ACME.examples[0] ?? "" });
    expect(stdout).toBe("the token [REDACTED:ACME_TOKEN]");
  });
});

describe("prunella scrub test", () => {
  it("ends with 0 when every example goes and every negative stays", async () => {
    const { code, stdout } = await prunella(["scrub", "test", rulesFile("good.yml", [ACME])]);
    expect(stdout).toContain("2 texts, 0 failed");
    expect(code).toBe(0);
  });

  it("takes the configuration as it stands", async () => {
    const path = join(folder, "prunella.yaml");
    writeFileSync(path, JSON.stringify({ server: { port: 4500 }, scrub: { rules: [ACME] } }));
    expect((await prunella(["scrub", "test", path])).stdout).toContain("2 texts, 0 failed");
  });

  it("ends with 1 and names the text when one does not", async () => {
    const path = rulesFile("bad.yml", [{ ...ACME, negatives: ACME.examples }]);
    const { code, stdout } = await prunella(["scrub", "test", path]);
    expect(stdout).toMatch(/failed +acme-token +must stay/);
    expect(code).toBe(1);
  });

  it.each([
    [{ ...ACME, pattern: "acme_.+" }, 'unbounded quantifier "+" at 6'],
    [{ ...ACME, pattern: "acme_(a{0,9}){1,9}" }, "ways at one place"],
    [{ ...ACME, pattern: "(?<=x)acme_a" }, "looks around"],
    [{ ...ACME, name: "github-token" }, "a built-in rule has this name"],
    [{ ...ACME, keywords: [] }, "keywords are needed"],
    [{ ...ACME, type: 5 }, "rule 1 needs name, type and pattern"],
  ])("says what is wrong with %j", async (rule, message) => {
    const { code, stderr } = await prunella(["scrub", "test", rulesFile("wrong.yml", [rule])]);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
  });
});
