import { createHash } from "node:crypto";
import type { Event } from "@prunella/contract";
import type { Core } from "../core.ts";
import type { Report } from "../intake/report.ts";
import { happen } from "../notify/events.ts";
import type { Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";

/** What a delivery says that is kept: an event, which becomes a fault, and what programs are told of it. */
export interface ToldFailure {
  readonly event: Event;
  /** As programs listen to it. */
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface DeliveriesDeps extends Pick<Core, "db" | "writer" | "clock" | "newId"> {
  readonly report: Report;
  readonly scrubText: (text: string) => { readonly text: { readonly value: string } };
}

/**
 * Whether something is delivered for the first time within a window: hosts deliver again, on request and by
 * accident, and two servers may get one delivery. One statement, so that of two at once one is the first.
 */
export function createDeliveries({ db, writer, clock, newId, report, scrubText }: DeliveriesDeps) {
  const isFirst = async (tx: Tx, projectId: string, delivery: string, windowMs: number): Promise<boolean> => {
    const now = clock.now();
    const found = await rows(tx.db)`
        insert into delivery_seen (project_id, delivery_sha256, until) values (${projectId}, ${digestOf(delivery)}, ${now + windowMs})
        on conflict (project_id, delivery_sha256) do update set until = excluded.until
        where delivery_seen.until <= ${now} returning 1`;
    return found.length > 0;
  };

  return {
    isFirst: (projectId: string, delivery: string, windowMs: number): Promise<boolean> =>
      writer.run((tx) => isFirst(tx, projectId, delivery, windowMs)),

    /** Whether it would be the first: for whoever asks before it is fetched. */
    async isNew(projectId: string, delivery: string): Promise<boolean> {
      const seen = await rows(
        db,
      )`select 1 from delivery_seen where project_id = ${projectId} and delivery_sha256 = ${digestOf(delivery)} and until > ${clock.now()}`;
      return seen.length === 0;
    },

    /**
     * Keeps that it came and what it says in one unit: after that nothing is lost, and nothing is counted again. By
     * its id, and by its content too: nobody signs the id, so a copy could bear another one. False where it came before.
     */
    async take(
      projectId: string,
      { id, content }: { readonly id: string; readonly content: string },
      windowMs: number,
      failure: ToldFailure,
    ): Promise<boolean> {
      let first = false;
      // By what it says, so that what comes twice at once is one event too.
      const event = { ...failure.event, id: digestOf(content).slice(0, 32) };
      const fields = Object.fromEntries(
        Object.entries(failure.fields).map(([name, value]) => [name, scrubText(value).text.value]),
      );
      await report(projectId, [event], undefined, async (tx) => {
        const isNewId = await isFirst(tx, projectId, id, windowMs);
        first = (await isFirst(tx, projectId, content, windowMs)) && isNewId;
        if (first) happen(tx, newId, { projectId, type: failure.type, subject: event.id, at: clock.now(), fields });
      });
      return first;
    },
  };
}

const digestOf = (delivery: string): string => createHash("sha256").update(delivery).digest("hex");
