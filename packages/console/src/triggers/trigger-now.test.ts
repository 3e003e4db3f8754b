import { AT_ALL_TIMES, Trigger, type EnvelopeRow, type Maintenance, type Pause } from "@prunella/contract";
import { expect, it } from "vitest";
import { policyOf } from "./policy-fields.tsx";
import { envelopeHindrances, triggerHindrances, turnedOnWords, windowWords, type TriggerRow } from "./trigger-now.ts";

const NOW = 1_000_000;
const by = { kind: "person", id: "ada" } as const;
const READY: TriggerRow["now"] = {
  maintenance_until: null,
  quiet_until: null,
  storm_until: null,
  is_asked: false,
  is_left_to_person: false,
  lacks: null,
  envelope: null,
};
const trigger: TriggerRow = {
  id: "restart-shop",
  project_id: "default",
  condition: { target: "program:shop" },
  target: null,
  remedies: [{ action: "restart", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 1, window_ms: 60_000 },
  budgets: [{ scope: "trigger", max: 3, window_ms: 3_600_000, used: 1, next_free_at: null }],
  ceilings: [{ scope: "trigger", max: 1, active: 0 }],
  backoff: { base_ms: 0, max_ms: 0 },
  verify_ms: 10_000,
  envelope: {
    enabled: true,
    actions: ["restart"],
    targets: ["program:shop"],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
  },
  ...AT_ALL_TIMES,
  now: READY,
  version: 1,
  last_attempt: null,
  last_proven: null,
};
const pause: Pause = {
  id: "0193f000-0000-7000-8000-000000000001",
  project_id: "default",
  trigger_id: null,
  reason: "deploy",
  owner: by,
  since: NOW,
  until: NOW + 60_000,
  audit_log_id: 1,
};
const window: Maintenance = {
  id: "0193f000-0000-7000-8000-000000000002",
  project_id: null,
  target: "program:shop",
  window: { from: "22:00", to: "04:00", zone: "UTC" },
  reason: "new disk",
  owner: by,
  created_at: NOW,
  open_until: NOW + 5,
  audit_log_id: 2,
};
const calm = { isKilled: false, pauses: [], windows: [], overrides: [] };

it("says nothing where nothing would hold a trigger back", () => {
  expect(triggerHindrances(trigger, calm)).toEqual([]);
  const elsewhere = {
    ...calm,
    pauses: [{ ...pause, project_id: "shop" }],
    windows: [{ ...window, target: "program:x" }],
  };
  expect(triggerHindrances(trigger, elsewhere)).toEqual([]);
  expect(triggerHindrances(trigger, { ...calm, windows: [{ ...window, open_until: null }] })).toEqual([]);
});

it("names what holds a trigger back in the order of the gate's checks, and when it passes", () => {
  const held: TriggerRow = {
    ...trigger,
    mode: "dry_run",
    budgets: [{ scope: "trigger", max: 3, window_ms: 3_600_000, used: 3, next_free_at: NOW + 9 }],
    ceilings: [{ scope: "trigger", max: 1, active: 1 }],
    envelope: { ...trigger.envelope, enabled: false },
  };
  const all = triggerHindrances(held, { ...calm, isKilled: true, pauses: [pause], windows: [window] });
  expect(all.map(({ refusal, until }) => [refusal, until])).toEqual([
    ["killed", null],
    ["paused", NOW + 60_000],
    ["envelope_disabled", null],
    ["outside_window", NOW + 5],
    ["budget_exhausted", NOW + 9],
    ["ceiling_reached", null],
    ["dry_run", null],
  ]);
  expect(all[1]?.words).toContain("deploy");
  expect(triggerHindrances({ ...trigger, remedies: [] }, calm).map(({ refusal }) => refusal)).toEqual(["detect_only"]);
});

it("is not ready in its own windows, in a storm, while a person is to answer, or where its envelope is not trusted", () => {
  const said = (now: Partial<TriggerRow["now"]>, standing = calm) =>
    triggerHindrances({ ...trigger, now: { ...READY, ...now } }, standing).map(({ refusal, until }) => [
      refusal,
      until,
    ]);
  expect(said({ maintenance_until: NOW + 1, quiet_until: NOW + 2, storm_until: NOW + 3 })).toEqual([
    ["outside_window", NOW + 1],
    ["outside_window", NOW + 2],
    ["storm", NOW + 3],
  ]);
  expect(said({ is_asked: true, is_left_to_person: true, lacks: "fly_token_unset" })).toEqual([
    ["fly_token_unset", null],
    ["awaiting_approval", null],
    ["awaiting_approval", null],
  ]);
  const stages = ["observe", "propose", "approve", "auto", null] as const;
  expect(stages.map((stage) => said({ envelope: { probe: "fly", is_on: true, stage } })[0]?.[0])).toEqual([
    "observed",
    "proposed",
    "awaiting_approval",
    undefined,
    "action_not_in_envelope",
  ]);
  expect(said({ envelope: { probe: "fly", is_on: false, stage: "auto" } })).toEqual([["envelope_disabled", null]]);
});

it("counts what a person allowed beside a trigger's own budget, and not beside one that others share", () => {
  const override = {
    id: pause.id,
    project_id: "default",
    trigger_id: "restart-shop",
    extra: 2,
    taken: 1,
    reason: "friday",
    by,
    created_at: NOW,
    expires_at: NOW + 9,
    audit_log_id: 3,
  };
  const spent = (scope: "trigger" | "project", taken: number) =>
    triggerHindrances(
      { ...trigger, budgets: [{ scope, max: 1, window_ms: 60_000, used: 1, next_free_at: null }] },
      { ...calm, overrides: [{ ...override, taken }] },
    ).map(({ refusal }) => refusal);
  expect([spent("trigger", 1), spent("trigger", 2), spent("project", 1)]).toEqual([
    [],
    ["budget_exhausted"],
    ["budget_exhausted"],
  ]);
});

it("knows no end of a pause while one of them has none", () => {
  const pauses = [pause, { ...pause, until: null, reason: "rebuild" }];
  expect(triggerHindrances(trigger, { ...calm, pauses })).toMatchObject([{ until: null }]);
});

it("says what would be refused of an envelope", () => {
  const action = { name: "restart", aliases: [], targets: ["program:shop"], lacks: "fly_token_unset" };
  const envelope: EnvelopeRow = {
    probe: "fly",
    project_id: "default",
    is_on: false,
    set_by: "nobody",
    stage: "auto",
    begins_at: "propose",
    record: { held: 0, not_held: 0, at_least: null },
    moved: null,
    enable_env: "PRUNELLA_AUTOFIX_FLY_ENABLED",
    observes_only: false,
    actions: [action],
    outside: [],
  };
  const said = (on: boolean, standing = calm) =>
    envelopeHindrances({ ...envelope, is_on: on }, action, standing).map(({ refusal }) => refusal);
  expect(said(false)).toEqual(["envelope_disabled", "fly_token_unset"]);
  expect(said(true)).toEqual(["fly_token_unset"]);
  expect(envelopeHindrances({ ...envelope, is_on: true }, { ...action, lacks: null }, calm)).toEqual([]);
  const proposing: EnvelopeRow = { ...envelope, is_on: true, stage: "propose" };
  expect(envelopeHindrances(proposing, { ...action, lacks: null }, calm)).toMatchObject([{ refusal: "proposed" }]);
});

it("says windows as people write them", () => {
  expect(windowWords({ from: "22:00", to: "04:00", zone: "Europe/Berlin" })).toBe(
    "each day 22:00 to 04:00 (Europe/Berlin)",
  );
  expect(windowWords({ cron: "0 3 * * 0", lasts_ms: 5_400_000, zone: "UTC" })).toBe("0 3 * * 0 for 90 min (UTC)");
  expect(windowWords({ from: "2026-12-01T02:00:00+02:00", to: "2026-12-01T01:00:00Z" })).toBe(
    "2026-12-01 00:00 UTC to 2026-12-01 01:00 UTC",
  );
});

it("promises of an envelope's switch no more than its stage lets happen", () => {
  const actions = [{ name: "wake", aliases: [], targets: ["machine:a"], lacks: null }];
  const words = (["observe", "propose", "approve", "auto"] as const).map((stage) => turnedOnWords({ actions, stage }));
  expect(words.map((each) => each.includes("without a person"))).toEqual([false, false, false, true]);
  expect(words[2]).toBe(
    "From then on wake of machine:a may be done when a person says yes to it, each time within its budgets.",
  );
  expect(turnedOnWords({ actions: [], stage: "auto" })).toContain("permits nothing");
});

it("hands a policy to a rehearsal without anything that a list says beside it", () => {
  expect(() => Trigger.parse(policyOf(trigger))).not.toThrow();
});
