import type { Clock, Log } from "../ports.ts";
import type { Engine, Tx } from "../store/engine.ts";
import type { Writer } from "../store/writer.ts";
import type { WorkKind } from "./kind.ts";
import { claim, claimable, finish, nextDue, putBack, unknownKinds, type Row } from "./queue.ts";

export interface WorkerDeps {
  readonly engine: Engine;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly kinds: readonly WorkKind[];
  /** Done before work is claimed, which goes into the same unit when there is one; true when there may be more of it. */
  readonly before: (within: (tx: Tx) => Promise<void>) => Promise<boolean>;
  /** In the unit that gives an item up for now: a step of our own keeps failing. */
  readonly onStuck: (tx: Tx, item: { projectId: string; workId: string; kind: string }) => Promise<void>;
}

export interface Worker {
  /** From now on what is due is carried out; before, it waits, whoever wakes. */
  start(): void;
  /** Something became due that somebody waits for. */
  wake(): void;
  /** Something was appended: what else comes in the next moment is dealt with together. */
  wakeSoon(): void;
  /** Resolves when everything that is due now has been dealt with. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Whoever took it over, or took it back, deals with it. */
class LostItem extends Error {}

const CLAIM_LIMIT = 64;
/** More than these at once would only wait for each other. */
const QUICK_LIMIT = 128;
/** Slow items at once: each holds a little memory and whatever it waits for. */
const SLOW_LIMIT = 32;
/** The floor when no wake-up comes: another server on the same database may have left work. */
const POLL_MS = 1_000;
/** Long enough to gather a storm into few digests, short enough that no page feels it: pages hear of changes four times a second. */
const GATHER_MS = 200;
/** What a slow item may take to end when the process ends. */
const CLOSE_MS = 5_000;
const LOOK_FOR_UNKNOWN_MS = 60_000;

/**
 * Carries out whatever is due. Items go side by side, so that they share commits, and none waits for
 * those that were claimed before it. One that fails backs off alone, whatever is wrong with it.
 */
export function createWorker(deps: WorkerDeps): Worker {
  const { engine, writer, clock, log } = deps;
  const kinds = new Map(deps.kinds.map((kind) => [kind.name, kind]));
  const names = deps.kinds.map(({ name }) => name);
  const allQuick = deps.kinds.filter((kind) => !kind.isSlow);
  /** Items that are under way. */
  const slow = new Set<Promise<void>>();
  const quick = new Set<Promise<void>>();
  /** How many of a kind are. */
  const underWay = new Map<string, number>();
  const countOf = (kind: string) => underWay.get(kind) ?? 0;
  const claimableNow = () => claimable(slow.size < SLOW_LIMIT ? deps.kinds : allQuick, countOf);
  const toldOf = new Set<string>();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isAwake = false;
  let isStarted = false;
  let isClosed = false;
  let running: Promise<void> | null = null;
  let cancelTimer = () => {};
  let cancelGather: (() => void) | null = null;

  function wake(): void {
    isAwake = true;
    if (!isStarted || isClosed || running) return;
    cancelTimer();
    running = pass()
      .catch((error: unknown) => log.warn(`due work could not be read and will be tried again: ${reasonOf(error)}`))
      .then(schedule)
      .finally(() => {
        running = null;
        if (isAwake) wake();
      });
  }

  async function schedule(): Promise<void> {
    if (isClosed) return;
    const due = await nextDue(engine.reader, clock.now(), claimableNow()).catch(() => null);
    const wait = due === null ? POLL_MS : Math.min(POLL_MS, Math.max(5, due - clock.now()));
    cancelTimer = clock.after(wait, wake);
  }

  async function pass(): Promise<void> {
    while (isAwake && !isClosed) {
      isAwake = false;
      while (quick.size >= QUICK_LIMIT) await Promise.race(quick);
      // What a digest queues is claimed with it: one commit less between a failure and its answer.
      let claimed: Row[] | null = null;
      const claiming = claimableNow();
      const hasMore = await deps.before(async (tx) => {
        claimed = await claim(tx, clock.now(), claiming, CLAIM_LIMIT);
      });
      if (await workOnce(claimed)) isAwake = true;
      if (hasMore) isAwake = true;
    }
    if (clock.now() - lookedAt >= LOOK_FOR_UNKNOWN_MS) {
      lookedAt = clock.now();
      for (const kind of await unknownKinds(engine.reader, clock.now(), names)) {
        if (toldOf.has(kind)) continue;
        toldOf.add(kind);
        log.warn(
          `work of the kind ${kind.slice(0, 64)} is due, which this version does not know; it is left for one that does`,
        );
      }
    }
  }

  async function claimDue(): Promise<Row[]> {
    const now = clock.now();
    const claiming = claimableNow();
    const due = await nextDue(engine.reader, now, claiming);
    if (due === null || due > now) return [];
    return writer.derive((tx) => claim(tx, clock.now(), claiming, CLAIM_LIMIT));
  }

  async function workOnce(taken: Row[] | null): Promise<boolean> {
    const claimed = taken ?? (await claimDue());
    for (const row of claimed) {
      const under = isSlow(row) ? slow : quick;
      underWay.set(row.kind, countOf(row.kind) + 1);
      const done = carryOut(row).finally(() => {
        under.delete(done);
        underWay.set(row.kind, countOf(row.kind) - 1);
        // What it left due is looked for when the last one is done, or with whatever comes before.
        if (under === slow || quick.size === 0) wake();
      });
      under.add(done);
    }
    return claimed.length > 0;
  }

  const isSlow = (row: Row): boolean => kinds.get(row.kind)?.isSlow === true;

  async function carryOut(row: Row): Promise<void> {
    try {
      await kinds.get(row.kind)?.carryOut({
        projectId: row.project_id,
        workId: row.work_id,
        payload: parsed(row.payload),
        finish(tx) {
          const finished = finish(tx, row).then((isMine) => {
            if (!isMine) throw new LostItem("somebody else holds this work item by now");
          });
          tx.later(finished);
        },
      });
    } catch (error) {
      if (error instanceof LostItem) return;
      if (row.tries === 0) log.warn(`a ${row.kind} step failed and will be tried again: ${reasonOf(error)}`);
      // When even this fails the lease ends by itself, and the item is claimed again.
      await writer.run((tx) => giveBack(tx, row)).catch(() => undefined);
    }
  }

  async function giveBack(tx: Tx, row: Row): Promise<void> {
    if ((await putBack(tx, row, clock.now())) === "stuck")
      await deps.onStuck(tx, { projectId: row.project_id, workId: row.work_id, kind: row.kind });
  }

  return {
    start() {
      isStarted = true;
      wake();
    },
    wake,
    wakeSoon() {
      if (isClosed || isAwake || cancelGather) return;
      cancelGather = clock.after(GATHER_MS, () => {
        cancelGather = null;
        wake();
      });
    },
    async settle() {
      wake();
      while (running || slow.size + quick.size > 0) await Promise.all([running, ...quick, ...slow]);
    },
    async close() {
      isClosed = true;
      cancelTimer();
      cancelGather?.();
      while (running || quick.size > 0) await Promise.all([running, ...quick]);
      // What waits for something outside may wait for ever; what it leaves is found as after a kill.
      await Promise.race([Promise.all(slow), new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))]);
    },
  };
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

/** A schema's complaint is a list of many lines; the first says enough. */
const reasonOf = (error: unknown): string =>
  error instanceof Error ? (error.message.split("\n", 1)[0] ?? "").slice(0, 200) : "unknown";
