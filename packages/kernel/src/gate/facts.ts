import {
  Trust,
  type Budget,
  type Ceiling,
  type EnvelopeStage,
  type Scope,
  type Subject,
  type Trigger,
} from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { literal, part, rows, unionAll, type Part } from "../store/rows.ts";
import type { RungAt } from "./ladder.ts";
import type { Governing } from "./envelope-book.ts";
import type { Barred, Remedy } from "./remedy.ts";
import type { Calendar } from "../ports.ts";
import type { Evidence, Policy, Request } from "./request.ts";
import { stageOf } from "./stage.ts";
import { standingOf, standingParts, type Standing } from "./standing.ts";
import { lastStormOf, stormPart, type LastStorm } from "./storm.ts";

/** All that the checks look at; read from one snapshot. */
export interface Facts extends Standing {
  readonly now: number;
  readonly request: Request;
  readonly policy: Policy;
  /** Where its trigger's ladder has come to; null when it has none, or the request is not one of its remedies. */
  readonly rung: RungAt | null;
  /** What is asked for: the request's action or the ladder's; null when there is none. */
  readonly action: string | null;
  /** null when nothing here can carry the action out. */
  readonly remedy: Remedy | null;
  /** The envelope of the configuration that bounds it, its switch read now; null: none does. */
  readonly governing: Governing | null;
  /** How far that envelope is trusted; null where none bounds the request. */
  readonly stage: EnvelopeStage | null;
  /** The database says so already; false: it is where it begins. */
  readonly isStageKept: boolean;
  /** The provider whose token the remedy needs and has not; null: none. */
  readonly lacks: string | null;
  /** What the remedy says stands against whoever asks; null: nothing. */
  readonly barred: Barred | null;
  readonly isKilled: boolean;
  /** The last storm that the trigger saw; null when it saw none, or has no bounds for one. */
  readonly storm: LastStorm | null;
  /** Failures of this target within the debounce window, which ends with the last, counted up to the number that matters. */
  readonly recentFailures: number;
  readonly budgets: readonly (Budget & Spent)[];
  readonly ceilings: readonly (Ceiling & { readonly active: number })[];
  /** What a person allowed beyond the trigger's own budgets, and its ledger entry; null when nothing is left of such. */
  readonly override: { readonly id: string; readonly auditLogId: number } | null;
  readonly activeOnTarget: number;
  /** Of the newest attempt on this target, whoever asked for it; the next one counts up from it. */
  readonly lastFence: number;
  /** Attempts in a row on this target that have not held; the next wait grows with it. */
  readonly streak: number;
  /** The newest attempts on this target for this fault, in a row, that seemed to succeed and did not help. */
  readonly useless: number;
  /** A question that only a person's answer closes is open about this target. */
  readonly isAsked: boolean;
  /** The newest attempt on this target was a person's answer to a question; it has not held, and nothing was asked since. */
  readonly isLeftToPerson: boolean;
  /** null while screening. */
  readonly evidence: Evidence | null;
}

/** Counted up to the budget's maximum; `nextFreeAt` is null while there is room. */
export interface Spent {
  readonly used: number;
  readonly nextFreeAt: number | null;
}

type Db = Engine["reader"];

/** What a budget or a ceiling of a scope counts over. */
interface Where {
  readonly projectId: string;
  readonly triggerId: string | null;
  readonly target: string;
}

/** One line of what was counted: what it is, how many, since when, and what it says. */
interface Line {
  readonly fact: string;
  readonly nth: number;
  readonly n: number;
  readonly at: number;
  readonly said: string;
}

/** In one statement: each of its parts reads a few rows of an index, however long the history is. */
export async function readFacts(
  db: Db,
  given: {
    now: number;
    request: Request;
    policy: Policy;
    rung: RungAt | null;
    action: string | null;
    remedy: Remedy | null;
    governing: Governing | null;
    lacks: string | null;
    barred: Barred | null;
    evidence: Evidence | null;
  },
  calendar: Calendar,
): Promise<Facts> {
  const { now, request, policy, governing } = given;
  const { trigger } = policy;
  const counted = trigger !== null && request.subject.kind === "trigger" ? trigger : null;
  const parts = [
    part`select 'kill' as fact, 0 as nth, is_on as n, 0 as at, '' as said from switch
      where project_id = '*' and name = 'kill' and is_on = 1`,
    ...standingParts(now, request),
    part`select 'fence', 0, coalesce(max(fence), 0), 0, '' from self_heal_attempts
      where project_id = ${request.projectId} and target = ${request.target} and refusal is null`,
    activeIn("active", 0, "target", request, 1),
    ...policy.ceilings.map(({ scope, max }, nth) => activeIn("ceiling", nth, scope, request, max)),
    ...policy.budgets.map((budget, nth) => spentIn(nth, now, request.subject, budget, request)),
    ...(trigger ? [attemptsInARow(now, request, trigger)] : []),
    ...(counted
      ? [
          part`select 'override', 0, 1, audit_log_id, override_id from (
            select audit_log_id, override_id from budget_override where project_id = ${request.projectId} and trigger_id = ${counted.id}
              and expires_at > ${now} and taken < extra order by expires_at limit 1) as widened`,
        ]
      : []),
    ...(counted?.storm ? [stormPart(request.projectId, counted.id)] : []),
    ...(counted ? failuresOf(request, counted) : []),
    ...(governing?.envelope ? [stagePart(request.projectId, governing.name)] : []),
    ...(request.subject.kind === "trigger" ? peopleParts(request) : []),
  ];
  const lines = await rows<Line>(db)`${unionAll(parts)}`;
  const of = (fact: string, nth = 0) => lines.filter((line) => line.fact === fact && line.nth === nth);
  const numberOf = (fact: string, nth = 0) => of(fact, nth).reduce((sum, line) => sum + line.n, 0);
  return {
    ...given,
    stage: stageOf(governing, of("stage")[0]?.said),
    isStageKept: of("stage").length > 0,
    isKilled: of("kill").length > 0,
    ...standingOf(lines, { now, trigger, calendar }),
    storm: lastStormOf(of("storm")[0]),
    // The failure that asks counts, also when it is judged long after it came.
    recentFailures: counted ? Math.max(1, numberOf("failures")) : 0,
    budgets: policy.budgets.map((budget, nth) => ({ ...budget, ...toSpent(budget, of("budget", nth)[0]) })),
    ceilings: policy.ceilings.map((ceiling, nth) => ({ ...ceiling, active: numberOf("ceiling", nth) })),
    override: toOverride(of("override")[0]),
    activeOnTarget: numberOf("active"),
    lastFence: numberOf("fence"),
    streak: streakOf(of("attempt")),
    useless: uselessOf(of("attempt"), request.faultId),
    isAsked: of("asked").length > 0,
    isLeftToPerson: of("answered").length > 0,
  };
}

/** What people have to do with a trigger's next attempt on a target. */
const peopleParts = (where: Where): Part[] => [answeredBefore(where), askedNow(where)];

const stagePart = (projectId: string, probe: string): Part =>
  part`select 'stage', 0, 0, 0, stage from envelope_stage where project_id = ${projectId} and probe = ${probe}`;

/** Of what the checks look at, that which says before any failure what a trigger would be answered. */
export async function readAhead(
  db: Db,
  given: { now: number; trigger: Trigger; target: string; governing: Governing | null },
  calendar: Calendar,
): Promise<Pick<Facts, "maintenanceUntil" | "quietUntil" | "storm" | "stage" | "isAsked" | "isLeftToPerson">> {
  const { now, trigger, target, governing } = given;
  const where = { projectId: trigger.project_id, triggerId: trigger.id, target };
  const parts = [
    ...peopleParts(where),
    ...(trigger.storm ? [stormPart(trigger.project_id, trigger.id)] : []),
    ...(governing?.envelope ? [stagePart(trigger.project_id, governing.name)] : []),
  ];
  const lines = await rows<Line>(db)`${unionAll(parts)}`;
  const of = (fact: string) => lines.filter((line) => line.fact === fact);
  const { maintenanceUntil, quietUntil } = standingOf([], { now, trigger, calendar });
  return {
    maintenanceUntil,
    quietUntil,
    storm: lastStormOf(of("storm")[0]),
    stage: stageOf(governing, of("stage")[0]?.said),
    isAsked: of("asked").length > 0,
    isLeftToPerson: of("answered").length > 0,
  };
}

/** How much of a trigger's budgets and ceilings is used. */
export async function readUse(
  db: Db,
  given: { now: number; subject: Subject; where: Where; budgets: readonly Budget[]; ceilings: readonly Ceiling[] },
): Promise<{ budgets: Spent[]; active: number[] }> {
  const { now, subject, where } = given;
  const parts = [
    ...given.budgets.map((budget, nth) => spentIn(nth, now, subject, budget, where)),
    ...given.ceilings.map(({ scope, max }, nth) => activeIn("ceiling", nth, scope, where, max)),
  ];
  const lines = parts.length === 0 ? [] : await rows<Line>(db)`${unionAll(parts)}`;
  const lineOf = (fact: string, nth: number) => lines.find((line) => line.fact === fact && line.nth === nth);
  return {
    budgets: given.budgets.map((budget, nth) => toSpent(budget, lineOf("budget", nth))),
    active: given.ceilings.map((_, nth) => lineOf("ceiling", nth)?.n ?? 0),
  };
}

/** LOCK-HEAL-4: no cause stands in it. At most `max` of what a budget counts, and the oldest of them. */
function spentIn(nth: number, now: number, subject: Subject, budget: Budget, where: Where): Part {
  return part`select 'budget' as fact, ${literal(nth)} as nth, count(*) as n, coalesce(min(created_at), 0) as at, '' as said from (
    select created_at from self_heal_attempts
    where ${inScope(budget.scope, where)} and refusal is null and subject_kind = ${subject.kind} and created_at > ${now - budget.window_ms}
    order by created_at desc limit ${literal(budget.max)}) as spent`;
}

function toSpent(budget: Budget, line: Line | undefined): Spent {
  const used = line?.n ?? 0;
  return { used, nextFreeAt: line && used > 0 && used === budget.max ? line.at + budget.window_ms : null };
}

/** LOCK-HEAL-2: in the one statement of all facts. Attempts that are permitted or running, counted up to `enough`. */
function activeIn(fact: "active" | "ceiling", nth: number, scope: Scope, where: Where, enough: number): Part {
  const name = fact === "active" ? part`'active'` : part`'ceiling'`;
  return part`select ${name} as fact, ${literal(nth)} as nth, count(*) as n, 0 as at, '' as said from (
    select 1 from self_heal_attempts where ${inScope(scope, where)} and ended_at is null limit ${literal(enough)}) as active`;
}

function inScope(scope: Scope, { projectId, triggerId, target }: Where): Part {
  switch (scope) {
    case "trigger":
      return part`project_id = ${projectId} and trigger_id = ${triggerId}`;
    case "target":
      return part`project_id = ${projectId} and target = ${target}`;
    case "project":
      return part`project_id = ${projectId}`;
    case "global":
      return part`1 = 1`;
  }
}

/** After so many attempts the wait has long reached its maximum. */
const LONGEST_STREAK = 32;

function attemptsInARow(now: number, { projectId, target }: Request, trigger: Trigger): Part {
  const since = now - Math.max(0, ...trigger.budgets.map((budget) => budget.window_ms));
  return part`select 'attempt', 0, 0, created_at, attempt_id || ' ' || coalesce(fault_id, '') || ' ' || coalesce(verification, '') from (
    select created_at, attempt_id, fault_id, verification from self_heal_attempts
    where project_id = ${projectId} and target = ${target} and refusal is null and created_at > ${since}
    order by created_at desc, attempt_id desc limit ${literal(LONGEST_STREAK)}) as recent`;
}

/** Up to the last one that held. */
function streakOf(attempts: readonly Line[]): number {
  const newestFirst = attempts.toSorted((a, b) => b.at - a.at || (a.said < b.said ? 1 : -1));
  const held = newestFirst.findIndex((line) => line.said.endsWith(" held"));
  return held === -1 ? newestFirst.length : held;
}

/** Up to the first that helped, or that has not been watched to its end. */
function uselessOf(attempts: readonly Line[], faultId: string | null): number {
  const newestFirst = attempts.toSorted((a, b) => b.at - a.at || (a.said < b.said ? 1 : -1));
  const end = newestFirst.findIndex((line) => !line.said.endsWith(` ${faultId ?? ""} ineffective`));
  return end === -1 ? newestFirst.length : end;
}

const toOverride = (line: Line | undefined): Facts["override"] =>
  line === undefined ? null : { id: line.said, auditLogId: line.at };

/** The ladder ended and a person has it: what waits for them is never repaired away. */
const askedNow = ({ projectId, target, triggerId }: Where): Part =>
  part`select 'asked', 0, 1, 0, '' from escalation_attempts
    where project_id = ${projectId} and target = ${target} and trigger_id = ${triggerId} and status = 'open' and reason = 'budget_exhausted'`;

function answeredBefore({ projectId, target }: Where): Part {
  return part`select 'answered' as fact, 0 as nth, 1 as n, 0 as at, '' as said from (
    select created_at, because_kind, verification from self_heal_attempts
    where project_id = ${projectId} and target = ${target} and refusal is null order by fence desc limit 1) as newest
    where because_kind = 'escalation' and coalesce(verification, '') <> 'held' and not exists (
      select 1 from escalation_attempts where project_id = ${projectId} and target = ${target} and opened_at > newest.created_at)`;
}

/**
 * LOCK-HEAL-3: read in the unit that permits. Failures that may count: what an outsider sent does not help a debounce
 * along. The window ends with the last of them: what was held back, and is judged when a pause is over, failed as
 * often as it did.
 */
function failuresOf({ projectId, target }: Request, { debounce, envelope }: Trigger): Part[] {
  if (debounce.count === 1) return [];
  const of = (trust: Trust) =>
    part`from delta where project_id = ${projectId} and target = ${target} and target <> '' and trust = ${trust}`;
  const trusts = Trust.options.filter((trust) => trust !== "public" || envelope.allow_public);
  const lasts = unionAll(trusts.map((trust) => part`select max(second) as second ${of(trust)}`));
  const since = part`(select max(second) from (${lasts}) as lasts) - ${literal(Math.ceil(debounce.window_ms / 1000))}`;
  // Each row counts for at least one, so no more of them are needed.
  return trusts.map(
    (trust) => part`select 'failures', 0, cast(coalesce(sum(count), 0) as bigint), 0, '' from (
        select count ${of(trust)} and second > ${since} order by second desc limit ${literal(debounce.count)}) as failed`,
  );
}
