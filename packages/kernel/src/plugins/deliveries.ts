import type { Event } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import { happen } from "../notify/events.ts";
import type { Tx } from "../store/engine.ts";
import { listed, rows } from "../store/rows.ts";
import type { Taken } from "./handing.ts";
import { dropDelivery, keepDelivery, offerDelivery } from "./kept-deliveries.ts";
import { digestOf, isFirst, type Once } from "./seen.ts";

/** What a delivery says that is kept: an event, which becomes a fault, and what programs are told of it. */
export interface ToldFailure {
  readonly event: Event;
  /** As programs listen to it. */
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface DeliveriesDeps extends Pick<Core, "db" | "writer" | "clock" | "newId" | "nodeId"> {
  readonly report: Report;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
  readonly scrubJson: (value: unknown) => { readonly value: { readonly value: unknown } };
}

/** A delivery, and what is kept of it until somebody has dealt with it; null: nothing is to be done about it. */
export interface Delivered {
  readonly id: string;
  readonly told: unknown;
}

/**
 * Whether something is delivered for the first time within a window: hosts deliver again, on request and by
 * accident, and two servers may get one delivery. What has to be dealt with is kept, scrubbed, in the same unit.
 */
export function createDeliveries(deps: DeliveriesDeps) {
  const { db, writer, clock, newId, report, scrubText, scrubJson } = deps;
  const keyOf = (id: string) => `delivery ${id}`;
  const keeper = (projectId: string, { id, told }: Delivered) => {
    const clean = told === null ? null : JSON.stringify(scrubJson(told).value.value);
    return (tx: Tx): void => void (clean !== null && keepDelivery(tx, deps, { projectId, id, told: clean }));
  };

  async function wasSeen(projectId: string, keys: readonly string[]): Promise<boolean> {
    const digests = listed(keys.map(digestOf));
    const seen = await rows(
      db,
    )`select 1 from delivery_seen where project_id = ${projectId} and delivery_sha256 in (${digests}) and until > ${clock.now()}`;
    return seen.length > 0;
  }

  return {
    isFirst: (projectId: string, key: string, windowMs: number): Promise<boolean> =>
      writer.run((tx) => isFirst(tx, clock.now(), projectId, { key, windowMs })),

    /** False where it came before. After that it is neither lost nor taken twice. */
    note(projectId: string, delivered: Delivered, windowMs: number): Promise<boolean> {
      const keep = keeper(projectId, delivered);
      return writer.run(async (tx) => {
        const first = await isFirst(tx, clock.now(), projectId, { key: keyOf(delivered.id), windowMs });
        if (first) keep(tx);
        return first;
      });
    },

    /** What became of one that was kept. */
    settle: (projectId: string, id: string, how: Taken): Promise<void> =>
      writer.run(async (tx) => {
        if (how === "taken") dropDelivery(tx, projectId, id);
        else if (how === "given_back") offerDelivery(tx, clock.now(), projectId, id);
      }),

    /** Whether any of these was: for whoever asks before something else is done. */
    wasSeen: (projectId: string, all: readonly Once[]): Promise<boolean> =>
      wasSeen(
        projectId,
        all.map(({ key }) => key),
      ),

    /** Whether it would be the first: for whoever asks before it is fetched. */
    isNew: async (projectId: string, id: string): Promise<boolean> => !(await wasSeen(projectId, [keyOf(id)])),

    /**
     * Keeps that it came and what it says in one unit: after that nothing is lost, and nothing is counted again. By
     * its id, and by its content too: nobody signs the id, so a copy could bear another one. False where it came before.
     */
    async take(
      projectId: string,
      { content, ...delivered }: Delivered & { readonly content: string },
      windowMs: number,
      failure: ToldFailure,
    ): Promise<boolean> {
      let first = false;
      const keep = keeper(projectId, delivered);
      // By what it says, so that what comes twice at once is one event too.
      const event = { ...failure.event, id: digestOf(content).slice(0, 32) };
      const fields = Object.fromEntries(
        Object.entries(failure.fields).map(([name, value]) => [name, scrubText(value).text.value]),
      );
      await report(projectId, [event], undefined, async (tx) => {
        const now = clock.now();
        const isNewId = await isFirst(tx, now, projectId, { key: keyOf(delivered.id), windowMs });
        first = (await isFirst(tx, now, projectId, { key: content, windowMs })) && isNewId;
        if (!first) return;
        keep(tx);
        happen(tx, newId, { projectId, type: failure.type, subject: event.id, at: now, fields });
      });
      return first;
    },
  };
}
