import { createHash } from "node:crypto";
import { PrunellaError, Trigger, type LadderRung } from "@prunella/contract";
import { mainTarget } from "./condition.ts";
import { assertClean } from "../gate/clean.ts";
import type { Remedy } from "../gate/remedy.ts";
import { assertWindow } from "../gate/windows.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Calendar } from "../ports.ts";
import { nextGeneration } from "../store/generation.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

type Row = Pick<Tables["self_heal_triggers"], "policy" | "version">;

export const toTrigger = ({ policy, version }: Row): Trigger => Trigger.parse({ ...JSON.parse(policy), version });

/** Throws where there is none, or none any more. */
export async function readTrigger(db: Engine["reader"], projectId: string, triggerId: string): Promise<Trigger> {
  const [row] = await rows<Row>(
    db,
  )`select policy, version from self_heal_triggers where project_id = ${projectId} and trigger_id = ${triggerId} and removed = 0`;
  if (!row)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `The project ${projectId} has no trigger ${triggerId}.`,
      hint: "List them: prunella triggers",
    });
  return toTrigger(row);
}

/** What a trigger is held against when it is made. */
export interface TriggerRules {
  readonly remedies: ReadonlyMap<string, Pick<Remedy, "args">>;
  readonly calendar: Pick<Calendar, "isZone" | "isPattern">;
  readonly isClean: (text: string) => boolean;
}

/** Throws, naming the trigger and the key, where it says something that nothing here understands. */
export function assertTrigger(trigger: Trigger, rules: TriggerRules): void {
  for (const [at, rung] of trigger.remedies.entries()) {
    assertArgs(trigger.id, at, rung, rules.remedies);
    assertClean(rung.args, rules.isClean);
  }
  for (const window of [...trigger.windows.maintenance, ...trigger.windows.quiet]) assertWindow(window, rules.calendar);
  assertStorm(trigger);
}

/** Registers or changes a trigger; writes to the ledger only when the policy differs from the one that stands. */
export async function registerTrigger(
  tx: Tx,
  now: number,
  given: Trigger,
  rules: TriggerRules,
  isConfigured = false,
): Promise<Trigger> {
  const trigger = Trigger.parse(given);
  assertTrigger(trigger, rules);
  const standing = await tx.db
    .selectFrom("self_heal_triggers")
    .selectAll()
    .where("project_id", "=", trigger.project_id)
    .where("trigger_id", "=", trigger.id)
    .executeTakeFirst();
  const policyOf = (value: Trigger) => canonicalJson({ ...value, version: 0 });
  const policy = policyOf(trigger);
  if (standing?.removed === 0 && policyOf(toTrigger({ ...standing, version: 1 })) === policy)
    return { ...trigger, version: standing.version };
  await lockHead(tx);
  const version = (standing?.version ?? 0) + 1;
  const changes = {
    policy,
    version,
    condition: canonicalJson(trigger.condition),
    target: mainTarget(trigger),
    acts_on: trigger.target,
    removed: 0,
    configured: isConfigured ? 1 : 0,
    allows_public: trigger.envelope.allow_public ? 1 : 0,
    logs_all: trigger.log_evaluations === "all" ? 1 : 0,
    changed: await nextGeneration(tx, "triggers"),
  };
  await tx.db
    .insertInto("self_heal_triggers")
    .values({ project_id: trigger.project_id, trigger_id: trigger.id, created_at: now, ...changes })
    .onConflict((conflict) => conflict.columns(["project_id", "trigger_id"]).doUpdateSet(changes))
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

/** Takes a trigger out: it asks no more and nothing may act by it; what it did stays. False: there is none. */
export async function removeTrigger(tx: Tx, now: number, projectId: string, triggerId: string): Promise<boolean> {
  await lockHead(tx);
  const removed = await tx.db
    .updateTable("self_heal_triggers")
    .set({ removed: 1, changed: await nextGeneration(tx, "triggers") })
    .where("project_id", "=", projectId)
    .where("trigger_id", "=", triggerId)
    .where("removed", "=", 0)
    .returning("version")
    .executeTakeFirst();
  if (!removed) return false;
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "trigger_removed",
    project: projectId,
    trigger: triggerId,
    version: removed.version,
  });
  return true;
}

/** With fewer targets than must be well it would be a storm for ever. */
function assertStorm({ id, storm, envelope }: Trigger): void {
  if (storm?.over !== "trigger" || storm.min_healthy < envelope.targets.length) return;
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `The trigger ${id}: storm.min_healthy is ${storm.min_healthy}, and its envelope lists ${envelope.targets.length} targets; at most ${Math.max(0, envelope.targets.length - 1)} is expected.`,
  });
}

/** Wrong arguments are said when the trigger is made, not in the night when it fires. */
function assertArgs(id: string, at: number, { action, args }: LadderRung, remedies: TriggerRules["remedies"]): void {
  const remedy = remedies.get(action);
  const parsed = remedy?.args.safeParse(args);
  if (!parsed || parsed.success) return;
  const issue = parsed.error.issues[0];
  throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
    detail: `The trigger ${id}: ${["remedies", at, "args", ...(issue?.path ?? [])].map(String).join(".")}: ${issue?.message ?? "not valid"}.`,
  });
}

/** A page of triggers, in the order of project and id; `after` is the last one of the page before. */
export async function listTriggers(
  db: Engine["reader"],
  given: {
    limit: number;
    after?: { projectId: string; triggerId: string } | undefined;
    /** Only of these projects; null: of all. */
    sees?: readonly string[] | null;
  },
): Promise<Trigger[]> {
  let query = db.selectFrom("self_heal_triggers").selectAll().where("removed", "=", 0);
  const { after } = given;
  if (given.sees) query = query.where("project_id", "in", given.sees);
  if (after)
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple("project_id", "trigger_id"), ">", tuple(after.projectId, after.triggerId)),
    );
  const found = await query.orderBy("project_id").orderBy("trigger_id").limit(given.limit).execute();
  return found.map(toTrigger);
}
