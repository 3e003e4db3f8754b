import { shownTarget } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Describe } from "../notify/describe.ts";

/** A fault that outlasted what was allowed against its symptom. */
export const describeSprint =
  ({ db }: Pick<Core, "db">): Describe =>
  async ({ subject }) => {
    const row = await db
      .selectFrom("corrective_sprint_log")
      .leftJoin("fault", "fault.fault_id", "corrective_sprint_log.fault_id")
      .select([
        "corrective_sprint_log.fault_id",
        "corrective_sprint_log.trigger_id",
        "corrective_sprint_log.brief",
        "fault.title",
      ])
      .where("sprint_id", "=", subject)
      .executeTakeFirst();
    if (row === undefined) return null;
    const brief: unknown = JSON.parse(row.brief);
    const target: unknown = typeof brief === "object" && brief !== null ? Reflect.get(brief, "target") : null;
    const name = typeof target === "string" ? shownTarget(target) : (row.trigger_id ?? "A fault");
    return {
      fault: row.fault_id,
      thread: row.fault_id === null ? null : `fault.${row.fault_id}`,
      revision: 0,
      state: "open",
      title: `${name}: its cause needs repair, not the symptom`,
      sections: [
        { title: "What keeps failing", lines: [row.title ?? name] },
        {
          title: "Why",
          lines: [
            row.trigger_id === null
              ? "It keeps coming back."
              : `What the trigger ${row.trigger_id} may do did not end it.`,
          ],
        },
      ],
      question: null,
      links: row.fault_id === null ? [] : [{ title: "Open the fault", url: `/faults/${row.fault_id}` }],
    };
  };
