import type { Trigger } from "@prunella/contract";
import type { EnvelopeBook } from "../gate/envelope-book.ts";
import type { Facts } from "../gate/facts.ts";
import { FORGOTTEN_MS, nextRung, rungOf } from "../gate/ladder.ts";
import type { Remedies } from "../gate/remedy.ts";
import { policyFor, type Evidence, type Request } from "../gate/request.ts";
import { stageOf } from "../gate/stage.ts";
import type { LastStorm } from "../gate/storm.ts";
import { closesLast } from "../gate/windows.ts";
import type { Calendar } from "../ports.ts";
import type { Counts } from "./counts.ts";
import { streakOf, uselessOf, type Memory } from "./memory.ts";
import type { Past } from "./past.ts";

/** A question that stands open, or did. */
export interface Asked {
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly target: string;
  readonly reason: string;
  readonly openedAt: number;
  endsAt: number;
}

export interface FactsDeps {
  readonly memory: Memory;
  readonly counts: Counts;
  readonly past: Pick<Past, "pauses" | "maintenance" | "overrides" | "stages">;
  readonly calendar: Calendar;
  readonly remedies: Remedies;
  readonly book: EnvelopeBook;
  /** Of a target, the newest last. */
  readonly askedOf: (projectId: string, target: string) => readonly Asked[];
  readonly stormOf: (trigger: Trigger) => LastStorm | null;
  /** How often an override was used. */
  readonly takenOf: (overrideId: string) => number;
  readonly isKilled: () => boolean;
  readonly evidenceOf: (facts: Pick<Facts, "request" | "remedy">, trigger: Trigger, now: number) => Evidence | null;
}

/** What the gate would have looked at, from what is remembered instead of from the database. */
export function factsOf(deps: FactsDeps, trigger: Trigger, request: Request, now: number): Facts {
  const { memory, past, calendar, remedies, book } = deps;
  const { projectId, target } = request;
  const policy = policyFor(request.subject, trigger, null);
  const recent = memory.recent(request, now - Math.max(0, ...trigger.budgets.map(({ window_ms: ms }) => ms)));
  const rung = rungOf(trigger.remedies, rungAt(deps, trigger, request, now));
  const action = rung?.action ?? null;
  const remedy = action === null ? null : (remedies.get(action) ?? null);
  const asked = deps.askedOf(projectId, target);
  const newest = memory.ofTarget(request).at(-1);
  const maintenance = past.maintenance.filter(
    (row) =>
      (row.project_id === "*" || row.project_id === projectId) &&
      (row.target === "" || row.target === target) &&
      row.created_at <= now &&
      (row.ended_at === null || row.ended_at > now),
  );
  const override = past.overrides.find(
    (row) =>
      row.project_id === projectId &&
      row.trigger_id === trigger.id &&
      row.created_at <= now &&
      row.expires_at > now &&
      deps.takenOf(row.override_id) < row.extra,
  );
  const { count, window_ms: windowMs } = trigger.debounce;
  const failures =
    count === 1
      ? 1
      : deps.counts.failures({
          projectId,
          target,
          windowMs,
          enough: count,
          allowsPublic: trigger.envelope.allow_public,
        });
  const governing = book.of({ projectId, envelope: null, action, target, remedy });
  return {
    now,
    request,
    policy,
    rung,
    action,
    remedy,
    governing,
    stage: stageOf(
      governing,
      past.stages.find((row) => row.project_id === projectId && row.probe === governing?.name)?.stage,
    ),
    isStageKept: true,
    lacks: remedy?.lacks?.(projectId, target, governing?.name) ?? null,
    // Rehearsed is what triggers do, and nothing bars one of those.
    barred: null,
    isKilled: deps.isKilled(),
    pauses: past.pauses
      .filter(
        (row) =>
          row.project_id === projectId &&
          (row.trigger_id === "" || row.trigger_id === trigger.id) &&
          row.since <= now &&
          (row.lifted_at === null || row.lifted_at > now) &&
          (row.until_at === null || row.until_at > now),
      )
      .map((row) => ({ reason: row.reason, isOfTrigger: row.trigger_id !== "", until: row.until_at })),
    maintenanceUntil: closesLast(
      [...maintenance.map(({ window }) => window), ...trigger.windows.maintenance],
      now,
      calendar,
    ),
    quietUntil: closesLast(trigger.windows.quiet, now, calendar),
    storm: trigger.storm ? deps.stormOf(trigger) : null,
    recentFailures: Math.max(1, failures),
    budgets: policy.budgets.map((budget) => ({ ...budget, ...memory.spent(budget, request, now) })),
    ceilings: policy.ceilings.map((ceiling) => ({ ...ceiling, active: memory.active(ceiling, request) })),
    override: override ? { id: override.override_id, auditLogId: override.audit_log_id } : null,
    activeOnTarget: memory.active({ scope: "target", max: 1 }, request),
    lastFence: memory.ofTarget(request).length,
    streak: streakOf(recent),
    useless: uselessOf(recent, request.faultId),
    isAsked: asked.some((one) => one.triggerId === trigger.id && one.reason === "budget_exhausted" && one.endsAt > now),
    isLeftToPerson:
      newest?.because === "escalation" &&
      newest.verification !== "held" &&
      !asked.some(({ openedAt }) => openedAt > newest.at),
    evidence: deps.evidenceOf({ request, remedy }, trigger, now),
  };
}

/** As `readRung`. */
function rungAt({ memory }: FactsDeps, trigger: Trigger, request: Request, now: number): number {
  const { remedies } = trigger;
  if (remedies.length < 2) return 0;
  const last = memory
    .ofTarget(request)
    .findLast((one) => one.verification === "held" || (one.triggerId === trigger.id && one.subject === "trigger"));
  const isRemembered = last !== undefined && last.at > now - FORGOTTEN_MS;
  const tried = isRemembered ? { ...last, not_before: last.notBefore, ended_at: last.endedAt } : undefined;
  return nextRung(tried, remedies.length);
}
