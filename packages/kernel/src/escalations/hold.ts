import { PrunellaError, type Actor, type EscalationHold } from "@prunella/contract";
import { sql } from "kysely";
import { causeOf } from "../attempts/row.ts";
import type { NewId } from "../ids.ts";
import { appendLedger } from "../ledger/append.ts";
import { tell } from "../notify/tell.ts";
import type { Tx } from "../store/engine.ts";
import { setWork } from "../work/kind.ts";
import { lockOpen } from "./decide.ts";
import type { EscalationRow } from "./row.ts";
import { DEFAULT, REMIND } from "./work.ts";

const HOUR_MS = 3_600_000;
/** What nobody decides within so long of its opening takes its default, whatever was said in between. */
export const MOST_OPEN_MS = 72 * HOUR_MS;
/** What a hold may last, and what it lasts when nothing is said. */
export const HOLDS = {
  acked: { most: 4 * HOUR_MS, usual: HOUR_MS },
  snoozed: { most: 24 * HOUR_MS, usual: 4 * HOUR_MS },
  taken_over: { most: MOST_OPEN_MS, usual: 24 * HOUR_MS },
} as const;

/**
 * A person says that they have seen it, will look later, or see to it themselves. It answers nothing: the
 * question stays open, its default waits until the hold is over, and everybody is told again then.
 */
export async function hold(
  tx: Tx,
  given: {
    readonly now: number;
    readonly newId: NewId;
    readonly escalationId: string;
    readonly how: EscalationHold;
    readonly forMs: number | null;
    readonly by: Actor;
  },
): Promise<EscalationRow> {
  const { now, escalationId, how, by } = given;
  const standing = await lockOpen(tx, escalationId);
  const { most, usual } = HOLDS[how];
  const forMs = given.forMs ?? usual;
  const last = standing.opened_at + MOST_OPEN_MS;
  if (forMs > most || now >= last)
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", {
      detail:
        now >= last
          ? "This question has been put off for three days: it wants an answer."
          : `That is longer than the ${most / HOUR_MS} hours that it may be.`,
      hint: "Decide it, or leave it to its default.",
    });
  const until = Math.min(now + forMs, last);
  // Whoever comes back to it finds an hour to decide in.
  const expiresAt = Math.max(standing.expires_at, Math.min(until + HOUR_MS, last));
  const [row] = await tx.db
    .updateTable("escalation_attempts")
    .set(({ eb }) => ({
      hold: how,
      held_by: JSON.stringify(by),
      held_until: until,
      expires_at: expiresAt,
      version: eb("version", "+", 1),
    }))
    .where("project_id", "=", standing.project_id)
    .where("escalation_id", "=", escalationId)
    .where("status", "=", sql.lit("open"))
    .returningAll()
    .execute();
  if (!row) throw new PrunellaError("PRUNELLA_CONFLICT", { detail: "Somebody else has just decided." });
  await appendLedger(tx, {
    v: 1,
    at: now,
    type: "escalation_held",
    project: row.project_id,
    escalation: escalationId,
    hold: how,
    until,
    by,
  });
  const payload = { escalation: escalationId };
  const { project_id: projectId } = row;
  setWork(tx, `default.${escalationId}`, { kind: DEFAULT, projectId, dueAt: expiresAt, payload });
  setWork(tx, `remind.${escalationId}`, { kind: REMIND, projectId, dueAt: until, payload });
  await tell(tx, given.newId, {
    kind: "escalation_changed",
    projectId,
    subject: escalationId,
    at: now,
    level: causeOf(row)?.level ?? "error",
    once: `${escalationId}.v${row.version}`,
  });
  return row;
}

/** The hold is over and nobody has decided: everybody hears of it once more. True when somebody is told. */
export async function remind(tx: Tx, given: { now: number; newId: NewId; escalationId: string }): Promise<boolean> {
  const row = await tx.db
    .selectFrom("escalation_attempts")
    .selectAll()
    .where("escalation_id", "=", given.escalationId)
    .where("status", "=", sql.lit("open"))
    .executeTakeFirst();
  if (!row || row.held_until === null || row.held_until > given.now) return false;
  await tx.db
    .updateTable("escalation_attempts")
    .set(({ eb }) => ({ hold: null, held_by: null, held_until: null, version: eb("version", "+", 1) }))
    .where("project_id", "=", row.project_id)
    .where("escalation_id", "=", row.escalation_id)
    .where("status", "=", sql.lit("open"))
    .execute();
  await tell(tx, given.newId, {
    kind: "escalation_reminded",
    projectId: row.project_id,
    subject: row.escalation_id,
    at: given.now,
    level: causeOf(row)?.level ?? "error",
    once: `${row.escalation_id}.${row.held_until}`,
  });
  return true;
}
