import { State, type AuditRow } from "@prunella/contract";
import { z } from "zod";
import { toAttempt } from "../attempts/row.ts";
import { addAudit, scrubEach, type AuditDeps } from "../audit/audit.ts";
import type { Core } from "../core.ts";
import { ENVELOPE, type EnvelopeBook } from "../gate/envelope-book.ts";
import type { Remedies } from "../gate/remedy.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { endOf } from "./end.ts";
import { dropWork, LANES, setWork, workKind, workName, type WorkKind } from "../work/kind.ts";

export type RowDeps = Pick<Core, "writer" | "clock"> & AuditDeps;

/** What a row repeats of its call and of the look before, kept until the row is written. All of it went through the scrubber. */
const Expected = z.strictObject({
  attempt: z.string(),
  session: z.string(),
  source: z.string(),
  asked: z.record(z.string(), z.string()),
  before: State.nullable(),
});

/** The row of an autofix should stand by now: whoever waited for its end has gone, or was answered before it. */
const LOST_ROW = workName("lost_autofix_row", LANES.own, Expected, true);
/** How often it is looked whether it has ended. */
const LOOK_AGAIN_MS = 5_000;
/** What is seen longer after the end than this is not what the fix left. */
const AFTER_MS = 60_000;

/** Every call has its row, also if its process dies while it waits: in the unit that permits it, somebody is asked to look. */
export function expectRow(
  tx: Tx,
  { scrubText }: AuditDeps,
  given: {
    readonly projectId: string;
    readonly attemptId: string;
    readonly dueAt: number;
    readonly row: Omit<z.infer<typeof Expected>, "attempt">;
  },
): void {
  const { projectId, attemptId, dueAt, row } = given;
  // What does not fit any more is refused here, while nothing has been done.
  const kept = Expected.omit({ attempt: true }).parse(scrubEach(row, scrubText));
  setWork(tx, lostId(attemptId), { kind: LOST_ROW, projectId, dueAt, payload: { ...kept, attempt: attemptId } });
}

const lostId = (attemptId: string): string => `row.${attemptId}`;

interface Ended {
  readonly projectId: string;
  readonly attemptId: string;
  readonly session: string;
  readonly source: AuditRow["source"];
  readonly details: object;
}

/** Writes the row of an attempt, unless it stands: two that come to its end at once leave one. */
export const writeOnce = (deps: RowDeps, ended: Ended): Promise<void> =>
  deps.writer.run(async (tx) => {
    const { projectId, attemptId: about, session, source, details } = ended;
    dropWork(tx, projectId, lostId(about));
    const seam = "tool.probe_autofix_attempted";
    const stands = await rows(tx.db)`select 1 from audit_event where about = ${about} and seam = ${seam} limit 1`;
    if (stands.length > 0) return;
    addAudit(tx, deps, deps.clock.now(), { projectId, about, seam, caller_session_id: session, source, details });
  });

export interface LostDeps extends RowDeps, Pick<Core, "db"> {
  readonly remedies: Remedies;
  readonly book: EnvelopeBook;
}

/** Writes what is missing, once the attempt has ended, from what the attempt says. */
export const lostRows = (deps: LostDeps): WorkKind =>
  workKind(LOST_ROW, async ({ projectId, payload, finish }) => {
    const { db, writer, clock, book } = deps;
    const { asked, before, attempt: attemptId } = payload;
    const found = await db
      .selectFrom("self_heal_attempts")
      .selectAll()
      .where("attempt_id", "=", attemptId)
      .executeTakeFirst();
    // Whatever is left of it went with its project.
    if (!found) return writer.run(finish);
    const attempt = toAttempt(found);
    const { target, action, ended_at: endedAt } = attempt;
    if (endedAt === null)
      return writer.run((tx) => {
        finish(tx);
        setWork(tx, lostId(attemptId), { kind: LOST_ROW, projectId, dueAt: clock.now() + LOOK_AGAIN_MS, payload });
      });
    const probe = asked["probe"] ?? "";
    const remedy = deps.remedies.get(action ?? "");
    const isFresh = attempt.state !== "expired" && clock.now() - endedAt < AFTER_MS;
    const after = isFresh
      ? await remedy?.observe(projectId, target, { [ENVELOPE]: probe }, db).catch(() => null)
      : null;
    const isOn = remedy ? book.of({ projectId, envelope: probe, action, target, remedy })?.isOn !== false : true;
    const tried = { action_taken: asked["action"] ?? "", action_canonical: action ?? "unknown", before_state: before };
    await writeOnce(deps, {
      projectId,
      attemptId,
      session: payload.session,
      source: payload.source,
      details: { ...asked, ...endOf({ probe, isOn, tried, after: after ?? null, attempt }) },
    });
  });
