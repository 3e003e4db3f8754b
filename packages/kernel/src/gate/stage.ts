import { Args, EnvelopeStage, PrunellaError, type Actor } from "@prunella/contract";
import { z } from "zod";
import { SYSTEM } from "../actors.ts";
import { appendLedger, lockHead } from "../ledger/append.ts";
import { tellAll } from "../notify/tell.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Tables } from "../store/tables.ts";
import { ENVELOPE, type Governing } from "./envelope-book.ts";

type Db = Engine["reader"];
export type StageRow = Tables["envelope_stage"];

const STAGES = EnvelopeStage.options;

/** Where an envelope stands: where it was moved to, or else where it begins. null: none bounds the request. */
export const stageOf = (governing: Governing | null, moved: string | undefined): EnvelopeStage | null =>
  governing?.envelope ? (STAGES.find((stage) => stage === moved) ?? governing.envelope.begins_at) : null;

/** Then an answer to a question does nothing, because nobody would be asked whether it may. */
export const isLeftToHands = (stage: EnvelopeStage | null): boolean => stage === "observe" || stage === "propose";

export async function readStage(db: Db, projectId: string, probe: string): Promise<StageRow | null> {
  const [row] = await rows<StageRow>(
    db,
  )`select * from envelope_stage where project_id = ${projectId} and probe = ${probe}`;
  return row ?? null;
}

/** From its first permit on the database says where it stands, so that what came of it moves it from there. */
export async function beginStage(tx: Tx, projectId: string, governing: Governing | null): Promise<void> {
  if (governing?.envelope)
    await rows(
      tx.db,
    )`insert into envelope_stage (project_id, probe, stage, held, not_held, moved_at, moved_by, reason, audit_log_id)
      values (${projectId}, ${governing.name}, ${governing.envelope.begins_at}, 0, 0, null, null, null, null)
      on conflict (project_id, probe) do nothing`;
}

/** One stage further or back, by a person; between which two. */
export async function moveStage(
  tx: Tx,
  given: {
    readonly now: number;
    readonly projectId: string;
    readonly governing: Governing;
    readonly move: "promote" | "demote";
    readonly reason: string;
    readonly by: Actor;
  },
): Promise<{ readonly from: EnvelopeStage; readonly to: EnvelopeStage }> {
  const { now, projectId, governing, move, reason, by } = given;
  if (by.kind !== "person")
    throw new PrunellaError("PRUNELLA_ROLE_REQUIRED", { detail: "Only a person says how far an envelope is trusted." });
  await lockHead(tx);
  await beginStage(tx, projectId, governing);
  const row = await readStage(tx.db, projectId, governing.name);
  if (!row) throw new Error("an envelope's row is gone in the unit that made it");
  const to = STAGES[STAGES.indexOf(row.stage) + (move === "promote" ? 1 : -1)];
  if (to === undefined)
    throw new PrunellaError("PRUNELLA_CONFLICT", {
      detail: `The envelope ${governing.name} is at ${row.stage}, which is the ${move === "promote" ? "last" : "first"} stage.`,
    });
  await put(tx, row, { now, to, reason, by, attempt: null });
  return { from: row.stage, to };
}

/** What the envelope of an attempt is called, where one bounded it. */
export function envelopeOf(args: string): string | null {
  const named = Args.parse(JSON.parse(args))[ENVELOPE];
  return typeof named === "string" ? named : null;
}

type Ended = Pick<
  Tables["self_heal_attempts"],
  "project_id" | "attempt_id" | "args" | "subject_kind" | "because_kind" | "trigger_id" | "rung"
>;

/** A fix of an envelope ended: its record grows. */
export async function noteFix(tx: Tx, attempt: Ended, hasHeld: boolean): Promise<void> {
  const probe = envelopeOf(attempt.args);
  if (probe === null) return;
  const [held, notHeld] = hasHeld ? [1, 0] : [0, 1];
  await rows(tx.db)`update envelope_stage set held = held + ${held}, not_held = not_held + ${notHeld}
    where project_id = ${attempt.project_id} and probe = ${probe}`;
}

/** Whoever wrote a ladder expects its first rung to be too little now and then: the last one says that it did not help. */
async function hasNextRung(db: Db, { project_id: projectId, trigger_id: triggerId, rung }: Ended): Promise<boolean> {
  const [trigger] = await rows<{ policy: string }>(
    db,
  )`select policy from self_heal_triggers where project_id = ${projectId} and trigger_id = ${triggerId ?? ""}`;
  return trigger !== undefined && rung + 1 < Ladder.parse(JSON.parse(trigger.policy)).remedies.length;
}

const Ladder = z.object({ remedies: z.array(z.unknown()) });

/**
 * A fix of it did not help: it is trusted one stage less at once, and people are told. What somebody did by hand
 * is their own, and below `propose` nothing is done that could not help.
 */
export async function demoteFor(tx: Tx, now: number, attempt: Ended): Promise<void> {
  const probe = envelopeOf(attempt.args);
  if (probe === null || (attempt.subject_kind === "person" && attempt.because_kind === "call")) return;
  if (await hasNextRung(tx.db, attempt)) return;
  const row = await readStage(tx.db, attempt.project_id, probe);
  const to = row === null ? undefined : STAGES[STAGES.indexOf(row.stage) - 1];
  if (row === null || to === undefined || to === "observe") return;
  await put(tx, row, { now, to, reason: null, by: SYSTEM, attempt: attempt.attempt_id });
  await tellAll(tx, [
    {
      kind: "envelope_demoted",
      projectId: attempt.project_id,
      subject: attempt.attempt_id,
      at: now,
      level: "warning",
      once: attempt.attempt_id,
    },
  ]);
}

async function put(
  tx: Tx,
  row: StageRow,
  moved: { now: number; to: EnvelopeStage; reason: string | null; by: Actor; attempt: string | null },
): Promise<void> {
  const { now, to, reason, by, attempt } = moved;
  const { project_id: projectId, probe, stage: from, held, not_held: notHeld } = row;
  const auditLogId = await appendLedger(tx, {
    v: 1,
    at: now,
    type: "envelope_stage_changed",
    project: projectId,
    probe,
    from,
    to,
    attempt,
    held,
    not_held: notHeld,
    by,
  });
  await tx.db
    .updateTable("envelope_stage")
    .set({ stage: to, moved_at: now, moved_by: JSON.stringify(by), reason, audit_log_id: auditLogId })
    .where("project_id", "=", projectId)
    .where("probe", "=", probe)
    .execute();
}
