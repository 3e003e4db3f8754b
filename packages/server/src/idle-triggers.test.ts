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

test("a remedy that an envelope misspells is told where it stands", async () => {
  const text = 'envelopes:\n  - probe: web\n    actions:\n      - { do: wak, targets: ["program:web"] }\n';
  expect(await examined(text)).toEqual([
    ":4:11 never_acts web: there is no remedy wak (unknown_remedy); did you mean wake",
  ]);
});
