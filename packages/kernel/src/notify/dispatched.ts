import { addAudit, type AuditDeps } from "../audit/audit.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Delivered } from "./describe.ts";

/** The story that a message belongs to: an investigation's own, or the newest that speaks of the same thing; null: of none. */
async function sessionOf(db: Engine["reader"], { kind, subject }: Delivered): Promise<string | null> {
  if (kind === "investigation") return subject;
  const told = await db
    .selectFrom("audit_event")
    .select("caller_session_id")
    .where("about", "=", subject)
    .orderBy("event_id", "desc")
    .limit(1)
    .executeTakeFirst();
  return told?.caller_session_id ?? null;
}

/** Ends a story with who was told, or could not be, in the unit that says so of the delivery. Mail has a seam of its own. */
export async function addDispatched(
  tx: Tx,
  deps: AuditDeps,
  given: {
    readonly row: Delivered;
    readonly state: "sent" | "failed";
    /** How often it was tried. */
    readonly tries: number;
    readonly isMail: boolean;
    readonly at: number;
  },
): Promise<void> {
  const { row, state, tries, isMail, at } = given;
  const session = await sessionOf(tx.db, row);
  if (session === null) return;
  addAudit(tx, deps, at, {
    projectId: row.project_id,
    about: row.subject,
    seam: isMail ? "notification.email_dispatched" : "notification.dispatched",
    caller_session_id: session,
    source: "notify",
    details: { kind: row.kind, channel: row.channel, state, message_id: row.message_id, tries },
  });
}
