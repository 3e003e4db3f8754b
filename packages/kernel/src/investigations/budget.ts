import { createHash } from "node:crypto";
import type { InvestigatorConfig, Rung, Spend } from "@prunella/contract";
import type { AuditDeps } from "../audit/audit.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

const DAY_MS = 86_400_000;
/** From these shares of a budget on less is done. */
const CHEAP_FROM = 0.5;
const DETECT_ONLY_FROM = 0.9;

export interface Usage {
  readonly callId: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costMicros: number;
}

type Db = Engine["reader"];

/**
 * One call of a model, once: a program that says it twice has it counted once, so sums are exact under many at
 * once. What the program calls it is kept as a digest: it tells calls apart, and says nothing.
 */
export function noteUse(
  tx: Tx,
  { scrubText }: Pick<AuditDeps, "scrubText">,
  given: { readonly projectId: string; readonly sessionId: string; readonly now: number; readonly usage: Usage },
): void {
  const { projectId, sessionId, now, usage } = given;
  const callId = createHash("sha256").update(`${sessionId}\n${usage.callId}`).digest("hex");
  const model = scrubText(usage.model).text.value;
  tx.later(rows(
    tx.db,
  )`insert into model_use (project_id, session_id, call_id, used_at, model, input_tokens, output_tokens, cost_micros)
    values (${projectId}, ${sessionId}, ${callId}, ${now}, ${model}, ${usage.inputTokens}, ${usage.outputTokens}, ${usage.costMicros})
    on conflict (project_id, session_id, call_id) do nothing`);
}

export type Spent = Spend & {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly model: string | null;
};

/** What one investigation has used so far. */
export async function usedBy(db: Db, projectId: string, sessionId: string): Promise<Spent> {
  const [row] = await rows<Spent>(
    db,
  )`select cast(count(*) as bigint) as calls, cast(coalesce(sum(input_tokens + output_tokens), 0) as bigint) as tokens,
      cast(coalesce(sum(cost_micros), 0) as bigint) as cost_micros, cast(coalesce(sum(input_tokens), 0) as bigint) as input_tokens,
      cast(coalesce(sum(output_tokens), 0) as bigint) as output_tokens, max(model) as model
    from model_use where project_id = ${projectId} and session_id = ${sessionId}`;
  return row ?? { ...NOTHING, input_tokens: 0, output_tokens: 0, model: null };
}

const NOTHING: Spend = { calls: 0, tokens: 0, cost_micros: 0 };

/** How much may be done now: the budget that is used up furthest decides. */
export async function rungOf(
  db: Db,
  given: {
    readonly now: number;
    readonly projectId: string;
    readonly sessionId: string;
    readonly budget: InvestigatorConfig["budget"];
  },
): Promise<Rung> {
  const since = given.now - DAY_MS;
  const own = await usedBy(db, given.projectId, given.sessionId);
  const [project] = await rows<Spend>(
    db,
  )`select cast(count(*) as bigint) as calls, cast(coalesce(sum(input_tokens + output_tokens), 0) as bigint) as tokens,
      cast(coalesce(sum(cost_micros), 0) as bigint) as cost_micros
    from model_use where project_id = ${given.projectId} and used_at > ${since}`;
  const [all] = await rows<Spend>(
    db,
  )`select cast(count(*) as bigint) as calls, cast(coalesce(sum(input_tokens + output_tokens), 0) as bigint) as tokens,
      cast(coalesce(sum(cost_micros), 0) as bigint) as cost_micros
    from model_use where used_at > ${since}`;
  const share = Math.max(
    shareOf(own, given.budget.investigation),
    shareOf(project ?? NOTHING, given.budget.project),
    shareOf(all ?? NOTHING, given.budget.day),
  );
  if (share >= 1) return "stop";
  if (share >= DETECT_ONLY_FROM) return "detect_only";
  return share >= CHEAP_FROM ? "cheap" : "full";
}

/** A budget of nothing is used up. */
function shareOf(used: Spend, budget: Spend): number {
  const share = (is: number, of: number) => (of === 0 ? 1 : is / of);
  return Math.max(
    share(used.calls, budget.calls),
    share(used.tokens, budget.tokens),
    share(used.cost_micros, budget.cost_micros),
  );
}
