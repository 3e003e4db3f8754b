import { PrunellaError } from "@prunella/contract";
import { sql } from "kysely";
import type { Engine } from "./engine.ts";

const SHOWN_DIGITS = 8;

/** What a person calls the thing, and the command that lists them. */
const NAMES = {
  fault: ["fault", "faults"],
  escalation_attempts: ["escalation", "escalations"],
  approval: ["approval", "approvals"],
  pause: ["pause", "pause --list"],
  maintenance: ["maintenance window", "maintenance list"],
  corrective_sprint_log: ["corrective sprint", "sprints list"],
} as const;

/**
 * Turns what a person typed into a whole id: the id itself, its unique beginning or end, or the
 * beginning of the last 8 digits, which are what tables show (ids made in one minute begin alike).
 */
export async function resolveId(
  db: Engine["reader"],
  table: keyof typeof NAMES,
  column: "fault_id" | "escalation_id" | "approval_id" | "pause_id" | "window_id" | "sprint_id",
  typed: string,
): Promise<string> {
  const [what, list] = NAMES[table];
  const title = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  const wanted = typed.trim().toLowerCase();
  if (!/^[0-9a-f-]{4,36}$/.test(wanted)) {
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `${title} ids are hex digits and dashes, at least 4 of them.`,
      hint: `List them: prunella ${list}`,
    });
  }
  // A whole id is found by its index.
  if (wanted.length === 36) {
    const { rows } = await sql<{
      id: string;
    }>`select ${sql.ref(column)} as id from ${sql.table(table)} where ${sql.ref(column)} = ${wanted}`.execute(db);
    if (rows[0]) return rows[0].id;
  }
  const shown = `%${wanted}${"_".repeat(Math.max(0, SHOWN_DIGITS - wanted.length))}`;
  const rows = await sql<{ id: string }>`select ${sql.ref(column)} as id from ${sql.table(table)}
    where ${sql.ref(column)} like ${`${wanted}%`} or ${sql.ref(column)} like ${`%${wanted}`}
    or ${sql.ref(column)} like ${shown} order by ${sql.ref(column)} limit 3`.execute(db);
  const [first, second] = rows.rows;
  if (!first)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no ${what} ${wanted}.`,
      hint: `List them: prunella ${list}`,
    });
  if (second && first.id !== wanted)
    throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
      detail: `${wanted} fits more than one ${what}.`,
      hint: "Type more of it.",
    });
  return first.id;
}
