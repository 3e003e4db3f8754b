import { Actor, PrunellaError, Sprint, SprintBrief, type SprintPage } from "@prunella/contract";
import type { Core } from "../core.ts";
import { SYSTEM } from "../actors.ts";
import type { Trouble } from "../gate/severe.ts";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { tell } from "../notify/tell.ts";
import { resolveId } from "../store/resolve-id.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";

type Row = Tables["corrective_sprint_log"];

/** So many escalations and ineffective fixes of one fault within a time ask for the repair of its cause. */
export interface SprintRule {
  readonly count: number;
  readonly within_ms: number;
}

/** As many of each stand in a brief; the counts go on. */
const MOST_SHOWN = 20;
const MOST_COUNTED = 100;

/** Opens a sprint when it is time; null when it is not, or when one is open for the same fault already. */
export async function openSprintWhenDue(
  tx: Tx,
  newId: NewId,
  now: number,
  trouble: Trouble,
  rule: SprintRule,
): Promise<string | null> {
  await lockHead(tx);
  if (await isOpen(tx, trouble)) return null;
  const brief = await writeBrief(tx, now, trouble, rule.within_ms);
  if (brief.counts.escalations + brief.counts.ineffective < rule.count) return null;
  return insertSprint(tx, newId, now, trouble, "repeated", brief);
}

/** At once: what is that severe needs the repair of its cause, however seldom it was. Null: one is open already. */
export async function openSprint(
  tx: Tx,
  newId: NewId,
  now: number,
  trouble: Trouble,
  within_ms: number,
): Promise<string | null> {
  await lockHead(tx);
  // Told again and again as long as it fails, and looked up alone then.
  if (await isOpen(tx, trouble)) return null;
  return insertSprint(tx, newId, now, trouble, "severity", await writeBrief(tx, now, trouble, within_ms));
}

async function isOpen(tx: Tx, trouble: Trouble): Promise<boolean> {
  const [standing] = await rows(tx.db)`select 1 from corrective_sprint_log
    where project_id = ${trouble.projectId} and subject = ${subjectOf(trouble)} and closed_at is null`;
  return standing !== undefined;
}

const subjectOf = ({ faultId, target }: Trouble): string => faultId ?? target;

/** For whoever holds the ledger's head and knows that none is open. */
async function insertSprint(
  tx: Tx,
  newId: NewId,
  now: number,
  trouble: Trouble,
  reason: Row["reason"],
  brief: SprintBrief,
): Promise<string> {
  const { projectId, triggerId, faultId, target } = trouble;
  const sprintId = newId();
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "sprint_changed",
    project: projectId,
    sprint: sprintId,
    trigger: triggerId,
    fault: faultId,
    change: "opened",
    reason,
    escalations: brief.counts.escalations,
    ineffective: brief.counts.ineffective,
    by: SYSTEM,
  });
  await tx.db
    .insertInto("corrective_sprint_log")
    .values({
      project_id: projectId,
      sprint_id: sprintId,
      subject: subjectOf(trouble),
      trigger_id: triggerId,
      fault_id: faultId,
      target,
      reason,
      brief: JSON.stringify(brief),
      opened_at: now,
      closed_at: null,
      closed_by: null,
      close_reason: null,
      audit_log_id: auditLogId,
    })
    .execute();
  await tell(tx, newId, { kind: "sprint_opened", projectId, subject: sprintId, at: now, once: sprintId });
  return sprintId;
}

/** What speaks for it: counts, what was tried, what was asked, and the releases that it may have come with. */
async function writeBrief(tx: Tx, now: number, trouble: Trouble, withinMs: number): Promise<SprintBrief> {
  const { projectId, faultId, target } = trouble;
  const since = now - withinMs;
  const escalations = await rows<{ escalation_id: string; reason: string; audit_log_id: number; opened_at: number }>(
    tx.db,
  )`select escalation_id, reason, audit_log_id, opened_at from escalation_attempts
    where project_id = ${projectId} and target = ${target} and coalesce(fault_id, '') = ${faultId ?? ""} and opened_at > ${since}
    order by opened_at desc, escalation_id desc limit ${MOST_COUNTED}`;
  const attempts = await rows<
    Pick<
      Tables["self_heal_attempts"],
      "attempt_id" | "action" | "state" | "verification" | "audit_log_id" | "created_at"
    >
  >(tx.db)`select attempt_id, action, state, verification, audit_log_id, created_at from self_heal_attempts
    where project_id = ${projectId} and target = ${target} and coalesce(fault_id, '') = ${faultId ?? ""} and refusal is null and created_at > ${since}
    order by created_at desc, attempt_id desc limit ${MOST_COUNTED}`;
  const [fault] =
    faultId === null
      ? []
      : await rows<{ first_release: string; regressed_in: string | null }>(
          tx.db,
        )`select first_release, regressed_in from fault where fault_id = ${faultId}`;
  const [latest] = await rows<{ version: string }>(tx.db)`select version from release_seen
    where project_id = ${projectId} order by last_at desc, version limit 1`;
  const named = [
    { release: fault?.first_release ?? "", why: "first seen in it" },
    { release: fault?.regressed_in ?? "", why: "came back with it" },
    { release: latest?.version ?? "", why: "the last that was seen" },
  ].filter(({ release }) => release !== "");
  return SprintBrief.parse({
    goal: "repair_cause",
    since,
    counts: {
      escalations: escalations.length,
      ineffective: attempts.filter(({ verification }) => verification === "ineffective").length,
      attempts: attempts.length,
    },
    attempts: attempts.slice(0, MOST_SHOWN).map((row) => ({
      id: row.attempt_id,
      action: row.action ?? "none",
      state: row.state,
      verification: row.verification,
      at: row.created_at,
      audit_log_id: row.audit_log_id,
    })),
    escalations: escalations.slice(0, MOST_SHOWN).map((row) => ({
      id: row.escalation_id,
      reason: row.reason,
      at: row.opened_at,
      audit_log_id: row.audit_log_id,
    })),
    suspects: named.filter((one, at) => named.findIndex(({ release }) => release === one.release) === at),
  });
}

/** What people see of them. */
export function createSprints(
  deps: Core & { readonly scrubText: (text: string) => { readonly text: { readonly value: string } } },
) {
  const { db, writer, clock } = deps;
  const titleOf = async (row: Row): Promise<string | null> =>
    row.fault_id === null
      ? null
      : ((await db.selectFrom("fault").select("title").where("fault_id", "=", row.fault_id).executeTakeFirst())
          ?.title ?? null);
  const idOf = (typed: string) => resolveId(db, "corrective_sprint_log", "sprint_id", typed);
  const rowOf = async (id: string): Promise<Row> =>
    db.selectFrom("corrective_sprint_log").selectAll().where("sprint_id", "=", id).executeTakeFirstOrThrow();
  return {
    resolveId: idOf,
    projectOf: async (typed: string): Promise<string> => (await rowOf(await idOf(typed))).project_id,
    async read(id: string): Promise<Sprint> {
      const row = await rowOf(id);
      return toSprint(row, await titleOf(row));
    },
    /** Newest first; `sees`: only of these projects, null: of all. */
    async list(given: { readonly all: boolean; readonly sees?: readonly string[] | null }): Promise<SprintPage> {
      let query = db.selectFrom("corrective_sprint_log").selectAll();
      if (!given.all) query = query.where("closed_at", "is", null);
      if (given.sees) query = query.where("project_id", "in", given.sees);
      const found = await query.orderBy("opened_at", "desc").orderBy("sprint_id", "desc").limit(200).execute();
      const sprints: Sprint[] = [];
      for (const row of found) sprints.push(toSprint(row, await titleOf(row)));
      return { sprints };
    },
    async close(id: string, given: { readonly reason: string; readonly by: Actor }): Promise<Sprint> {
      const reason = deps.scrubText(given.reason.trim()).text.value;
      const row = await writer.run(async (tx) => {
        const now = clock.now();
        await lockHead(tx);
        const closed = await tx.db
          .updateTable("corrective_sprint_log")
          .set({ closed_at: now, closed_by: JSON.stringify(given.by), close_reason: reason })
          .where("sprint_id", "=", id)
          .where("closed_at", "is", null)
          .returningAll()
          .executeTakeFirst();
        if (!closed) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "This sprint is closed already." });
        const { counts } = SprintBrief.parse(JSON.parse(closed.brief));
        await appendLedger(tx, {
          v: 1,
          at: now,
          type: "sprint_changed",
          project: closed.project_id,
          sprint: id,
          trigger: closed.trigger_id,
          fault: closed.fault_id,
          change: "closed",
          reason: closed.reason,
          escalations: counts.escalations,
          ineffective: counts.ineffective,
          by: given.by,
        });
        return closed;
      });
      deps.publish("escalations", id);
      deps.publish("ledger", "head");
      return toSprint(row, await titleOf(row));
    },
  };
}

const toSprint = (row: Row, title: string | null): Sprint =>
  Sprint.parse({
    id: row.sprint_id,
    project_id: row.project_id,
    trigger_id: row.trigger_id,
    fault_id: row.fault_id,
    fault_title: title,
    target: row.target,
    reason: row.reason,
    brief: JSON.parse(row.brief),
    opened_at: row.opened_at,
    closed_at: row.closed_at,
    closed_by: row.closed_by === null ? null : Actor.parse(JSON.parse(row.closed_by)),
    close_reason: row.close_reason,
    audit_log_id: row.audit_log_id,
  });
