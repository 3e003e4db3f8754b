import { z } from "zod";
import type { Core } from "../core.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import { dropWork, LANES, setWork, workName, type WorkKind } from "../work/kind.ts";
import { handing, UNDER_WAY_MS, type Taken } from "./handing.ts";

const Kept = z.strictObject({
  id: z.string(),
  /** Scrubbed, as JSON. */
  told: z.string(),
  tries: z.int(),
  node: z.string().nullable(),
});

/** What a host delivered and nobody has dealt with yet. */
export const DELIVERY = workName("delivery", LANES.events, Kept, true);

/** One that another server had taken, and not dealt with when it ended. */
export interface KeptDelivery {
  readonly projectId: string;
  readonly id: string;
  readonly told: unknown;
}

const nameOf = (id: string): string => `delivery:${id}`;

/** In the unit that notes that it came: from then on it may be answered. This server has it. */
export function keepDelivery(
  tx: Tx,
  { clock, nodeId }: Pick<Core, "clock" | "nodeId">,
  { projectId, id, told }: { readonly projectId: string; readonly id: string; readonly told: string },
): void {
  const payload = { id, told, tries: 0, node: nodeId };
  setWork(tx, nameOf(id), { kind: DELIVERY, projectId, dueAt: clock.now() + UNDER_WAY_MS, payload });
}

export const dropDelivery = (tx: Tx, projectId: string, id: string): void => dropWork(tx, projectId, nameOf(id));

/** Whoever has it ends in good order: anybody may go on with it. */
export const offerDelivery = (tx: Tx, now: number, projectId: string, id: string): void =>
  tx.later(
    rows(
      tx.db,
    )`update work set due_at = ${now}, leased_until = 0 where project_id = ${projectId} and work_id = ${nameOf(id)}`,
  );

/** Hands on what a server had that ended. Where nobody deals with deliveries any more it goes. */
export const keptDeliveries = (core: Core, takeUp: ((kept: KeptDelivery) => Promise<Taken>) | null): WorkKind =>
  handing(core, DELIVERY, {
    nameOf: ({ id }) => `the delivery ${id}`,
    give: async (projectId, { id, told }) =>
      takeUp === null ? null : () => takeUp({ projectId, id, told: JSON.parse(told) }),
  });
