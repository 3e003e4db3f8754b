import { shownTarget } from "@prunella/contract";
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
      thread: row.fault_id === null ? null : `fault.${row.fault_id}`,
      revision: row.version,
      state: "information",
      title: `${name}: an attempt to ${action} it did not help`,
      sections: [{ title: "What was tried", lines: [`${action} ${name}, ledger ${row.audit_log_id}`] }],
      question: null,
      links: row.fault_id === null ? [] : [{ title: "Open the fault", url: `/faults/${row.fault_id}` }],
    };
  };
