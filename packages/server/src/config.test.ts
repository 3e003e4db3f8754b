import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { triggersOf } from "./triggers.ts";

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
  ["supervise: [{ name: a, command: [x], restart: { budget: { max: 1, length: 1m } } }]", "known keys are max, window"],
  ["supervise: [{ name: a, command: [x], stop_grace_ms: 1 }]", "did you mean stop_grace"],
  ["supervise: [{ name: a, command: [x], stop_grace: 10 }]", "supervise.0.stop_grace: expected a duration such as"],
  ["retention: { bodies: 90 days }", "did you mean 90d"],
  [
    "retention: { projects: [{ project: a, bodies: 1h }] }",
    "retention.projects.0.bodies: 1h is too little; the least is 1d",
  ],
  ["limits: { compressed: 20MB }", "did you mean 20 MiB"],
  ["triggers: [{ name: a, whem: {} }]", "did you mean when"],
  ["triggers: [{ name: a, when: { clas: E } }]", "triggers.0.when.clas: there is no such key; did you mean class"],
  [
    "triggers: [{ name: a, when: { any: [{ not: { taget: a } }] } }]",
    "when.any.0.not.taget: there is no such key; did you mean target",
  ],
  ["triggers: [{ name: a, when: {} }]", "triggers.0.when: a condition says something of an event"],
  ["triggers: [{ name: a, when: { level: fatal, count: { at_least: 2, within: 5 } } }]", "within: expected a duration"],
  ["triggers: [{ name: a, when: { level: fatal }, envelope: { enable: true } }]", "did you mean enabled"],
  [
    "triggers: [{ name: a, when: { level: fatal } }, { name: a, when: { level: error } }]",
    "triggers.1.name: another trigger",
  ],
  ["seeds: [{ name: seed-agent-dormancy, target: agent }]", "a target is <kind>:<id>"],
  ["limits: { unlike_any: 1 }", "new_faults_per_minute, stored_per_minute, free_disk"],
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

test("durations and sizes are numbers once they are read, and have the same defaults as before", async () => {
  const { config } = await load(
    "limits: { compressed: 1 MiB }\nretention: { bodies: 1d 12h, projects: [{ project: shop, project_size: 8 GiB }] }\nsupervise: [{ name: a, command: [x], stop_grace: 2m, restart: { verify: 500ms } }]",
  );
  expect(config.limits).toMatchObject({ compressed_bytes: 1_048_576, decompressed_bytes: 20_971_520 });
  expect(config.retention).toMatchObject({
    bodies_ms: 129_600_000,
    faults_ms: 15_552_000_000,
    projects: [{ project: "shop", project_bytes: 8_589_934_592 }],
  });
  expect(config.supervise[0]).toMatchObject({
    stop_grace: 120_000,
    restart: { budget: { max: 5, window_ms: 600_000 }, verify_ms: 500 },
  });
});

test("a trigger is off, bounded, and only watches unless it says otherwise", async () => {
  const { config } = await load(
    'triggers: [{ name: bad, when: { class: E, count: { at_least: 50, within: 10m }, for: 5m }, remedies: [{ do: restart, timeout: 30s }, { do: wake }], target: "program:shop" }]',
  );
  expect(config.triggers).toMatchObject([
    {
      id: "bad",
      condition: { class: "E", count: { at_least: 50, within_ms: 600_000 }, for_ms: 300_000 },
      target: "program:shop",
      remedies: [
        { action: "restart", args: {}, timeout_ms: 30_000 },
        { action: "wake", args: {}, timeout_ms: 60_000 },
      ],
      budgets: [
        { scope: "trigger", max: 3, window_ms: 3_600_000 },
        { scope: "trigger", max: 7, window_ms: 86_400_000 },
      ],
      ceilings: [{ scope: "trigger", max: 1 }],
      envelope: { enabled: false, actions: [], targets: [], allow_public: false },
    },
  ]);
});

test("each seed ships with its envelope off, and the inbox's only watches", async () => {
  const { config } = await load(
    "seeds: [{ name: seed-bus-bridge-import-failed, target: 'program:bus' }, { name: seed-inbox-staleness, target: 'inbox:main' }, { name: seed-agent-dormancy, target: 'heartbeat:agent' }]",
  );
  const seeds = triggersOf(config);
  expect(seeds.map(({ id, envelope }) => [id, envelope.enabled])).toEqual(
    config.seeds.map(({ name }) => [name, false]),
  );
  expect(seeds.map(({ remedies }) => remedies.map(({ action }) => action))).toEqual([["restart"], [], ["wake"]]);
  expect(seeds[2]).toMatchObject({
    debounce: { window_ms: 1_800_000 },
    condition: { source: "heartbeat", for_ms: 1_800_000 },
    ceilings: [{ max: 2 }],
    budgets: [{ scope: "target", max: 2 }],
  });
});

test("tells where a file is no YAML", async () => {
  await expect(load("server:\n  port: [1\n")).rejects.toMatchObject({
    detail: expect.stringMatching(/prunella\.yaml:\d+:\d+: not valid YAML: /),
  });
});
