import {
  Fingerprints,
  Refusal,
  REFUSALS,
  type AttemptState,
  type Explanation,
  type Remedy,
  type Trigger,
} from "@prunella/contract";
import { readFacts, type Facts } from "../gate/facts.ts";
import type { Engine } from "../store/engine.ts";
import type { Tables } from "../store/tables.ts";
import { listTriggers } from "../triggers/registry.ts";
import { readFault } from "./detail.ts";

type Db = Engine["reader"];

/** Names the check that refused last, and the switch that would change it. */
export async function explain(
  db: Db,
  now: number,
  remedies: ReadonlySet<Remedy>,
  faultId: string,
): Promise<Explanation> {
  const fault = await readFault(db, faultId);
  const targets = await db
    .selectFrom("delta")
    .select("target")
    .distinct()
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", faultId)
    .where("target", "<>", "")
    .orderBy("target")
    .execute();
  const attempt = await db
    .selectFrom("self_heal_attempts")
    .selectAll()
    .where("project_id", "=", fault.project_id)
    .where("fault_id", "=", faultId)
    .orderBy("created_at", "desc")
    .orderBy("attempt_id", "desc")
    .executeTakeFirst();
  const triggers: Explanation["triggers"] = [];
  const names = targets.map((row) => row.target);
  for (const trigger of (await listTriggers(db)).filter(
    (t) => t.project_id === fault.project_id && names.includes(t.condition.target),
  )) {
    const { used, active, nextFreeAt } = await factsFor(db, now, remedies, trigger);
    triggers.push({ trigger, used, active, next_free_at: nextFreeAt });
  }
  return {
    fault_id: faultId,
    status: fault.status,
    summary: summarise(attempt, names, triggers),
    refusal: attempt?.refusal ? describeRefusal(attempt, Refusal.parse(attempt.refusal)) : null,
    grouping: Fingerprints.parse(JSON.parse(fault.fingerprints)),
    triggers,
  };
}

export function factsFor(db: Db, now: number, remedies: ReadonlySet<Remedy>, trigger: Trigger): Promise<Facts> {
  return readFacts(db, {
    now,
    remedies,
    evidence: null,
    request: {
      projectId: trigger.project_id,
      triggerId: trigger.id,
      faultId: null,
      target: trigger.condition.target,
      authority: "policy",
      cause: { source: "supervisor", trust: "local", level: "fatal" },
      isAwaited: false,
    },
  });
}

function summarise(
  attempt: Tables["self_heal_attempts"] | undefined,
  targets: readonly string[],
  triggers: Explanation["triggers"],
): string {
  if (attempt?.state === "refused")
    return `The gate refused to ${attempt.remedy ?? "act"}: ${attempt.refusal_detail ?? attempt.refusal}`;
  if (attempt?.verification === "held") return `${attempt.target} was restarted and has held.`;
  if (attempt?.verification === "ineffective") return `${attempt.target} was restarted and failed again.`;
  if (attempt?.verification === "watching") return `${attempt.target} was restarted; whether it holds shows soon.`;
  if (attempt) return `An attempt to ${attempt.remedy ?? "act"} ${attempt.target} ${STATES[attempt.state]}.`;
  if (triggers.length > 0) return "A trigger watches this target, and has not been evaluated for this fault yet.";
  if (targets.length > 0) return `No trigger watches ${targets.join(", ")}, so nothing is done about this fault.`;
  return "Its events name no target, so there is nothing that Prunella could act on.";
}

const STATES: Record<AttemptState, string> = {
  refused: "was refused",
  permitted: "is permitted and waits to be done",
  running: "is running",
  succeeded: "succeeded",
  failed: "failed",
  expired: "was not begun in time",
  abandoned: "was abandoned: nobody said how it ended",
};

const SWITCHES: Partial<Record<string, string>> = {
  killed: "prunella unkill",
  untrusted_source:
    "Report it from the supervisor or with a secret key; or set envelope.allow_public for this trigger.",
  envelope_disabled: "Set envelope.enabled to true for this trigger.",
  budget_exhausted: "Decide the escalation, wait until the window moves on, or raise restart.budget.",
  ceiling_reached: "Wait for the active attempt, or raise restart.ceiling.",
  debounced: "restart.debounce",
  target_not_found: "Start the program with `prunella run --name …`.",
};

/** The switch or command that would turn a refusal; null when there is none. */
export const changeWith = (refusal: Refusal): string | null => SWITCHES[refusal] ?? null;

function describeRefusal(attempt: Tables["self_heal_attempts"], refusal: Refusal): NonNullable<Explanation["refusal"]> {
  const check = Object.entries(REFUSALS).find(([name]) => name === refusal)?.[1] ?? 4;
  return {
    refusal,
    check,
    detail: attempt.refusal_detail ?? "",
    change_with: changeWith(refusal),
    at: attempt.ended_at ?? attempt.created_at,
    attempt_id: attempt.attempt_id,
  };
}
