import { PrunellaError, type Actor, type AwayItem, type AwayPage } from "@prunella/contract";
import type { Core } from "../core.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import type { Engine } from "../store/engine.ts";
import { listed, part, rows, type Part } from "../store/rows.ts";

const ALL = "*";
/** What somebody who never said that all is reviewed is told of. */
const USUAL_MS = 7 * 86_400_000;
/** Nobody reads more. */
const MOST = 500;

export interface AwayQuery {
  /** null: since the last review, or for seven days. */
  readonly since: number | null;
  readonly project: string | null;
  readonly sees: readonly string[] | null;
}

/** What was left for whoever was away: tried, exhausted and not solved. Nothing that went well stands in it. */
export function createAway(deps: Core) {
  const { db, writer, clock, newId } = deps;

  async function look(given: AwayQuery): Promise<AwayPage> {
    const now = clock.now();
    const reviewed = await lastReview(db, given.project);
    const since = given.since ?? reviewed?.at ?? now - USUAL_MS;
    return { since, now, reviewed_at: reviewed?.at ?? null, items: await unresolved(db, since, given) };
  }

  return {
    look,
    /** Recorded, with how much was open then. It closes nothing: what is open stays open. */
    async review(given: AwayQuery & { readonly by: Actor }): Promise<AwayPage> {
      if (given.by.kind !== "person")
        throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", {
          detail: "Only a person reviews what was left for people.",
        });
      const page = await look(given);
      const at = clock.now();
      await writer.run(async (tx) => {
        await lockHead(tx);
        const auditLogId = await appendLedger(tx, {
          v: 1,
          at,
          type: "away_reviewed",
          project: given.project,
          since: page.since,
          unresolved: page.items.length,
          by: given.by,
        });
        await tx.db
          .insertInto("away_review")
          .values({
            review_id: newId(),
            scope: given.project ?? ALL,
            since: page.since,
            at,
            by_actor: JSON.stringify(given.by),
            unresolved: page.items.length,
            audit_log_id: auditLogId,
          })
          .execute();
      });
      deps.publish("escalations", "away");
      deps.publish("ledger", "head");
      return { ...page, reviewed_at: at };
    },
  };
}

/** Of all, or of the project: whichever was last. */
async function lastReview(db: Engine["reader"], project: string | null): Promise<{ at: number } | undefined> {
  const [row] = await rows<{ at: number }>(db)`select at from away_review
    where scope in ('*', ${project ?? ALL}) order by at desc limit 1`;
  return row;
}

/**
 * A question that nobody answered, about a target that something was tried on before and nothing has helped since,
 * whose fault nobody has resolved; of each target and trigger the last one.
 */
async function unresolved(
  db: Engine["reader"],
  since: number,
  { project, sees }: Pick<AwayQuery, "project" | "sees">,
): Promise<AwayItem[]> {
  const within: Part = project === null ? part`1 = 1` : part`e.project_id = ${project}`;
  const seen: Part = sees === null ? part`1 = 1` : part`e.project_id in (${listed(sees)})`;
  // What others may see, or what nothing was tried on, must not take the place of what this one is to read.
  const found = await rows<AwayItem>(db)`select * from (
    select e.project_id, e.escalation_id, e.trigger_id, e.fault_id, f.title as fault_title, e.target, e.asker as action, e.reason, e.status,
      e.opened_at, e.failures_since, e.audit_log_id,
      (select count(*) from self_heal_attempts a where a.project_id = e.project_id and a.target = e.target and a.refusal is null
        and a.created_at <= e.opened_at and a.created_at > e.opened_at - ${USUAL_MS}) as tried
    from escalation_attempts e left join fault f on f.project_id = e.project_id and f.fault_id = e.fault_id
    where e.opened_at >= ${since} and ${within} and ${seen} and e.asker <> 'work' and coalesce(f.status, 'open') <> 'resolved'
      and (e.status = 'open' or (e.status = 'expired' and e.decided_at >= e.expires_at))
      and not exists (select 1 from self_heal_attempts h where h.project_id = e.project_id and h.target = e.target
        and h.refusal is null and h.verification = 'held' and h.verified_at > e.opened_at)
      and not exists (select 1 from escalation_attempts l where l.project_id = e.project_id and l.target = e.target
        and l.episode = e.episode and l.opened_at > e.opened_at)
    ) as left_over where tried > 0 order by opened_at desc, escalation_id desc limit ${MOST}`;
  return found.map(({ tried, ...item }) => ({ ...item, tried: Number(tried) }));
}
