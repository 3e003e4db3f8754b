import { Trust, type Budget, type Ceiling, type Scope, type Subject, type Trigger } from "@prunella/contract";
import { sql, type RawBuilder } from "kysely";
import type { Engine } from "../store/engine.ts";
import type { Remedy } from "./remedy.ts";
import type { Evidence, Policy, Request } from "./request.ts";

/** All that the checks look at; read from one snapshot. */
export interface Facts {
  readonly now: number;
  readonly request: Request;
  readonly policy: Policy;
  /** What is asked for: the request's action or the trigger's; null when there is none. */
  readonly action: string | null;
  /** null when nothing here can carry the action out. */
  readonly remedy: Remedy | null;
  readonly isKilled: boolean;
  readonly pauses: readonly string[];
  /** Failures of this target within the debounce window, counted up to the number that matters. */
  readonly recentFailures: number;
  readonly budgets: readonly (Budget & Spent)[];
  readonly ceilings: readonly (Ceiling & { readonly active: number })[];
  readonly activeOnTarget: number;
  /** Attempts in a row on this target that have not held; the next wait grows with it. */
  readonly streak: number;
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

export async function readFacts(
  db: Db,
  given: {
    now: number;
    request: Request;
    policy: Policy;
    action: string | null;
    remedy: Remedy | null;
    evidence: Evidence | null;
  },
): Promise<Facts> {
  const { now, request, policy } = given;
  const { trigger } = policy;
  const switches = await db
    .selectFrom("switch")
    .select(["name", "project_id"])
    .where("project_id", "in", ["*", request.projectId])
    .where("is_on", "=", 1)
    .orderBy("project_id")
    .execute();
  const budgets: (Budget & Spent)[] = [];
  for (const budget of policy.budgets)
    budgets.push({ ...budget, ...(await readSpent(db, now, request.subject, budget, request)) });
  const ceilings: (Ceiling & { active: number })[] = [];
  for (const ceiling of policy.ceilings)
    ceilings.push({ ...ceiling, active: await countActive(db, ceiling.scope, request, ceiling.max) });
  return {
    ...given,
    isKilled: switches.some((row) => row.name === "kill"),
    pauses: switches.filter((row) => row.name === "pause").map((row) => row.project_id),
    recentFailures: trigger && request.subject.kind === "trigger" ? await countFailures(db, now, request, trigger) : 0,
    budgets,
    ceilings,
    activeOnTarget: await countActive(db, "target", request, 1),
    streak: trigger ? await countStreak(db, now, request, trigger) : 0,
  };
}

/** How much of a budget is used: at most `max` rows of an index, however long the history is. */
export async function readSpent(db: Db, now: number, subject: Subject, budget: Budget, where: Where): Promise<Spent> {
  if (budget.max === 0) return { used: 0, nextFreeAt: null };
  const { rows } = await sql<{ created_at: number }>`select created_at from self_heal_attempts
    where ${inScope(budget.scope, where)} and state <> 'refused' and subject_kind = ${subject.kind} and created_at > ${now - budget.window_ms}
    order by created_at desc limit ${budget.max}`.execute(db);
  const oldest = rows.at(-1);
  return {
    used: rows.length,
    nextFreeAt: rows.length === budget.max && oldest ? oldest.created_at + budget.window_ms : null,
  };
}

/** Attempts that are permitted or running, counted up to `enough`. */
export async function countActive(db: Db, scope: Scope, where: Where, enough: number): Promise<number> {
  const { rows } =
    await sql`select 1 from self_heal_attempts where ${inScope(scope, where)} and state in ('permitted', 'running') limit ${enough}`.execute(
      db,
    );
  return rows.length;
}

function inScope(scope: Scope, { projectId, triggerId, target }: Where): RawBuilder<unknown> {
  switch (scope) {
    case "trigger":
      return sql`project_id = ${projectId} and trigger_id = ${triggerId}`;
    case "target":
      return sql`project_id = ${projectId} and target = ${target}`;
    case "project":
      return sql`project_id = ${projectId}`;
    case "global":
      return sql`1 = 1`;
  }
}

/** After so many attempts the wait has long reached its maximum. */
const LONGEST_STREAK = 32;

async function countStreak(db: Db, now: number, request: Request, trigger: Trigger): Promise<number> {
  const since = now - Math.max(0, ...trigger.budgets.map((budget) => budget.window_ms));
  const { rows } = await sql<{ verification: string | null }>`select verification from self_heal_attempts
    where project_id = ${request.projectId} and target = ${request.target} and state <> 'refused' and subject_kind in ('trigger', 'person', 'grant') and created_at > ${since}
    order by created_at desc, attempt_id desc limit ${LONGEST_STREAK}`.execute(db);
  const held = rows.findIndex((row) => row.verification === "held");
  return held === -1 ? rows.length : held;
}

/** Failures that may count: what an outsider sent does not help a debounce along. */
async function countFailures(db: Db, now: number, request: Request, trigger: Trigger): Promise<number> {
  const { count, window_ms } = trigger.debounce;
  // The failure that asks counts, also when it is judged long after it came.
  if (count === 1) return 1;
  const since = Math.floor((now - window_ms) / 1000);
  let failures = 0;
  for (const trust of Trust.options) {
    if (trust === "public" && !trigger.envelope.allow_public) continue;
    // Each row counts for at least one, so no more of them are needed.
    const { rows } = await sql<{ count: number }>`select count from delta
      where project_id = ${request.projectId} and target = ${request.target} and target <> '' and trust = ${trust} and second > ${since}
      order by second desc limit ${count}`.execute(db);
    failures += rows.reduce((sum, row) => sum + row.count, 0);
  }
  return Math.max(1, failures);
}
