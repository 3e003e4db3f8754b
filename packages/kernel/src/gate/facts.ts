import { Trust, type AttemptState, type Level, type Remedy, type Source, type Trigger } from "@prunella/contract";
import type { Engine } from "../store/engine.ts";
import { readTrigger } from "../triggers/registry.ts";

/** Somebody or something asks for an effect. */
export interface Request {
  readonly projectId: string;
  readonly triggerId: string;
  readonly faultId: string | null;
  readonly target: string;
  /** `policy`: a trigger fired by itself. `person`: an escalation was decided, with a cap of its own. */
  readonly authority: "policy" | "person";
  readonly cause: { readonly source: Source; readonly trust: Trust; readonly level: Level };
  /** Whether somebody waits for the answer; then the attempt gets a row of its own. */
  readonly isAwaited: boolean;
}

/** What had to be looked up outside the transaction; at most 5 s old at commit. */
export interface Evidence {
  readonly observedAt: number;
  readonly target: { readonly runId: string; readonly isHealthy: boolean } | null;
}

export const EVIDENCE_MAX_AGE_MS = 5_000;

/** All that the checks look at; read from one snapshot. */
export interface Facts {
  readonly now: number;
  readonly request: Request;
  readonly trigger: Trigger | null;
  readonly remedies: ReadonlySet<Remedy>;
  readonly isKilled: boolean;
  readonly pauses: readonly string[];
  /** Failures of this target within the debounce window. */
  readonly recentFailures: number;
  /** Policy attempts that were permitted within the budget window. */
  readonly used: number;
  /** When the oldest of them leaves the window; null when there is none. */
  readonly nextFreeAt: number | null;
  /** Attempts by a person's authority within the last hour. */
  readonly usedByPerson: number;
  /** Attempts of this trigger that are permitted or running. */
  readonly active: number;
  readonly activeOnTarget: number;
  /** Attempts in a row that have not held; the next wait grows with it. */
  readonly streak: number;
  /** null while screening. */
  readonly evidence: Evidence | null;
}

/** A person may restart one target this often in an hour; more is a job for the cause. */
export const PERSON_CAP = { max: 10, window_ms: 3_600_000 };

const ACTIVE: AttemptState[] = ["permitted", "running"];
const TRUSTS = Trust.options;

export async function readFacts(
  db: Engine["reader"],
  given: { now: number; request: Request; remedies: ReadonlySet<Remedy>; evidence: Evidence | null },
): Promise<Facts> {
  const { now, request } = given;
  const trigger = await readTrigger(db, request.projectId, request.triggerId);
  const switches = await db
    .selectFrom("switch")
    .selectAll()
    .where("project_id", "in", ["*", request.projectId])
    .where("is_on", "=", 1)
    .orderBy("project_id")
    .execute();
  return {
    ...given,
    trigger,
    isKilled: switches.some((row) => row.name === "kill"),
    pauses: switches.filter((row) => row.name === "pause").map((row) => row.project_id),
    ...(trigger
      ? await countFor(db, now, request, trigger)
      : { recentFailures: 0, used: 0, nextFreeAt: null, usedByPerson: 0, active: 0, activeOnTarget: 0, streak: 0 }),
  };
}

async function countFor(db: Engine["reader"], now: number, request: Request, trigger: Trigger) {
  const since = Math.min(now - trigger.budget.window_ms, now - PERSON_CAP.window_ms);
  const attempts = await db
    .selectFrom("self_heal_attempts")
    .select(["attempt_id", "authority", "state", "target", "created_at", "verification"])
    .where("project_id", "=", request.projectId)
    .where("trigger_id", "=", request.triggerId)
    .where("state", "<>", "refused")
    .where((where) => where.or([where("created_at", ">", since), where("state", "in", ACTIVE)]))
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .execute();
  const byPolicy = attempts.filter(
    (row) => row.authority === "policy" && row.created_at > now - trigger.budget.window_ms,
  );
  const active = attempts.filter((row) => ACTIVE.includes(row.state));
  const onTarget = attempts.filter((row) => row.target === request.target);
  const held = onTarget.findIndex((row) => row.verification === "held");
  const oldest = byPolicy.at(-1);
  return {
    recentFailures: await countFailures(db, now, request, trigger),
    used: byPolicy.length,
    nextFreeAt: oldest ? oldest.created_at + trigger.budget.window_ms : null,
    usedByPerson: attempts.filter((row) => row.authority === "person" && row.created_at > now - PERSON_CAP.window_ms)
      .length,
    active: active.length,
    activeOnTarget: active.filter((row) => row.target === request.target).length,
    streak: held === -1 ? onTarget.length : held,
  };
}

/** Failures that may count: what an outsider sent does not help a debounce along. */
async function countFailures(db: Engine["reader"], now: number, request: Request, trigger: Trigger): Promise<number> {
  const row = await db
    .selectFrom("delta")
    .select(({ fn }) => fn.sum<number>("count").as("failures"))
    .where("project_id", "=", request.projectId)
    .where("target", "=", request.target)
    .where("trust", "in", trigger.envelope.allow_public ? TRUSTS : TRUSTS.filter((trust) => trust !== "public"))
    .where("second", ">", Math.floor((now - trigger.debounce.window_ms) / 1000))
    .executeTakeFirst();
  // The failure that asks counts, also when it is judged long after it came.
  return Math.max(1, Number(row?.failures ?? 0));
}
