import { sql } from "kysely";
import { BY_DEFAULT } from "../actors.ts";
import type { NewId } from "../ids.ts";
import type { Escalate } from "../gate/episode.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { tell } from "../notify/tell.ts";
import type { Clock } from "../ports.ts";
import { setWork } from "../work/kind.ts";
import { PLAIN, type Askers } from "./asker.ts";
import { answerBeforehand } from "./beforehand.ts";
import { decide } from "./decide.ts";
import { optionsOf } from "./row.ts";
import { openSprintWhenDue, type SprintRule } from "./sprints.ts";
import { STUCK } from "./stuck.ts";
import { DEFAULT } from "./work.ts";

/** A person has a day; then the default takes effect, which changes nothing outside. */
const LIFE_MS = 24 * 3_600_000;
/** Further failures are told at most so often, where a channel shows them at all. */
const CHANGE_MS = 600_000;

/**
 * Hands a person what is left: one question per episode. While it stands open further failures only
 * raise its count. Where somebody has said yes to exactly this beforehand, that is its answer.
 */
export function createEscalate(deps: { clock: Clock; newId: NewId; askers: Askers; sprints: SprintRule }): Escalate {
  const { newId } = deps;
  return async (tx, episode) => {
    const now = deps.clock.now();
    const asker = deps.askers.get(episode.asker) ?? PLAIN;
    const offered = asker.choices.filter(({ effect }) => !episode.isByHand || effect === "leave");
    const about = episode.about === undefined ? "" : ` ${episode.about}`;
    const name = `${episode.asker} ${episode.triggerId ?? ""} ${episode.target}${about}`;
    // Two servers that meet in one episode would both find no question and open one each.
    await lockHead(tx);
    const asked = await tx.db
      .selectFrom("escalation_attempts")
      .select(["escalation_id", "options", "default_decision"])
      .where("project_id", "=", episode.projectId)
      .where("episode", "=", name)
      .where("status", "=", sql.lit("open"))
      .executeTakeFirst();
    // What was asked when an answer could do nothing, or could, is another question.
    const acts = asked && asker.choices.some((one) => one.effect === "act" && optionsOf(asked).includes(one.name));
    const open = acts === offered.some(({ effect }) => effect === "act") ? asked : null;
    const { projectId, triggerId, faultId, target, reason } = episode;
    const level = episode.cause?.level ?? "error";
    const told = (kind: "escalation_opened" | "escalation_changed", subject: string, once: string) =>
      tell(tx, newId, { kind, projectId, subject, at: now, level, once });
    // A step of our own is no fault of theirs, and who asks for leave has not failed.
    const count = async () =>
      episode.asker === STUCK || episode.about !== undefined
        ? null
        : openSprintWhenDue(tx, newId, now, { projectId, triggerId, faultId, target }, deps.sprints);
    if (open) {
      const { escalation_id: id } = open;
      await tx.db
        .updateTable("escalation_attempts")
        .set(({ eb }) => ({ failures_since: eb("failures_since", "+", 1), version: eb("version", "+", 1) }))
        .where("project_id", "=", projectId)
        .where("escalation_id", "=", id)
        .execute();
      await count();
      await told("escalation_changed", id, `${id}.${Math.floor(now / CHANGE_MS)}`);
      return id;
    }
    if (asked)
      await decide(tx, {
        now,
        newId,
        askers: deps.askers,
        escalationId: asked.escalation_id,
        decision: asked.default_decision,
        by: BY_DEFAULT,
      });
    const escalationId = newId();
    const auditLogId = await appendLedger(tx, {
      v: 1,
      at: now,
      type: "escalation_opened",
      project: projectId,
      escalation: escalationId,
      asker: episode.asker,
      trigger: triggerId,
      fault: faultId,
      reason,
    });
    const question = await tx.db
      .insertInto("escalation_attempts")
      .values({
        project_id: projectId,
        escalation_id: escalationId,
        trigger_id: triggerId,
        asker: episode.asker,
        episode: name,
        fault_id: faultId,
        target,
        reason,
        cause: episode.cause === null ? null : JSON.stringify(episode.cause),
        args: episode.args === null ? null : JSON.stringify(episode.args),
        status: "open",
        options: JSON.stringify(offered.map((choice) => choice.name)),
        default_decision: asker.defaultChoice,
        decision: null,
        decided_by: null,
        requested_by: episode.requestedBy?.id ?? null,
        opened_at: now,
        expires_at: now + LIFE_MS,
        decided_at: null,
        approved_until: null,
        note: null,
        hold: null,
        held_by: null,
        held_until: null,
        failures_since: 0,
        version: 1,
        audit_log_id: auditLogId,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await told("escalation_opened", escalationId, escalationId);
    const payload = { escalation: escalationId };
    setWork(tx, `default.${escalationId}`, { kind: DEFAULT, projectId, dueAt: now + LIFE_MS, payload });
    await count();
    if (!episode.isNotice) await answerBeforehand(tx, deps, question, now);
    return escalationId;
  };
}
