import { createHash } from "node:crypto";
import { PrunellaError, RuleCondition, type Actor, type Event, type GroupingRule } from "@prunella/contract";
import { scrubLabel, type DeepReadonly } from "@prunella/scrub";
import type { NewId } from "../ids.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { appendLedger } from "../ledger/append.ts";
import { nextGeneration } from "../store/generation.ts";
import type { Engine, Tx } from "../store/engine.ts";

/** More rules than this cost every event too much, and no person reads them. */
const MAX_RULES = 100;

export async function listRules(db: Engine["reader"], projectId?: string): Promise<GroupingRule[]> {
  let query = db.selectFrom("grouping_rule").selectAll();
  if (projectId !== undefined) query = query.where("project_id", "=", projectId);
  const rows = await query.orderBy("created_at").orderBy("rule_id").execute();
  return rows.map((row) => ({
    id: row.rule_id,
    project_id: row.project_id,
    when: RuleCondition.parse(JSON.parse(row.condition)),
    group_as: row.group_as,
    created_at: row.created_at,
  }));
}

export async function addRule(
  tx: Tx,
  now: number,
  newId: NewId,
  given: { projectId: string; when: RuleCondition; groupAs: string; by: Actor },
): Promise<GroupingRule> {
  const project = await tx.db
    .selectFrom("project")
    .select("project_id")
    .where("project_id", "=", given.projectId)
    .executeTakeFirst();
  if (!project) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: `There is no project ${given.projectId}.` });
  const standing = await listRules(tx.db, given.projectId);
  if (standing.length >= MAX_RULES)
    throw new PrunellaError("PRUNELLA_CONFLICT", { detail: `A project has at most ${MAX_RULES} grouping rules.` });
  const rule: GroupingRule = {
    id: newId(),
    project_id: given.projectId,
    when: Object.fromEntries(
      Object.entries(given.when).map(([name, pattern = ""]) => [name, scrubLabel(pattern, 200).value]),
    ),
    group_as: scrubLabel(given.groupAs, 200).value,
    created_at: now,
  };
  await tx.db
    .insertInto("grouping_rule")
    .values({
      project_id: rule.project_id,
      rule_id: rule.id,
      condition: JSON.stringify(rule.when),
      group_as: rule.group_as,
      created_at: now,
    })
    .execute();
  await record(tx, now, given.projectId, given.by);
  return rule;
}

export async function removeRule(tx: Tx, now: number, ruleId: string, by: Actor): Promise<void> {
  const gone = await tx.db
    .deleteFrom("grouping_rule")
    .where("rule_id", "=", ruleId)
    .returning("project_id")
    .executeTakeFirst();
  if (!gone) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such grouping rule." });
  await record(tx, now, gone.project_id, by);
}

async function record(tx: Tx, now: number, projectId: string, by: Actor): Promise<void> {
  await nextGeneration(tx, "rules");
  const rules = await listRules(tx.db, projectId);
  const rules_sha256 = createHash("sha256").update(canonicalJson(rules)).digest("hex");
  await appendLedger(tx, { v: 1, at: now, type: "rules_changed", project: projectId, rules_sha256, by });
}

/** The name that the oldest fitting rule gives an event; null when none fits. */
export function groupAs(rules: readonly GroupingRule[], event: DeepReadonly<Event>): string | null {
  const rule = rules.find(({ when }) => fits(when, event));
  if (!rule) return null;
  const error = event.errors.at(-1);
  return rule.group_as
    .replaceAll("{class}", error?.type ?? "")
    .replaceAll("{function}", error?.frames.at(-1)?.function ?? "");
}

function fits(when: RuleCondition, event: DeepReadonly<Event>): boolean {
  const frames = event.errors.flatMap((error) => error.frames);
  const any = (pattern: string | undefined, texts: readonly (string | null)[]) =>
    pattern === undefined || texts.some((text) => text !== null && matches(pattern, text));
  return (
    any(
      when.error_class,
      event.errors.map((error) => error.type),
    ) &&
    any(when.message, [event.message, ...event.errors.map((error) => error.value)]) &&
    any(
      when.function,
      frames.map((frame) => frame.function),
    ) &&
    any(
      when.file,
      frames.map((frame) => frame.filename),
    ) &&
    any(when.target, [event.target, event.target?.slice(event.target.indexOf(":") + 1) ?? null])
  );
}

/** Where `*` stands for any run of characters. Linear: each part is looked for once, from where the last one ended. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  const last = parts.at(-1) ?? "";
  if (parts.length === 1) return text === pattern;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return at <= end;
}
