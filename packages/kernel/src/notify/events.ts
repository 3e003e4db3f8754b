import type { MessageKind } from "@prunella/contract";
import { z } from "zod";
import type { NewId } from "../ids.ts";
import type { Tx } from "../store/engine.ts";
import { part, type Part } from "../store/rows.ts";
import { addWorkWhere, LANES, workName } from "../work/kind.ts";

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

/**
 * Whether a program that is installed listens to events of a type; asked of the rows themselves, so that it holds in
 * the unit and in every process alike.
 */
export const isListenedTo = (type: string): Part => part`exists (select 1 from plugin p
  join plugin_artifact a on a.plugin_id = p.plugin_id and a.digest = p.digest
  where a.manifest like ${`%"event":${JSON.stringify(type)}%`})`;

/** In the unit of what happens. Nothing waits where nobody listens. */
export function happen(
  tx: Tx,
  newId: NewId,
  given: Pick<Happened, "type" | "subject" | "at"> & {
    readonly projectId: string;
    readonly fields?: Happened["fields"];
  },
): void {
  const { projectId, type, subject, at, fields = {} } = given;
  const payload: Happened = { type, subject, at, fields, tries: 0, node: null };
  addWorkWhere(tx, newId, { kind: EVENT, projectId, dueAt: at, payload }, isListenedTo(type));
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
