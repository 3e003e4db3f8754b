import { PrunellaError } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { NotOnDisk, type Tx } from "../store/engine.ts";
import { rows } from "../store/rows.ts";
import type { Writer } from "../store/writer.ts";
import { append, type Appended } from "./append.ts";
import type { Incoming } from "./fold.ts";

export interface Intake {
  /**
   * Resolves after the commit that holds the events. Throws PRUNELLA_INGEST_BUSY, before anything is
   * taken in, when more events wait than the queue may hold. `within` runs in the unit that holds them.
   */
  add(events: readonly Incoming[], within?: (tx: Tx) => Promise<void>): Promise<void>;
  /** Events that wait for their commit. */
  readonly pending: number;
}

interface Waiting {
  readonly events: readonly Incoming[];
  readonly within: ((tx: Tx) => Promise<void>) | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Events that go into one flush; more wait for the next, so one commit stays short. */
const MAX_FLUSH = 1_000;

/**
 * Gathers events while a commit runs and hands them to the writer queue as one flush. Each flush
 * carries (node, seq) in its own transaction, so a flush that is tried again after a lost answer
 * counts once.
 */
export function createIntake(deps: {
  writer: Writer;
  newId: NewId;
  nodeId: string;
  maxPending: number;
  onAppended: (appended: Appended, isUrgent: boolean) => void;
}): Intake {
  let waiting: Waiting[] = [];
  let pending = 0;
  let seq = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting.length === 0) return;
    isScheduled = true;
    let taken: Waiting[] | null = null;
    // Taken when the batch begins, not when it was queued: whatever came meanwhile rides along.
    const takeOnce = () => {
      if (taken === null) {
        taken = take();
        isScheduled = false;
        schedule();
      }
      return taken;
    };
    flush(takeOnce).then(
      (appended) => {
        takeOnce().forEach(accept);
        tell(appended, takeOnce());
      },
      (error: unknown) => refuse(takeOnce(), error),
    );
  }

  function flush(entries: () => readonly Waiting[]): Promise<Appended | null> {
    seq += 1;
    const mine = seq;
    return deps.writer.run(async (tx) => {
      const taken = entries();
      if (!(await isFirstTime(tx, deps.nodeId, mine))) return null;
      await allOf(taken.flatMap(({ within }) => (within === undefined ? [] : [within(tx)])));
      return append(
        tx,
        taken.flatMap((entry) => entry.events),
        deps.newId,
      );
    });
  }

  /** Side by side, so that they share round trips; when one fails nothing is left under way that could still write. */
  async function allOf(units: readonly Promise<void>[]): Promise<void> {
    for (const done of await Promise.allSettled(units)) if (done.status === "rejected") throw done.reason;
  }

  /** Somebody waits for what is done about an event of our own supervisor; the rest may be digested in groups. */
  function tell(appended: Appended | null, entries: readonly Waiting[]): void {
    const isUrgent = entries.some((entry) =>
      entry.events.some((event) => event.scrubbed.event.value.source === "supervisor"),
    );
    if (appended) deps.onAppended(appended, isUrgent);
  }

  function accept(entry: Waiting): void {
    pending -= entry.events.length;
    entry.resolve();
  }

  /** One request that the database cannot take must not take its neighbours with it. */
  function refuse(entries: readonly Waiting[], error: unknown): void {
    for (const entry of entries) {
      const alone: Promise<Appended | null> =
        entries.length > 1 && !(error instanceof NotOnDisk) ? flush(() => [entry]) : Promise.reject(error);
      alone.then(
        (appended) => {
          accept(entry);
          tell(appended, [entry]);
        },
        (reason: unknown) => {
          pending -= entry.events.length;
          entry.reject(reason);
        },
      );
    }
  }

  function take(): Waiting[] {
    let count = 0;
    let end = 0;
    while (end < waiting.length && count < MAX_FLUSH) {
      count += waiting[end]?.events.length ?? 0;
      end += 1;
    }
    const taken = waiting.slice(0, end);
    waiting = waiting.slice(end);
    return taken;
  }

  return {
    add(events, within) {
      if (events.length === 0) return Promise.resolve();
      if (pending > 0 && pending + events.length > deps.maxPending) {
        return Promise.reject(
          new PrunellaError("PRUNELLA_INGEST_BUSY", { detail: `${pending} events wait for their commit.` }),
        );
      }
      pending += events.length;
      return new Promise((resolve, reject) => {
        waiting.push({ events, within, resolve, reject });
        schedule();
      });
    },
    get pending() {
      return pending;
    },
  };
}

async function isFirstTime(tx: Tx, nodeId: string, seq: number): Promise<boolean> {
  const entered = await rows(tx.db)`insert into flush (node_id, seq) values (${nodeId}, ${seq})
    on conflict (node_id) do update set seq = excluded.seq where flush.seq < excluded.seq returning seq`;
  return entered.length > 0;
}
