import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prunella, startPrunella, type Started } from "../cli-fixture.ts";

const root = mkdtempSync(join(tmpdir(), "prunella-forge-check-"));
const data = join(root, "data");
let up: Started;

beforeAll(async () => {
  const secret = join(root, "secret");
  writeFileSync(secret, ["not", "a", "token"].join("-"));
  const forge = {
    kind: "gitea",
    // Nobody is there.
    base_url: "http://127.0.0.1:1",
    token: { file: secret },
    webhook_secret: { file: secret },
    triage: { repo: "acme/triage" },
  };
  writeFileSync(join(root, "prunella.yaml"), JSON.stringify({ forge }));
  up = startPrunella(["up", "--port", "0", "--data", data, "--config", join(root, "prunella.yaml")], { cwd: root });
  await up.until(/http/);
}, 120_000);
afterAll(async () => {
  up.signal("SIGTERM");
  await up.ended;
  rmSync(root, { recursive: true, force: true });
});

test("a host that is not reached is said to be just that, and not to keep quiet about what we may", async () => {
  const { code, stdout } = await prunella(["forge", "check", "--data", data]);
  expect(code).toBe(1);
  expect(stdout).toContain("what it may is not known: the host was not reached");
  expect(stdout).not.toContain("the host does not say what it may do");
  expect(stdout).toContain("triage: acme/triage (nobody knows whether it is private)");
  expect(stdout).toContain("! The host was not reached as triage:");
}, 120_000);
