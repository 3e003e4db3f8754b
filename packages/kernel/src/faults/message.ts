import type { Core } from "../core.ts";
import type { Describe } from "../notify/describe.ts";

const MAX_TITLE = 500;

/** A fault that is new, or back. */
export const describeFault =
  ({ db }: Pick<Core, "db">): Describe =>
  async ({ kind, subject }) => {
    const row = await db
      .selectFrom("fault")
      .select([
        "title",
        "culprit",
        "level",
        "count",
        "merged_count",
        "users",
        "first_release",
        "regressed_in",
        "version",
        "merged_into",
      ])
      .where("fault_id", "=", subject)
      .executeTakeFirst();
    if (row === undefined || row.merged_into !== null) return null;
    const isBack = kind === "fault_regressed";
    const release = isBack ? row.regressed_in : row.first_release;
    const count = row.count + row.merged_count;
    return {
      fault: subject,
      thread: `fault.${subject}`,
      revision: row.version,
      state: "open",
      title: `${isBack ? "Back" : "New"}: ${row.title.slice(0, MAX_TITLE)}`,
      sections: [
        {
          title: "What failed",
          lines: [row.level, ...(row.culprit === "" ? [] : [`in ${row.culprit}`])],
        },
        {
          title: "Impact and trend",
          lines: [
            `${count} ${count === 1 ? "event" : "events"}${row.users > 0 ? `, ${row.users} people` : ""}`,
            ...(release === null || release === "" ? [] : [`${isBack ? "back" : "first seen"} in ${release}`]),
          ],
        },
      ],
      question: null,
      links: [{ title: "Open the fault", url: `/faults/${subject}` }],
    };
  };
