import { State, type AuditRow } from "@prunella/contract";
import { z } from "zod";
import { addAudit, scrubEach, type AuditDeps } from "../audit/audit.ts";
import type { Core } from "../core.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
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

/** The row of an autofix should stand by now: whoever waited for its end has gone. */
const LOST_ROW = workName("lost_autofix_row", LANES.own, Expected);

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

/** Writes what is missing, from the attempt: what it was afterwards nobody saw. */
export const lostRows = (deps: RowDeps & Pick<Core, "db">): WorkKind =>
  workKind(LOST_ROW, async ({ projectId, payload }) => {
    const attempt = await deps.db
      .selectFrom("self_heal_attempts")
      .select(["state", "action", "started_at", "ended_at"])
      .where("attempt_id", "=", payload.attempt)
      .executeTakeFirst();
    await writeOnce(deps, {
      projectId,
      attemptId: payload.attempt,
      session: payload.session,
      source: payload.source,
      details: {
        ...payload.asked,
        status: attempt?.state === "succeeded" ? "attempted" : "execution_failed",
        action_taken: payload.asked["action"] ?? "",
        action_canonical: attempt?.action ?? "unknown",
        before_state: payload.before,
        after_state: null,
        executor_duration_ms:
          attempt?.started_at == null || attempt.ended_at === null ? null : attempt.ended_at - attempt.started_at,
      },
    });
  });
