import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { examineTriggers } from "./idle-triggers.ts";

const folder = mkdtempSync(join(tmpdir(), "prunella-triggers-"));
const file = join(folder, "prunella.yaml");
afterAll(() => rmSync(folder, { recursive: true }));

async function examined(text: string) {
  writeFileSync(file, text);
  return examineTriggers(await loadConfig(file)).map(
    ({ place, kind, name, why }) => `${place.slice(file.length)} ${kind} ${name}: ${why}`,
  );
}

const ACTS = `
    remedies: [{ do: restart }]
    envelope: { enabled: true, actions: [restart], targets: ["program:web"] }`;

test("a trigger that can act is not mentioned", async () => {
  expect(await examined(`triggers:\n  - name: web\n    when: { target: "program:web" }${ACTS}\n`)).toEqual([]);
});

test("whatever keeps a trigger from ever acting is told with line, column and the nearest right value", async () => {
  const text = `probes:
  - { name: front-page, kind: tcp, settings: { host: 127.0.0.1, port: 80 } }
envelopes:
  - probe: vercel
triggers:
  - name: watched
    when: { target: "program:web" }
  - name: off
    when: { probe: frontpage }
    remedies: [{ do: restrat }, { do: wake }]
    mode: dry_run
    envelope: { actions: [restrat] }
`;
  expect(await examined(text)).toEqual([
    ":6:5 never_acts watched: it has no remedies: it only watches (detect_only)",
    ":9:5 never_acts off: no probe of the file is called frontpage; did you mean front-page",
    ":10:18 never_acts off: there is no remedy restrat (unknown_remedy); did you mean restart",
    ":10:35 never_acts off: envelope.actions does not list wake (action_not_in_envelope)",
    ":12:5 never_acts off: envelope.enabled is off (envelope_disabled)",
    ":12:5 never_acts off: envelope.targets lists nothing (target_id_invalid)",
    ":11:5 never_acts off: mode is dry_run: every check, and nothing is done",
    ":4:5 never_acts vercel: its envelope lists no actions: it observes, and PRUNELLA_AUTOFIX_VERCEL_ENABLED permits nothing",
  ]);
});

test("what a server would refuse is a mistake, without a server", async () => {
  const text = `triggers:\n  - name: web\n    when: { target: "program:web" }${ACTS.replace("do: restart", "do: restart, args: { hard: true }")}\n`;
  expect(await examined(text)).toEqual([expect.stringContaining(":2:5 mistake web: The trigger web: remedies.0.args")]);
});

test("a word that is not one of those that are allowed names the nearest", async () => {
  writeFileSync(file, `triggers:\n  - name: web\n    when: { target: "program:web" }\n    mode: dryrun\n`);
  await expect(loadConfig(file)).rejects.toMatchObject({ detail: expect.stringContaining("did you mean dry_run") });
});

test("a name that a supervised program's own trigger has is refused", async () => {
  writeFileSync(
    file,
    `supervise: [{ name: web, command: ["true"] }]\ntriggers:\n  - name: restart-web\n    when: { target: "program:web" }\n`,
  );
  await expect(loadConfig(file)).rejects.toMatchObject({ detail: expect.stringContaining(":3:5: triggers.0.name: ") });
});

test("a window that could not be judged is a mistake with its own line, key and the nearest right value", async () => {
  const text = `maintenance:
  - { reason: backup, window: { cron: "0 2 * * SUN", lasts: 1h, zone: Europe/Berln } }
triggers:
  - name: web
    when: { target: "program:web" }${ACTS}
    windows:
      quiet:
        - { from: "22:00", to: "06:00", zone: Mars/Olympus }
        - { from: "2026-12-01T04:00:00Z", to: "2026-12-01T02:00:00Z" }
      maintenance:
        - { cron: "0 2 * * FOO", lasts: 1h, zone: UTC }
`;
  expect(await examined(text)).toEqual([
    ':13:13 mistake web: "0 2 * * FOO" is no cron pattern of five fields, such as "0 2 * * SUN".',
    ":10:41 mistake web: there is no time zone Mars/Olympus; one of IANA is expected, such as Europe/Berlin or UTC",
    ":11:43 mistake web: The window ends at 2026-12-01T02:00:00Z, which is not after its beginning at 2026-12-01T04:00:00Z.",
    ":2:65 mistake backup: there is no time zone Europe/Berln; one of IANA is expected; did you mean Europe/Berlin",
  ]);
});

test("windows and a storm are written with their units, and a mistake in one names its key", async () => {
  const written = (more: string) =>
    `triggers:\n  - name: web\n    when: { target: "program:web" }${ACTS}\n    ${more}\n`;
  writeFileSync(
    file,
    written(`storm: { min_healthy: 1, over: project, cooldown: 5m }
    sprint_at: fatal
    log_evaluations: all
    windows:
      maintenance: [{ cron: "0 2 * * SUN", lasts: 90m, zone: Europe/Berlin }]
      quiet: [{ from: "22:00", to: "06:00", zone: UTC }]`),
  );
  expect((await loadConfig(file)).config.triggers[0]).toMatchObject({
    storm: { over: "project", min_healthy: 1, cooldown_ms: 300_000 },
    sprint_at: "fatal",
    log_evaluations: "all",
    windows: {
      maintenance: [{ cron: "0 2 * * SUN", lasts_ms: 5_400_000, zone: "Europe/Berlin" }],
      quiet: [{ from: "22:00", to: "06:00", zone: "UTC" }],
    },
  });
  const told: Record<string, string> = {
    '{ from: "9:00", to: "18:00", zone: UTC }':
      'quiet.0.from: expected a time of day such as 22:00, or a moment such as 2026-12-01T02:00:00Z, not "9:00"; did you mean 09:00',
    '{ from: "22:00", until: "06:00", zone: UTC }': "quiet.0.until: there is no such key",
    '{ cron: "0 2 * * SUN", zone: UTC }':
      "quiet.0: a window has cron, lasts and zone together; lasts is missing, such as lasts: 1h",
    '{ cron: "0 2 * * SUN", lasts: 1h, zone: UTC, to: "03:00" }':
      "quiet.0.to: a window has cron, lasts and zone together, and to is none of them",
    '{ cron: "0 2 * * SUN", lasts: 3600, zone: UTC }': "did you mean 1h",
    '{ from: "22:00", to: "2026-12-01T02:00:00Z" }':
      "quiet.0.to: from and to are both times of the day, or both moments",
    '{ from: "22:00", to: "06:00", zone: "Europe Berlin" }': "quiet.0.zone: expected a time zone of IANA",
  };
  writeFileSync(file, written("storm: { min_healty: 2 }"));
  await expect(loadConfig(file)).rejects.toMatchObject({
    detail: `${file}:6:14: triggers.0.storm.min_healty: there is no such key; did you mean min_healthy.`,
  });
  for (const [window, why] of Object.entries(told)) {
    writeFileSync(file, written(`windows: { quiet: [${window}] }`));
    await expect(loadConfig(file)).rejects.toMatchObject({ detail: expect.stringContaining(why) });
    await expect(loadConfig(file)).rejects.toMatchObject({ detail: expect.stringContaining(`${file}:6:`) });
  }
});

test("a remedy that an envelope misspells is told where it stands", async () => {
  const text = 'envelopes:\n  - probe: web\n    actions:\n      - { do: wak, targets: ["program:web"] }\n';
  expect(await examined(text)).toEqual([
    ":4:11 never_acts web: there is no remedy wak (unknown_remedy); did you mean wake",
  ]);
});
