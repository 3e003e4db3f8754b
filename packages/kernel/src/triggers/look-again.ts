import type { NewId } from "../ids.ts";
import type { Clock } from "../ports.ts";
import type { Engine } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { addWork, workKind, type Item, type WorkKind } from "../work/kind.ts";
import { judgeCounted } from "./condition.ts";
import { countedSince } from "./counted.ts";
import type { Policies } from "./policy.ts";
import { evaluationOf, LOOK_AGAIN, LOOK_AGAIN_PUBLIC, type LookAgain } from "./work.ts";

export interface LookAgainDeps {
  readonly policies: Policies;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Rows of what came in since that are held against the condition; the newest say how it is now. */
const MOST_SINCE = 200;

/** "Still bad after five minutes": the condition must hold for what came in since, of a fault that nobody resolved. */
export function secondLooks({ policies, writer, clock, newId }: LookAgainDeps): WorkKind[] {
  const look = async ({ projectId, payload, finish }: Item<LookAgain>): Promise<void> =>
    writer.run(async (tx) => {
      finish(tx);
      const now = clock.now();
      if (!(await isStillBad(tx.db, projectId, payload, now))) return;
      const { trigger, fault, target, cause } = payload;
      const kind = evaluationOf(payload);
      addWork(tx, newId, { kind, projectId, dueAt: now, payload: { trigger, fault, target, cause } });
    });
  return [workKind(LOOK_AGAIN, look), workKind(LOOK_AGAIN_PUBLIC, look)];

  async function isStillBad(db: Engine["reader"], projectId: string, asked: LookAgain, now: number): Promise<boolean> {
    const trigger = await policies.trigger(db, projectId, asked.trigger);
    const fault = await db
      .selectFrom("fault")
      .select(["status", "error_class", "template"])
      .where("project_id", "=", projectId)
      .where("fault_id", "=", asked.fault)
      .executeTakeFirst();
    if (!trigger || !fault || fault.status === "resolved") return false;
    // Probes and heartbeats speak at edges alone: what was not resolved is still bad.
    if (asked.cause.source === "probe" || asked.cause.source === "heartbeat") return true;
    const own = await db
      .selectFrom("fault")
      .select(["error_class", "template"])
      .where("project_id", "=", projectId)
      .where("fault_id", "=", asked.seen)
      .executeTakeFirst();
    const since = await db
      .selectFrom("delta")
      .selectAll()
      .where("project_id", "=", projectId)
      .where("fault_id", "=", asked.seen)
      .where("second", ">", Math.floor(asked.since / 1000))
      .orderBy("second", "desc")
      .limit(MOST_SINCE)
      .execute();
    const { condition, envelope } = trigger;
    for (const row of since) {
      if (row.trust === "public" && !envelope.allow_public) continue;
      const seen = {
        ...row,
        root_id: asked.fault ?? row.fault_id,
        error_class: own?.error_class ?? fault.error_class,
        template: own?.template ?? fault.template,
        isNew: asked.is_new,
        isRegressed: asked.is_regressed,
      };
      const isHeld = await judgeCounted(condition, seen, (counted) =>
        countedSince(db, { row: seen, counted, now, allowsPublic: envelope.allow_public }),
      );
      if (isHeld) return true;
    }
    return false;
  }
}
