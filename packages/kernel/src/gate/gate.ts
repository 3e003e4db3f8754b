import { createHash } from "node:crypto";
import type { Remedy, Trigger } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { addWork } from "../store/work.ts";
import { lockTrigger } from "../triggers/registry.ts";
import { firstRefusal, type Refused } from "./checks.ts";
import { readFacts, type Evidence, type Facts, type Request } from "./facts.ts";
import { recordRefusal } from "./refusal.ts";
import type { Verdict } from "./verdict.ts";

/** A permit that nobody redeems within this time after its backoff is void. */
const PERMIT_LIFE_MS = 60_000;

export interface GateDeps {
  readonly newId: NewId;
  readonly remedies: ReadonlySet<Remedy>;
}

/** `screen`: refuses cheaply on a snapshot, before anything is looked up. */
export async function screen(
  db: Engine["reader"],
  now: number,
  request: Request,
  deps: GateDeps,
): Promise<Refused | null> {
  return firstRefusal(await readFacts(db, { now, request, remedies: deps.remedies, evidence: null }));
}

/**
 * `commit`: every check again on fresh rows and the evidence, then budget, ledger intent, attempt
 * and permit in one unit. There is no other way to a permit. Without evidence it can only refuse;
 * null says that nothing refuses and evidence is needed.
 */
export async function commit(
  tx: Tx,
  now: number,
  request: Request,
  evidence: Evidence | null,
  deps: GateDeps,
): Promise<Verdict | null> {
  // Serialises decisions about one trigger, so that budget and ceiling hold on many servers too.
  await lockTrigger(tx, request.projectId, request.triggerId);
  const facts = await readFacts(tx.db, { now, request, remedies: deps.remedies, evidence });
  const refused = firstRefusal(facts);
  if (refused) return recordRefusal(tx, facts, refused, deps.newId);
  if (!evidence) return null;
  const { trigger } = facts;
  if (!trigger?.remedy || !evidence.target) throw new Error("the checks let an unknown trigger or target pass");
  return {
    kind: "permitted",
    attemptId: await permit(tx, facts, trigger, trigger.remedy, evidence.target.runId, deps.newId),
  };
}

async function permit(
  tx: Tx,
  facts: Facts,
  trigger: Trigger,
  action: Remedy,
  runId: string,
  newId: NewId,
): Promise<string> {
  const { now, request } = facts;
  const [attemptId, permitId] = [newId(), newId()];
  const notBefore = now + (request.authority === "policy" ? backoff(trigger, facts.streak) : 0);
  const expiresAt = notBefore + PERMIT_LIFE_MS;
  const args = createHash("sha256")
    .update(canonicalJson({ action, target: request.target, run: runId }))
    .digest("hex");
  const fence = await nextFence(tx, request);
  const intent = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "attempt_intent",
    project: request.projectId,
    attempt: attemptId,
    trigger: trigger.id,
    trigger_version: trigger.version,
    fault: request.faultId,
    target: request.target,
    action,
    authority: request.authority,
    args_sha256: args,
    fence,
    not_before: notBefore,
    expires_at: expiresAt,
    budget_used: facts.used + (request.authority === "policy" ? 1 : 0),
    budget_max: trigger.budget.max,
    active: facts.active + 1,
    ceiling: trigger.ceiling,
    cause: request.cause,
  });
  await tx.db
    .insertInto("self_heal_attempts")
    .values({
      project_id: request.projectId,
      attempt_id: attemptId,
      trigger_id: trigger.id,
      fault_id: request.faultId,
      target: request.target,
      remedy: action,
      authority: request.authority,
      state: "permitted",
      refusal: null,
      refusal_detail: null,
      verification: null,
      count: 1,
      run_id: runId,
      fence,
      audit_log_id: intent,
      created_at: now,
      not_before: notBefore,
      started_at: null,
      ended_at: null,
      verify_at: null,
      verified_at: null,
      version: 1,
    })
    .execute();
  await tx.db
    .insertInto("permit")
    .values({
      project_id: request.projectId,
      permit_id: permitId,
      attempt_id: attemptId,
      action,
      target: request.target,
      args_sha256: args,
      fence,
      not_before: notBefore,
      expires_at: expiresAt,
      redeemed_at: null,
    })
    .execute();
  await addWork(tx, newId, request.projectId, expiresAt, { kind: "expire", attempt: attemptId });
  return attemptId;
}

/** Counts up per target, so that an executor that slept through its turn cannot act late. */
async function nextFence(tx: Tx, request: Request): Promise<number> {
  const row = await tx.db
    .selectFrom("self_heal_attempts")
    .select(({ fn }) => fn.max("fence").as("fence"))
    .where("project_id", "=", request.projectId)
    .where("trigger_id", "=", request.triggerId)
    .executeTakeFirst();
  return Number(row?.fence ?? 0) + 1;
}

/** No wait before the first attempt of a streak, then base, 2·base, 4·base … up to the maximum. */
export function backoff(trigger: Pick<Trigger, "backoff">, streak: number): number {
  return streak === 0 ? 0 : Math.min(trigger.backoff.max_ms, trigger.backoff.base_ms * 2 ** Math.min(streak - 1, 30));
}
