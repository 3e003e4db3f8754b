import { Actor, PrunellaError, type Decision } from "@prunella/contract";
import { sql } from "kysely";
import { BY_DEFAULT } from "../actors.ts";
import { causeOf } from "../attempts/row.ts";
import { digestOfArgs } from "../gate/args.ts";
import type { NewId } from "../ids.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { utcSecond } from "../notify/moment.ts";
import { tell } from "../notify/tell.ts";
import type { Tx } from "../store/engine.ts";
import { addWork } from "../work/kind.ts";
import { PLAIN, type Askers } from "./asker.ts";
import { approvedArgs, optionsOf, type EscalationRow } from "./row.ts";
import { DECIDED } from "./work.ts";

/** How long an answer that acts may wait for what it is about to be there. Whoever gives it may say less, and never more. */
export const APPROVAL_MS = 900_000;

export interface Decided {
  readonly row: EscalationRow;
  /** True when the gate is asked now; what it rules is another matter. */
  readonly acts: boolean;
}

/**
 * A person's answer, or the default when its time is over. Single use: a second decision is refused.
 * One of effect `act` asks the gate again with a person's authority, for what the question pinned and nothing else;
 * it opens nothing by itself.
 */
export async function decide(
  tx: Tx,
  given: {
    now: number;
    newId: NewId;
    askers: Askers;
    escalationId: string;
    decision: Decision;
    by: Actor;
    note?: string | null;
    /** An answer that acts holds for so long. */
    forMs?: number | null;
  },
): Promise<Decided> {
  const { now, escalationId, decision, by } = given;
  const standing = await lockOpen(tx, escalationId);
  const offered = optionsOf(standing);
  if (!offered.includes(decision)) {
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: `${decision} is no answer to this question.`,
      hint: `Its answers are ${offered.join(" and ")}.`,
    });
  }
  const asker = given.askers.get(standing.asker) ?? PLAIN;
  const acts = asker.choices.find((choice) => choice.name === decision)?.effect === "act";
  const forMs = given.forMs ?? null;
  if (forMs !== null) assertNarrower(acts, forMs);
  if (acts) await assertOther(tx, standing.project_id, standing.requested_by, by);
  const row = await tx.db
    .updateTable("escalation_attempts")
    .set(({ eb }) => ({
      status: by.kind === "default" ? "expired" : "decided",
      decision,
      decided_by: JSON.stringify(by),
      decided_at: now,
      approved_until: acts ? now + (forMs ?? APPROVAL_MS) : null,
      note: given.note ?? null,
      hold: null,
      held_by: null,
      held_until: null,
      version: eb("version", "+", 1),
    }))
    .where("project_id", "=", standing.project_id)
    .where("escalation_id", "=", escalationId)
    .where("status", "=", sql.lit("open"))
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Somebody else has just decided." });
  const approved = acts ? approvedArgs(row) : null;
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "escalation_decided",
    project: row.project_id,
    escalation: escalationId,
    decision,
    acts,
    ...(approved === null ? {} : { args_sha256: digestOfArgs(row.asker, row.target, approved) }),
    by,
  });
  await tell(tx, given.newId, {
    kind: "escalation_resolved",
    projectId: row.project_id,
    subject: escalationId,
    at: now,
    level: causeOf(row)?.level ?? "error",
    once: escalationId,
  });
  if (acts)
    addWork(tx, given.newId, {
      kind: DECIDED,
      projectId: row.project_id,
      dueAt: now,
      payload: { escalation: escalationId },
    });
  else await asker.leave(tx, row, decision);
  return { row, acts };
}

function assertNarrower(acts: boolean, forMs: number): void {
  if (!acts)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "This answer leaves things as they are: there is no time for which it could hold.",
    });
  if (forMs > APPROVAL_MS)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail: "An answer holds for fifteen minutes: that may be less, and never more.",
      hint: "To say yes beforehand: prunella approve --help",
    });
}

/** The question, held until the unit ends. @throws PRUNELLA_NOT_FOUND, PRUNELLA_CONFLICT once it was decided */
export async function lockOpen(tx: Tx, escalationId: string): Promise<EscalationRow> {
  await lockHead(tx);
  const standing = await tx.db
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("escalation_id", "=", escalationId)
    .executeTakeFirst();
  if (!standing) throw new PrunellaError("PRUNELLA_NOT_FOUND", { detail: "There is no such escalation." });
  if (standing.status !== "open") throw alreadyDecided(standing);
  return standing;
}

/** A late click is told who was first, and when. */
export function alreadyDecided({ status, decision, decided_by: by, decided_at: at, default_decision }: EscalationRow) {
  const actor = by === null ? null : Actor.parse(JSON.parse(by));
  const who = status === "expired" || actor === null ? "by default" : `by ${actor.id ?? actor.kind}`;
  const when = at === null ? "" : ` at ${utcSecond(at)}`;
  return new PrunellaError("PRUNELLA_CONFLICT", {
    detail: `This escalation is ${status} already: ${decision ?? default_decision}, ${who}${when}.`,
  });
}

/** Nobody approves what they asked for themselves, where another person is there who may. */
async function assertOther(tx: Tx, projectId: string, requestedBy: string | null, by: Actor): Promise<void> {
  if (requestedBy === null || by.kind !== "person" || by.id !== requestedBy) return;
  const others = await tx.db
    .selectFrom("person_role")
    .innerJoin("person", "person.person_id", "person_role.person_id")
    .select("person.person_id")
    .where("person_role.project_id", "in", ["*", projectId])
    .where("person_role.role", "in", ["operator", "owner"])
    .where("person.state", "=", "active")
    .where("person.person_id", "<>", requestedBy)
    .limit(1)
    .execute();
  if (others.length > 0)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: "You asked for this yourself: somebody else of the project decides whether it is done once more.",
      hint: "List who may: prunella people list",
    });
}

/**
 * What was asked about a target that is gone takes its default, or a person would be asked what no
 * answer can change.
 */
export async function withdrawQuestions(
  tx: Tx,
  given: { now: number; newId: NewId; askers: Askers; projectId: string; target: string },
): Promise<EscalationRow[]> {
  await lockHead(tx);
  const open = await tx.db
    .selectFrom("escalation_attempts")
    .select(["escalation_id", "default_decision"])
    .where("project_id", "=", given.projectId)
    .where("target", "=", given.target)
    .where("status", "=", sql.lit("open"))
    .orderBy("opened_at")
    .orderBy("escalation_id")
    .execute();
  const closed: EscalationRow[] = [];
  for (const { escalation_id: escalationId, default_decision: decision } of open) {
    const { row } = await decide(tx, { ...given, escalationId, decision, by: BY_DEFAULT });
    closed.push(row);
  }
  return closed;
}
