import { InvestigationDetails, type DmStatus } from "@prunella/contract";
import { addAudit, type AuditDeps } from "../audit/audit.ts";
import type { Delivered } from "../notify/describe.ts";
import type { Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/**
 * What became of an investigation's message at a channel joins its story, and its row says whether anybody was
 * told: one channel that took it is enough.
 */
export const noteTold =
  (deps: AuditDeps & { readonly clock: Clock }) =>
  async (tx: Tx, row: Delivered, state: "sent" | "failed"): Promise<void> => {
    if (row.kind !== "investigation") return;
    const { project_id: projectId, subject: session, message_id: messageId } = row;
    addAudit(tx, deps, deps.clock.now(), {
      projectId,
      about: messageId,
      seam: "notification.dispatched",
      caller_session_id: session,
      source: "notify",
      details: { kind: row.kind, channel: row.channel, state },
    });
    const [found] = await rows<{ event_id: string; details: string }>(tx.db)`select event_id, details from audit_event
      where caller_session_id = ${session} and project_id = ${projectId} and seam = 'probe.investigation_completed'`;
    if (!found) return;
    const taken = await rows(tx.db)`select 1 from notify_delivery
      where project_id = ${projectId} and message_id = ${messageId} and state = 'sent' limit 1`;
    const details = InvestigationDetails.parse(JSON.parse(found.details));
    const status = statusOf(details.fallback_reason === null, taken.length > 0);
    const text = JSON.stringify({ ...details, dm_status: status });
    await rows(tx.db)`update audit_event set dm_status = ${status}, details = ${text}
      where project_id = ${projectId} and event_id = ${found.event_id}`;
  };

function statusOf(isAnswer: boolean, isTaken: boolean): DmStatus {
  if (isAnswer) return isTaken ? "sent" : "failed_send";
  return isTaken ? "engine_unavailable_fallback" : "engine_unavailable_failed_send";
}
