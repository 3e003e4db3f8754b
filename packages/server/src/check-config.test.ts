import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { assertStarts } from "./check-config.ts";
import { loadConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-check-"));
const file = join(folder, "prunella.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

async function check(text: string): Promise<string> {
  writeFileSync(file, text);
  const loaded = await loadConfig(file);
  try {
    assertStarts(loaded);
    return "";
  } catch (error) {
    return (error instanceof Error ? error.message : "").replaceAll(file, "");
  }
}

const rule = (pattern: string, rest = "") =>
  `scrub:\n  rules:\n    - { name: own, type: OWN, keywords: [acct], pattern: 'acct${pattern}'${rest} }\n`;
const TRIGGER = 'triggers:\n  - name: web\n    when: { target: "program:web" }\n';

test("a file that a start takes is taken, whatever secrets are not here", async () => {
  const named = 'callers:\n  - { name: agent, key: "${NOT_HERE}", actions: [wake], targets: ["program:web"] }\n';
  expect(await check(`${rule("-[0-9]{4}")}${TRIGGER}${named}`)).toBe("");
});

test("rules that can take very long, examples that are left, and keys that are none are told, all at once", async () => {
  const told = await check(`${rule("(a|a){26}b")}witness:\n  origins: [own+00000000+${"A".repeat(43)}=]\n`);
  expect(told).toMatch(/scrub: rule "own": pattern can be tried in millions of ways[^]*\n: witness\.origins\.0: /);
  expect(await check(rule("-[0-9]{4}", ", examples: [acct-x]"))).toMatch(/rule "own": its example 1 is left as it is/);
});

test("kinds and settings of probes and patterns of heartbeats are told with their lines", async () => {
  const probes =
    "probes:\n  - { name: a, kind: htp }\n  - name: b\n    kind: http\n    settings:\n      url: 127.0.0.1\n";
  const told = await check(`${probes}heartbeats:\n  - { name: c, cron: "99 * * * *" }\n`);
  expect(told).toMatch(/:2:\d+: probes\.0 \(a\)\.kind: there is no kind htp/);
  expect(told).toMatch(/\n:6:7: probes\.1 \(b\)\.settings\.url: /);
  expect(told).toMatch(/\n:8:\d+: heartbeats\.0 \(c\): 99 \* \* \* \* is no pattern/);
});

test("a trigger that no server registers is told with its line", async () => {
  expect(await check(`${TRIGGER}    remedies: [{ do: restart, args: { hard: true } }]\n`)).toMatch(/:2:5: /);
});
