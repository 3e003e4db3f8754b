import { createHash } from "node:crypto";
import { Trigger, type Level, type RestartPolicy } from "@prunella/contract";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { appendLedger } from "../ledger/append.ts";
import { sql } from "kysely";
import { severity } from "../faults/severity.ts";
import { lockRow } from "../store/dialect.ts";

/** The triggers whose condition an event fulfils. A different target is a different cause: exact match. */
export function matchTriggers(
  triggers: readonly Trigger[],
  event: { project_id: string; target: string; level: Level },
): Trigger[] {
  return triggers.filter(
    (trigger) =>
      trigger.project_id === event.project_id &&
      trigger.condition.target === event.target &&
      severity(event.level) >= severity(trigger.condition.min_level),
  );
}

/** The trigger that `prunella run` and `supervise:` register for one program; naming it is the opt-in. */
export function restartTrigger(projectId: string, target: string, policy: RestartPolicy): Trigger {
  return {
    id: `restart-${target}`,
    project_id: projectId,
    condition: { target, min_level: "error" },
    remedy: "restart",
    debounce: policy.debounce,
    budget: policy.budget,
    ceiling: policy.ceiling,
    backoff: policy.backoff,
    verify_ms: policy.verify_ms,
    envelope: {
      enabled: true,
      actions: ["restart"],
      targets: [target],
      expected_symptoms: [],
      allow_public: false,
      excludes: ["every program but this one", "stopping a program that runs", "changing its command or environment"],
    },
    version: 1,
  };
}

/** Registers or changes a trigger; writes to the ledger only when the policy differs from the one that stands. */
export async function registerTrigger(tx: Tx, now: number, trigger: Trigger): Promise<Trigger> {
  const standing = await tx.db
    .selectFrom("self_heal_triggers")
    .selectAll()
    .where("project_id", "=", trigger.project_id)
    .where("trigger_id", "=", trigger.id)
    .executeTakeFirst();
  const policyOf = (value: Trigger) => canonicalJson({ ...value, version: 0 });
  const policy = policyOf(trigger);
  if (standing && policyOf(Trigger.parse({ ...JSON.parse(standing.policy), version: 1 })) === policy)
    return { ...trigger, version: standing.version };
  const version = (standing?.version ?? 0) + 1;
  await tx.db
    .insertInto("self_heal_triggers")
    .values({
      project_id: trigger.project_id,
      trigger_id: trigger.id,
      target: trigger.condition.target,
      policy,
      version,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(["project_id", "trigger_id"])
        .doUpdateSet({ policy, version, updated_at: now, target: trigger.condition.target }),
    )
    .execute();
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "trigger_registered",
    project: trigger.project_id,
    trigger: trigger.id,
    policy_sha256: createHash("sha256").update(policy).digest("hex"),
    version,
  });
  return { ...trigger, version };
}

export async function listTriggers(db: Engine["reader"]): Promise<Trigger[]> {
  const rows = await db
    .selectFrom("self_heal_triggers")
    .selectAll()
    .orderBy("project_id")
    .orderBy("trigger_id")
    .execute();
  return rows.map((row) => Trigger.parse({ ...JSON.parse(row.policy), version: row.version }));
}

export async function readTrigger(db: Engine["reader"], projectId: string, triggerId: string): Promise<Trigger | null> {
  const row = await db
    .selectFrom("self_heal_triggers")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("trigger_id", "=", triggerId)
    .executeTakeFirst();
  return row ? Trigger.parse({ ...JSON.parse(row.policy), version: row.version }) : null;
}

/** Holds the trigger's row until the commit; on SQLite the one writer does so anyway. */
export async function lockTrigger(tx: Tx, projectId: string, triggerId: string): Promise<void> {
  await sql`select version from self_heal_triggers where project_id = ${projectId} and trigger_id = ${triggerId} ${lockRow(tx.kind)}`.execute(
    tx.db,
  );
}
