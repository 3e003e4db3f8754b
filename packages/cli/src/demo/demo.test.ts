import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@prunella/server";
import { expect, onTestFinished, test, vi } from "vitest";
import { openDemo, VIEWER } from "./demo.ts";

async function beside(yaml: string) {
  const root = mkdtempSync(join(tmpdir(), "prunella-demo-"));
  writeFileSync(join(root, "prunella.yaml"), yaml);
  const demo = await openDemo(() => undefined);
  onTestFinished(async () => {
    await demo.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { demo, config: demo.beside(await loadConfig(join(root, "prunella.yaml"))).config };
}

test("a program and the probe of it get one free port, which no file names", async () => {
  const { demo, config } = await beside("{}");
  const till = demo.programs.find(({ name }) => name === "till");
  const probe = config.probes.find(({ target }) => target === "program:till");
  expect(Number(till?.env["PORT"])).toBeGreaterThan(1_023);
  expect(probe?.settings["url"]).toBe(`http://127.0.0.1:${till?.env["PORT"]}/`);
});

test("the key of a heartbeat is made anew and stands where the server reads it, and a switch that is set stays", async () => {
  const key = "PRUNELLA_DEMO_CLERK_KEY";
  const envelope = "PRUNELLA_AUTOFIX_DEMO_CLERK_ENABLED";
  vi.stubEnv(key, undefined);
  vi.stubEnv(envelope, "off");
  onTestFinished(() => void vi.unstubAllEnvs());
  const keyOf = async () => (await beside("{}")).demo.programs.find(({ name }) => name === "clerk")?.env["KEY"];
  const first = await keyOf();
  expect(first).toMatch(/^[\w-]{32}$/);
  expect(process.env[key]).toBe(first);
  expect(await keyOf()).not.toBe(first);
  expect(process.env[envelope]).toBe("off");
});

test("only escalations go to the viewer, and channels of one's own get what they got before", async () => {
  const { config } = await beside(
    "notify: { channels: [{ name: desk, kind: command, command: [tell] }] }\nserver: { port: 4999 }",
  );
  expect(config.server.port).toBe(4999);
  expect(config.notify.channels.map(({ name }) => name)).toEqual(["desk", VIEWER]);
  expect(config.notify.rules).toMatchObject([
    { channels: ["desk"], of: null },
    { channels: [VIEWER], of: ["escalation"] },
  ]);
});

test("rules of one's own stay, and none is made up beside them", async () => {
  const { config } = await beside(
    "notify: { channels: [{ name: desk, kind: command, command: [tell] }], rules: [{ channels: [desk], of: [fault_new] }] }",
  );
  expect(config.notify.rules.map(({ channels, of }) => [channels, of])).toEqual([
    [["desk"], ["fault_new"]],
    [[VIEWER], ["escalation"]],
  ]);
});
