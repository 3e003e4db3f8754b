import { AT_ALL_TIMES, FixEnvelope, Grant, Trigger, type FixAction } from "@prunella/contract";
import { z } from "zod";
import { createLamps } from "../remedies/lamp-fixture.ts";
import type { Governing } from "./envelope-book.ts";
import type { Facts } from "./facts.ts";
import type { Remedy } from "./remedy.ts";
import type { Evidence, Request } from "./request.ts";

/** For tests only. */
export const NOW = Date.UTC(2026, 10, 21, 8);
export const HALL = "lamp:hall";

export const aLamp = (given: Partial<Remedy> = {}): Remedy => ({ ...createLamps().remedy, act: null, ...given });

export const aTrigger = (given: Partial<Trigger> = {}): Trigger => ({
  id: "light-hall",
  project_id: "default",
  condition: { target: HALL, level: "error" },
  target: null,
  remedies: [{ action: "switch_on", args: {}, timeout_ms: 60_000 }],
  debounce: { count: 1, window_ms: 60_000 },
  budgets: [],
  ceilings: [],
  backoff: { base_ms: 100, max_ms: 1_000 },
  verify_ms: 1_000,
  ...AT_ALL_TIMES,
  version: 1,
  envelope: {
    enabled: true,
    actions: ["switch_on"],
    targets: [HALL],
    expected_symptoms: [],
    allow_public: false,
    excludes: [],
    ...given.envelope,
  },
  ...withoutEnvelope(given),
});

const withoutEnvelope = ({ envelope: _envelope, ...rest }: Partial<Trigger>) => rest;

export const aGrant = (given: Partial<Grant> = {}): Grant => ({
  id: "agents",
  project_id: "default",
  actions: ["switch_on"],
  targets: [HALL],
  budgets: [],
  ceilings: [],
  created_at: 0,
  expires_at: null,
  revoked_at: null,
  ...given,
});

export const anEnvelope = (actions: readonly Partial<FixAction>[], isOn = true): Governing => ({
  name: "lamps",
  envelope: FixEnvelope.parse({ probe: "lamps", actions }),
  isOn,
});

export const aRequest = (given: Partial<Request> = {}): Request => ({
  projectId: "default",
  subject: { kind: "trigger", id: "light-hall" },
  triggerId: "light-hall",
  action: null,
  target: HALL,
  args: {},
  because: { kind: "evaluation", id: "00000000-0000-7000-8000-000000000000" },
  faultId: null,
  cause: { source: "webhook", trust: "authenticated", level: "error" },
  isAwaited: false,
  ...given,
});

export const byHand: Partial<Request> = {
  subject: { kind: "person", id: "anna" },
  because: { kind: "call", id: "00000000-0000-7000-8000-000000000001" },
};
export const byAnswer: Partial<Request> = {
  subject: { kind: "person", id: "anna" },
  because: { kind: "escalation", id: "00000000-0000-7000-8000-000000000002" },
};
export const byGrant: Partial<Request> = {
  subject: { kind: "grant", id: "agents" },
  triggerId: null,
  action: "switch_on",
  because: { kind: "call", id: "00000000-0000-7000-8000-000000000003" },
};

export const seen = (given: Partial<NonNullable<Evidence["observation"]>> = {}, at = NOW): Evidence => ({
  observedAt: at,
  observation: { isReachable: true, isHealthy: false, staysDown: false, args: {}, ...given },
  peers: null,
});

/** What may be done, but for what is given. */
export function aCase(
  given: Partial<Omit<Facts, "request" | "policy">> & {
    readonly request?: Partial<Request>;
    readonly trigger?: Trigger | null;
    readonly grant?: Grant | null;
  } = {},
): Facts {
  const { request, trigger = aTrigger(), grant = null, ...rest } = given;
  return {
    now: NOW,
    policy: { trigger, grant, budgets: [], ceilings: [] },
    rung: { action: "switch_on", args: {}, timeout_ms: 60_000, at: 0 },
    action: "switch_on",
    remedy: aLamp({ args: z.strictObject({}) }),
    governing: null,
    stage: null,
    isStageKept: true,
    lacks: null,
    barred: null,
    isKilled: false,
    pauses: [],
    maintenanceUntil: null,
    quietUntil: null,
    storm: null,
    recentFailures: 1,
    budgets: [],
    ceilings: [],
    override: null,
    activeOnTarget: 0,
    lastFence: 0,
    streak: 0,
    useless: 0,
    isAsked: false,
    isLeftToPerson: false,
    evidence: seen(),
    ...rest,
    request: aRequest(request),
  };
}
