import { Actor } from "@prunella/contract";
import { z } from "zod";
import type { Core } from "../core.ts";
import { lockHead } from "../ledger/append.ts";
import { rows } from "../store/rows.ts";
import { PATIENCE_MS } from "./asking.ts";
import type { InvocationRow } from "./row.ts";
import type { Running } from "./running.ts";

/** What it takes to go on with a command that waits for a person, when the server that waited has ended. */
export const ParkedWith = z.strictObject({
  escalation: z.string(),
  /** As they were given: where the scrubber would change them they are not kept, and the command is lost. */
  arguments: z.json(),
  bindings: z.record(z.string(), z.string()),
});
export type ParkedWith = z.infer<typeof ParkedWith>;

/** More is not kept. */
const MOST_CHARS = 65_536;

/** Null: too much. */
export function parkedWith(given: ParkedWith): string | null {
  const text = JSON.stringify(given);
  return text.length <= MOST_CHARS ? text : null;
}

export interface Adopted extends ParkedWith {
  readonly invocationId: string;
  readonly projectId: string;
  readonly pluginId: string;
  readonly command: string;
  readonly via: InvocationRow["via"];
  readonly by: Actor;
}

/** Whether nothing of it has run, and what it takes to begin is there. */
export const canGoOn = ({ state, audit_log_id, parked_with }: InvocationRow): boolean =>
  state === "parked" && audit_log_id === null && parked_with !== null;

/**
 * Takes what waits for a person and whose server is gone: its question stands open, or was answered meanwhile. Each is
 * taken once, and has the whole of its time again.
 */
export async function adoptParked(
  { writer, clock, nodeId }: Pick<Core, "writer" | "clock" | "nodeId">,
  running: Map<string, Running>,
): Promise<Adopted[]> {
  const found = await writer.run(async (tx) => {
    await lockHead(tx);
    const left = await rows<InvocationRow>(tx.db)`select * from plugin_invocation
      where ended_at is null and state = 'parked' and audit_log_id is null and parked_with is not null
        and node_id not in (select node_id from node) order by invocation_id`;
    for (const row of left)
      await tx.db
        .updateTable("plugin_invocation")
        .set({ node_id: nodeId, deadline: Math.max(row.deadline, clock.now() + PATIENCE_MS + spanOf(row)) })
        .where("invocation_id", "=", row.invocation_id)
        .execute();
    return left;
  });
  return found.map((row) => {
    const kept = ParkedWith.parse(JSON.parse(row.parked_with ?? "null"));
    running.set(row.invocation_id, {
      invocationId: row.invocation_id,
      projectId: row.project_id,
      pluginId: row.plugin_id,
      digest: row.digest,
      bindings: kept.bindings,
      calls: 0,
      parked: 0,
      once: [],
      uses: new Map(),
    });
    return {
      ...kept,
      invocationId: row.invocation_id,
      projectId: row.project_id,
      pluginId: row.plugin_id,
      command: row.command,
      via: row.via,
      by: Actor.parse(JSON.parse(row.by_actor)),
    };
  });
}

/** Its own time, without that of whoever is asked. */
const spanOf = ({ deadline, admitted_at }: InvocationRow): number => Math.max(0, deadline - admitted_at - PATIENCE_MS);
