import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string) {
  const path = join(folder, "prunella.yaml");
  writeFileSync(path, text);
  return loadConfig(path);
}

test.each([
  ["servr: {}", "servr: there is no such key; did you mean server"],
  ["crash_report: {}", "crash_report: there is no such key; did you mean crash_reports"],
  ["limits: { new_fault_per_minute: 1 }", "did you mean new_faults_per_minute"],
  ["crash_reports: { enable: true }", "did you mean enabled"],
  ["supervise: [{ name: a, command: [x], comand: y }]", "did you mean command"],
  [
    "supervise: [{ name: a, command: [x], restart: { budget: { max: 1, window: 1 } } }]",
    "known keys are max, window_ms",
  ],
  ["limits: { unlike_any: 1 }", "new_faults_per_minute, stored_bytes_per_minute, free_disk_bytes"],
  ["supervise: [{ name: a, comand: [x] }]", "did you mean command"],
  ["scrub: { rules: [{ name: a, type: B, keywords: [c], pattern: d, example: e }] }", "did you mean examples"],
])("%s is refused and the nearest key is named", async (text, words) => {
  await expect(load(text)).rejects.toMatchObject({
    code: "PRUNELLA_CONFIG_INVALID",
    detail: expect.stringContaining(words),
  });
});

test.each([
  ["without its anchor", "server: *a\n", "Unresolved alias"],
  ["set behind it", "server: *a\n? c\n: &a {}\n", "Unresolved alias"],
  [
    "of aliases without end",
    `a: &a [1, 1]\n${[..."bcdefghij"].map((name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${"abcdefghij"[at]}`).join(", ")}]\n`).join("")}`,
    "Excessive alias count",
  ],
])("an alias %s is refused as YAML that is not valid", async (_, text, words) => {
  await expect(load(text)).rejects.toMatchObject({
    code: "PRUNELLA_CONFIG_INVALID",
    detail: expect.stringContaining(words),
  });
});

test("two programs of one project cannot share a name, since each would take the other's place", async () => {
  const twice = (project: string) =>
    `supervise: [{ name: a, command: [x] }, { name: a, command: [y], project: ${project} }]`;
  await expect(load(twice("default"))).rejects.toMatchObject({ detail: expect.stringContaining("supervise.1.name: ") });
  expect((await load(twice("other"))).config.supervise).toHaveLength(2);
});

test("tells every mistake at once, each with its line and column", async () => {
  const text =
    "server:\n  port: many\nsupervise:\n  - name: shop\n    comand: [x]\n  - name: 7\n    command: [y]\nlimitz: {}\n";
  const { detail } = await load(text).then(
    () => ({ detail: "" }),
    (error: { detail: string }) => error,
  );
  const places = detail.split("\n").map((line) => /prunella\.yaml(:\d+:\d+): ([^:]+):/.exec(line)?.slice(1));
  expect(places.toSorted()).toEqual([
    [":2:3", "server.port"],
    [":5:5", "supervise.0.comand"],
    [":6:5", "supervise.1.name"],
    [":8:1", "limitz"],
  ]);
});

test("tells where a file is no YAML", async () => {
  await expect(load("server:\n  port: [1\n")).rejects.toMatchObject({
    detail: expect.stringMatching(/prunella\.yaml:\d+:\d+: not valid YAML: /),
  });
});
