import type { Args, Trigger } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { appendAll } from "../ledger/append.ts";
import { insertRows } from "../store/insert-rows.ts";
import type { Tx } from "../store/engine.ts";
import { addNamedWorks, type NamedWork } from "../work/kind.ts";
import { digestOfArgs } from "./args.ts";
import { widened } from "./checks.ts";
import type { Facts } from "./facts.ts";
import { insertAttempts, rowOf } from "./record.ts";
import type { Remedy } from "./remedy.ts";
import { ACT, EXPIRE, PERMIT_LIFE_MS } from "./work.ts";

/** What no check refuses, and is not written yet. */
export interface Allowed {
  readonly kind: "allowed";
  readonly attemptId: string;
  readonly permitId: string;
  readonly facts: Facts;
  readonly remedy: Remedy;
  readonly args: Args;
}

export const allow = (facts: Facts, remedy: Remedy, args: Args, newId: NewId): Allowed => ({
  kind: "allowed",
  attemptId: newId(),
  permitId: newId(),
  facts,
  remedy,
  args,
});

/** LOCK-HEAL-1: the intent is first. Intent, attempt and permit of each, and what becomes due with it. */
export async function writePermits(tx: Tx, allowed: readonly Allowed[], newId: NewId): Promise<void> {
  if (allowed.length === 0) return;
  const terms = allowed.map(termsOf);
  const intents = await appendAll(
    tx,
    terms.map(({ attemptId, facts, remedy, argsDigest, fence, notBefore, expiresAt }) => ({
      v: 1,
      at: facts.now,
      type: "attempt_intent",
      project: facts.request.projectId,
      attempt: attemptId,
      subject: facts.request.subject,
      trigger: facts.request.triggerId,
      trigger_version: facts.policy.trigger?.version ?? null,
      fault: facts.request.faultId,
      target: facts.request.target,
      action: remedy.name,
      args_sha256: argsDigest,
      because: facts.request.because,
      cause: facts.request.cause,
      fence,
      not_before: notBefore,
      expires_at: expiresAt,
      budgets: facts.budgets.map(({ scope, max, window_ms, used }) => ({ scope, max, window_ms, used: used + 1 })),
      ceilings: facts.ceilings.map(({ scope, max, active }) => ({ scope, max, active: active + 1 })),
      ...(facts.override !== null && widened(facts).length > 0 ? { override: facts.override.auditLogId } : {}),
    })),
  );
  insertAttempts(
    tx,
    terms.map(({ attemptId, facts, argsText, fence, notBefore }, at) => ({
      ...rowOf(facts, attemptId, intents + at),
      state: "permitted",
      args: argsText,
      fence,
      rung: facts.rung?.at ?? 0,
      not_before: notBefore,
    })),
  );
  insertRows(
    tx,
    "permit",
    PERMIT,
    terms.map(({ attemptId, permitId, facts, remedy, argsText, argsDigest, fence, notBefore, expiresAt }) => [
      facts.request.projectId,
      permitId,
      attemptId,
      remedy.name,
      facts.request.target,
      argsText,
      argsDigest,
      fence,
      notBefore,
      expiresAt,
      null,
    ]),
  );
  addNamedWorks(
    tx,
    terms.flatMap(({ attemptId, facts, remedy, notBefore, expiresAt }): NamedWork[] => {
      const common = { projectId: facts.request.projectId, payload: { attempt: attemptId } };
      const expiry = { ...common, workId: attemptId, kind: EXPIRE, dueAt: expiresAt };
      return remedy.act ? [expiry, { ...common, workId: newId(), kind: ACT, dueAt: notBefore }] : [expiry];
    }),
  );
}

const PERMIT = {
  project_id: "text",
  permit_id: "text",
  attempt_id: "text",
  action: "text",
  target: "text",
  args: "text",
  args_sha256: "text",
  fence: "int",
  not_before: "int",
  expires_at: "int",
  redeemed_at: "int",
} as const;

function termsOf(one: Allowed) {
  const { facts, remedy, args } = one;
  const { now, request, policy } = facts;
  const { trigger } = policy;
  const notBefore = now + (request.subject.kind === "trigger" && trigger ? backoff(trigger, facts.streak) : 0);
  return {
    ...one,
    argsText: JSON.stringify(args),
    argsDigest: digestOfArgs(remedy.name, request.target, args),
    // Per target, whoever asks, so that an executor that slept through its turn cannot act late.
    fence: facts.lastFence + 1,
    notBefore,
    expiresAt: notBefore + PERMIT_LIFE_MS,
  };
}

/** No wait before the first attempt of a streak, then base, 2·base, 4·base … up to the maximum. */
export function backoff(trigger: Pick<Trigger, "backoff">, streak: number): number {
  return streak === 0 ? 0 : Math.min(trigger.backoff.max_ms, trigger.backoff.base_ms * 2 ** Math.min(streak - 1, 30));
}
