import type { Clock, Log } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import { takeLease } from "./lease.ts";
import { BEAT_MS, beat, enter, servingSince, strike, type Node } from "./node.ts";

/** Something that is done once a minute by one process for all. Each is a unit of its own, so one that fails stops no other. */
export interface Duty {
  readonly name: string;
  run(tx: Tx, now: number): Promise<(() => void) | void>;
}

/**
 * Something that is done once a minute by one process for all, however much of it there is: in steps of a
 * few milliseconds, each a unit of its own, so that nobody waits long and an end at any moment leaves nothing
 * half done.
 */
export interface Tidying {
  readonly name: string;
  /** Its steps write to the ledger, so their commits wait for the disk. */
  readonly isRecorded?: true;
  /** One step, or `share` of one; true when there may be more to do. */
  step(tx: Tx, now: number, share?: number): Promise<boolean>;
}

/** How much of `most` rows a share of a step takes; enough to come to an end. */
export const shareOf = (most: number, share: number): number => Math.max(Math.min(8, most), Math.floor(most * share));

const TIDY_MS = 60_000;
const LEASE_MS = 90_000;
/** A step that takes longer is cut in half the next time, one that takes a third of it grows again. */
const STEP_MS = 9;
const LEAST_SHARE = 1 / 32;
/** Between two steps whoever wants to write has three times what a step took, and at most this, ms. */
const LONGEST_PAUSE_MS = 200;

export interface Housekeeping {
  /** Since when a process has been there to hear supervisors; a silence before that says nothing about them. */
  readonly servingSince: () => number;
  /** Resolves when the step that is being done is. */
  close(): Promise<void>;
}

/**
 * Keeps this process entered, and does the common duties while it has the lease for them. `onDead`
 * is called for each process that ended without saying so, in the unit that strikes it off.
 */
export async function createHousekeeping(deps: {
  engine: Engine;
  writer: Writer;
  clock: Clock;
  log: Log;
  node: Node;
  duties: readonly Duty[];
  /** After the duties, one after the other. */
  tidyings: readonly Tidying[];
  deadNodes: (now: number) => Promise<string[]>;
  onDead: (tx: Tx, nodeId: string, now: number) => Promise<void>;
  /** Once a minute in every process: what it keeps in memory is compared with the database. */
  onLook: () => Promise<void>;
}): Promise<Housekeeping> {
  const { engine, writer, clock, log, node } = deps;
  const begun = clock.now();
  let since = begun;

  async function enterAgain(): Promise<void> {
    const dead = await writer.run((tx) => enter(tx, node, clock.now()));
    for (const nodeId of dead) if (nodeId !== node.id) await bury(nodeId);
    since = await servingSince(engine.reader, clock.now());
  }

  const bury = (nodeId: string): Promise<void> =>
    writer.run(async (tx) => {
      await deps.onDead(tx, nodeId, clock.now());
      await strike(tx, nodeId);
    });

  await enterAgain();

  let cancelBeat = clock.after(BEAT_MS, onBeat);
  function onBeat(): void {
    cancelBeat = clock.after(BEAT_MS, onBeat);
    writer
      .run((tx) => beat(tx, node.id, clock.now()))
      .then(async (isEntered) => {
        if (isEntered) since = await servingSince(engine.reader, clock.now());
        else await enterAgain();
      })
      .catch(() => log.warn("this server could not say that it lives and will try again"));
  }

  let isClosed = false;
  let tidying: Promise<void> | null = null;
  let cancelTidy = clock.after(TIDY_MS, onTidy);
  function onTidy(): void {
    cancelTidy = clock.after(TIDY_MS, onTidy);
    void tidy()
      .catch(warn)
      .then(() => {
        // Much to tidy may take longer than a minute; the duties go on without it.
        tidying ??= tidyAll()
          .catch(warn)
          .finally(() => (tidying = null));
      });
  }

  function warn(): void {
    if (!isClosed) log.warn("tidying up failed and will be tried again");
  }

  let endPause = () => {};
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
      if (isClosed) endPause();
    });

  async function tidyAll(): Promise<void> {
    for (const { step, isRecorded } of deps.tidyings) {
      const write = isRecorded ? writer.run : writer.derive;
      let isMore = true;
      let share = 1;
      while (isMore && !isClosed) {
        let took = 0;
        isMore = await write(async (tx) => {
          const now = clock.now();
          const hasMore = (await takeLease(tx, "tidying", node.id, now, LEASE_MS)) ? await step(tx, now, share) : false;
          // A clock that was set meanwhile says nothing.
          took = Math.min(clock.now() - now, TIDY_MS) % TIDY_MS;
          return hasMore;
        });
        if (took > STEP_MS) share = Math.max(LEAST_SHARE, share / 2);
        else if (took * 3 < STEP_MS) share = Math.min(1, share * 2);
        // What queued meanwhile is written first.
        await engine.nextTurn();
        if (took > 0) await pause(Math.min(LONGEST_PAUSE_MS, 3 * took));
      }
    }
  }

  async function tidy(): Promise<void> {
    await deps.onLook();
    const now = clock.now();
    for (const nodeId of await deps.deadNodes(now)) if (nodeId !== node.id) await bury(nodeId);
    for (const duty of deps.duties) {
      // The lease stands in the duty's own unit: two processes never do one duty side by side.
      const after = await writer.run(async (tx) =>
        (await takeLease(tx, "housekeeping", node.id, now, LEASE_MS)) ? duty.run(tx, now) : undefined,
      );
      after?.();
    }
  }

  return {
    servingSince: () => since,
    // The row stays: what this process leaves undone is found by it, however it ended.
    async close() {
      isClosed = true;
      cancelBeat();
      cancelTidy();
      endPause();
      await tidying;
    },
  };
}
