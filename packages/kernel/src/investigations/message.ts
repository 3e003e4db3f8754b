import { AuditRow } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Describe } from "../notify/describe.ts";

const MAX_LINE = 2_000;
const MAX_LINES = 50;

/** What an investigation found, in the words that it was written down with. */
export const describeInvestigation =
  ({ db }: Pick<Core, "db">): Describe =>
  async ({ subject }) => {
    const stored = await db
      .selectFrom("audit_event")
      .select(["seam", "source", "details"])
      .where("caller_session_id", "=", subject)
      .where("seam", "=", "probe.investigation_completed")
      .executeTakeFirst();
    if (stored === undefined) return null;
    const row = AuditRow.parse({ ...stored, caller_session_id: subject, details: JSON.parse(stored.details) });
    if (row.seam !== "probe.investigation_completed") return null;
    const { probe, category, summary, fallback_reason: reason, autofix_attempted: hasFixed, model } = row.details;
    return {
      fault: null,
      thread: `investigation.${subject}`,
      revision: 0,
      state: "information",
      title: `Looked into ${probe}: ${category}`,
      sections: [
        { title: "What was found", lines: linesOf(summary) },
        {
          title: "Who looked",
          lines: [
            reason === null ? (model === "none" ? "no model was asked" : model) : `nobody answered: ${reason}`,
            hasFixed ? "a fix was asked for" : "no fix was asked for",
            `all of it: prunella timeline ${subject}`,
          ],
        },
      ],
      question: null,
      links: [{ title: "Open the console", url: "/" }],
    };
  };

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(0, MAX_LINES)
    .map((line) => line.slice(0, MAX_LINE));
