import type { MessageKind } from "@prunella/contract";
import { z } from "zod";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { addWork, LANES, workName } from "../work/kind.ts";

/** Something happened that programs above the core may listen to: by ids alone, looked up when it is handed over. */
export const Happened = z.strictObject({
  type: z.string(),
  /** What it is about: an id, or the name of a probe or a heartbeat. */
  subject: z.string(),
  at: z.int(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** How often somebody had it and did not take it. */
  tries: z.int(),
  /** The server that has it; null: it waits. */
  node: z.string().nullable(),
});
export type Happened = z.infer<typeof Happened>;

/** It waits as a row until whoever listens has it, so that nothing that waits is lost with a server. */
export const EVENT = workName("plugin_event", LANES.events, Happened, true);

/** In the unit of what happens. `isHeard`: nothing waits where nobody listens. */
export function happen(
  tx: Tx,
  newId: NewId,
  given: Pick<Happened, "type" | "subject" | "at"> & {
    readonly projectId: string;
    readonly fields?: Happened["fields"];
  },
): void {
  const { projectId, type, subject, at, fields = {} } = given;
  addWork(tx, newId, {
    kind: EVENT,
    projectId,
    dueAt: at,
    payload: { type, subject, at, fields, tries: 0, node: null },
  });
}

/** What people are told of, as programs know it; a test is for nobody else. */
export const EVENT_OF: Readonly<Record<MessageKind, string | null>> = {
  escalation_opened: "escalation.opened",
  escalation_changed: "escalation.changed",
  escalation_reminded: "escalation.reminded",
  escalation_resolved: "escalation.resolved",
  fault_new: "fault.new",
  fault_regressed: "fault.regressed",
  sprint_opened: "sprint.opened",
  attempt_ineffective: "attempt.ineffective",
  envelope_demoted: "envelope.demoted",
  investigation: "investigation.ended",
  test: null,
};
