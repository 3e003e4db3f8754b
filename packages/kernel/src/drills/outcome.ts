import type { Actor, DrillRun, Trigger } from "@prunella/contract";
import type { Request } from "../gate/request.ts";
import type { Verdict } from "../gate/verdict.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Tx } from "../store/engine.ts";

/** What a drill came to. */
export type Ruled =
  | { readonly kind: "not_held" }
  | {
      readonly kind: "ruled";
      readonly request: Request;
      readonly verdict: Verdict;
      /** What was asked for: where the trigger's ladder has come to; null where it has none. */
      readonly action: string | null;
    };

export type Told = Pick<DrillRun, "verdict" | "refusal" | "detail" | "action" | "target" | "proves">;

export function toldOf(trigger: Trigger, found: Ruled): Told {
  if (found.kind === "not_held")
    return {
      verdict: "not_held",
      refusal: null,
      detail: "The condition did not hold for the failure that was made for it.",
      action: trigger.remedies[0]?.action ?? null,
      target: trigger.target ?? trigger.envelope.targets[0] ?? "",
      proves: false,
    };
  const { verdict, request, action } = found;
  const refused = verdict.kind === "refused" ? verdict.refused : null;
  return {
    verdict: verdict.kind,
    refusal: refused?.refusal ?? null,
    detail: refused?.detail ?? null,
    action,
    target: request.target,
    proves: refused === null || refused.isAsMeant,
  };
}

/** The outcome as a row and an entry: all that a drill leaves. */
export async function writeDown(
  tx: Tx,
  run: Told & { id: string; trigger: Trigger; at: number; by: Actor; tookMs: number },
): Promise<number> {
  const { id, trigger, at, by, verdict, refusal } = run;
  await lockHead(tx);
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at,
    type: "drill_run",
    project: trigger.project_id,
    trigger: trigger.id,
    trigger_version: trigger.version,
    drill: id,
    verdict,
    refusal,
    by,
  });
  await tx.db
    .insertInto("drill_run")
    .values({
      project_id: trigger.project_id,
      drill_id: id,
      trigger_id: trigger.id,
      trigger_version: trigger.version,
      at,
      by_actor: JSON.stringify(by),
      verdict,
      refusal,
      detail: run.detail,
      action: run.action,
      target: run.target,
      proves: run.proves ? 1 : 0,
      took_ms: run.tookMs,
      audit_log_id: auditLogId,
    })
    .execute();
  return auditLogId;
}
