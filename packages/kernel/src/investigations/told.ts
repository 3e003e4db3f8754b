import { InvestigationDetails, type DmStatus } from "@prunella/contract";
import type { Delivered } from "../notify/describe.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** What became of an investigation's message stands in its row: one channel that took it is enough. */
export async function noteTold(tx: Tx, row: Delivered, state: "sent" | "failed"): Promise<void> {
  if (row.kind !== "investigation") return;
  const { project_id: projectId, subject: session } = row;
  const [found] = await rows<{ event_id: string; details: string }>(tx.db)`select event_id, details from audit_event
    where caller_session_id = ${session} and project_id = ${projectId} and seam = 'probe.investigation_completed'`;
  if (!found) return;
  const details = InvestigationDetails.parse(JSON.parse(found.details));
  const isAnswer = details.fallback_reason === null;
  const status = toldStatus(isAnswer, state === "sent");
  const text = JSON.stringify({ ...details, dm_status: status });
  await rows(tx.db)`update audit_event set dm_status = ${status}, details = ${text}
    where project_id = ${projectId} and event_id = ${found.event_id} and coalesce(dm_status, '') <> ${toldStatus(isAnswer, true)}`;
}

export function toldStatus(isAnswer: boolean, isTaken: boolean): DmStatus {
  if (isAnswer) return isTaken ? "sent" : "failed_send";
  return isTaken ? "engine_unavailable_fallback" : "engine_unavailable_failed_send";
}
