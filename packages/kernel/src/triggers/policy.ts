import { readGrant } from "../gate/grants.ts";
import { policyFor, type Policy, type Request } from "../gate/request.ts";
import type { Engine, Tx } from "../store/engine.ts";
import { readTrigger } from "./registry.ts";

/** What bounds a request, from the snapshot that the checks read. */
export async function readPolicy(
  db: Engine["reader"],
  { projectId, subject, triggerId }: Pick<Request, "projectId" | "subject" | "triggerId">,
): Promise<Policy> {
  const trigger = triggerId === null ? null : await readTrigger(db, projectId, triggerId);
  const grant = subject.kind === "grant" ? await readGrant(db, projectId, subject.id) : null;
  return policyFor(subject, trigger, grant);
}

/** How long success is watched when no trigger says so. */
const WATCH_MS = 10_000;

/** The quiet watch that an attempt's trigger asks for. */
export async function watchMs(
  tx: Tx,
  attempt: { readonly project_id: string; readonly trigger_id: string | null },
): Promise<number> {
  const trigger = attempt.trigger_id === null ? null : await readTrigger(tx.db, attempt.project_id, attempt.trigger_id);
  return trigger?.verify_ms ?? WATCH_MS;
}
