import { shownTarget } from "@prunella/contract";
import { envelopeOf, readStage } from "../gate/stage.ts";
import type { Core } from "../core.ts";
import type { Describe } from "../notify/describe.ts";

/** A remedy that was carried out and did not help. */
export const describeAttempt =
  ({ db }: Pick<Core, "db">): Describe =>
  async ({ subject }) => {
    const row = await db
      .selectFrom("self_heal_attempts")
      .select(["action", "target", "audit_log_id", "fault_id", "version"])
      .where("attempt_id", "=", subject)
      .executeTakeFirst();
    if (row === undefined) return null;
    const name = shownTarget(row.target);
    const action = (row.action ?? "nothing").replaceAll("_", " ");
    return {
      fault: row.fault_id,
      thread: row.fault_id === null ? null : `fault.${row.fault_id}`,
      revision: row.version,
      state: "information",
      title: `${name}: an attempt to ${action} it did not help`,
      sections: [{ title: "What was tried", lines: [`${action} ${name}, ledger ${row.audit_log_id}`] }],
      question: null,
      links: row.fault_id === null ? [] : [{ title: "Open the fault", url: `/faults/${row.fault_id}` }],
    };
  };

/** An envelope that is trusted less because of an attempt that did not help. */
export const describeDemotion =
  ({ db }: Pick<Core, "db">): Describe =>
  async ({ projectId, subject }) => {
    const row = await db
      .selectFrom("self_heal_attempts")
      .select(["action", "target", "args", "audit_log_id", "fault_id"])
      .where("project_id", "=", projectId)
      .where("attempt_id", "=", subject)
      .executeTakeFirst();
    const probe = row === undefined ? null : envelopeOf(row.args);
    const standing = probe === null ? null : await readStage(db, projectId, probe);
    if (row === undefined || standing === null) return null;
    const { stage, held, not_held: notHeld, audit_log_id: entry } = standing;
    const what = `${(row.action ?? "nothing").replaceAll("_", " ")} ${shownTarget(row.target)}`;
    return {
      fault: row.fault_id,
      thread: row.fault_id === null ? null : `fault.${row.fault_id}`,
      revision: 0,
      state: "information",
      title: `The envelope ${probe} is trusted less: it is at ${stage} now`,
      sections: [
        { title: "Why", lines: [`${what}, ledger ${row.audit_log_id}, did not help`] },
        { title: "Its record", lines: [`${held} of ${held + notHeld} fixes held; ledger ${entry}`] },
        { title: "To trust it again", lines: [`prunella envelopes promote ${probe} --reason "it helps again"`] },
      ],
      question: null,
      links: row.fault_id === null ? [] : [{ title: "Open the fault", url: `/faults/${row.fault_id}` }],
    };
  };
