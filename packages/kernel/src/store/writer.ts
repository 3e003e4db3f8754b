import type { Meter } from "../ports.ts";
import type { Engine, Tx } from "./engine.ts";
import { rows } from "./rows.ts";

export type Unit<T> = (tx: Tx) => Promise<T> | T;

export interface Writer {
  /** Runs a unit in the next batch; resolves after the COMMIT that holds it, rejects if the unit threw. */
  run<T>(unit: Unit<T>): Promise<T>;
  /**
   * The same for a unit that would only be done again if power were lost: a batch of such units is
   * committed without waiting for the disk. None writes to the ledger, and nobody outside is told of it.
   */
  derive<T>(unit: Unit<T>): Promise<T>;
  /** Waits for whatever is queued, then refuses more. */
  close(): Promise<void>;
}

interface Job {
  readonly isDerived: boolean;
  attempt(tx: Tx): Promise<void>;
  /** What it wrote was taken back after it had ended. */
  undo(error: unknown): void;
  commit(): void;
  fail(error: unknown): void;
}

/** Enough to fill a commit, small enough that one batch never holds up the next for long. */
const MAX_BATCH = 256;
const MAX_TRIES = 6;

/**
 * The one writer queue. A batch is whatever queued while the last commit ran: no timer, so an idle
 * server answers at once and a busy one shares each fsync. One unit's failure takes nothing else with
 * it: its batch is undone and run again with a savepoint for each unit, which costs more and is rarely
 * needed. A unit may run again, also after a lost race: it must not act on the outside.
 */
export function createWriter(engine: Engine, meter?: Pick<Meter, "batch">): Writer {
  let queue: Job[] = [];
  let running: Promise<void> | null = null;
  let isClosed = false;

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // The embedded engine commits without letting go of the thread: without a turn of the loop nothing
      // could have queued meanwhile, and every event would pay for a commit of its own.
      await engine.nextTurn();
      const jobs = queue.splice(0, MAX_BATCH);
      const end = meter?.batch(jobs.length);
      await commitBatch(engine, jobs);
      end?.();
    }
    running = null;
  }

  function add<T>(unit: Unit<T>, isDerived: boolean): Promise<T> {
    if (isClosed) return Promise.reject(new Error("the writer queue is closed"));
    return new Promise((resolve, reject) => {
      queue.push(createJob(unit, isDerived, resolve, reject));
      running ??= drain();
    });
  }

  return {
    run: (unit) => add(unit, false),
    derive: (unit) => add(unit, true),
    async close() {
      isClosed = true;
      while (running) await running;
    },
  };
}

function createJob<T>(
  unit: Unit<T>,
  isDerived: boolean,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Job {
  let done: { value: T } | { error: unknown } | null = null;
  return {
    isDerived,
    async attempt(tx) {
      try {
        done = { value: await unit(tx) };
      } catch (error) {
        done = { error };
        throw error;
      }
    },
    undo(error) {
      done = { error };
    },
    commit() {
      if (done && "value" in done) resolve(done.value);
      else reject(done?.error);
    },
    fail: reject,
  };
}

async function commitBatch(engine: Engine, jobs: Job[]): Promise<void> {
  let isAlone = false;
  const doesWait = !jobs.every((job) => job.isDerived);
  for (let tries = 1; ; tries += 1) {
    let isCommitting = false;
    try {
      await engine.writer.connection().execute(async (db) => {
        await engine.turn?.take();
        try {
          await engine.begin(db, doesWait);
          if (isAlone) for (const job of jobs) await runInSavepoint(engine, db, job, doesWait);
          else await runTogether(engine, db, jobs, doesWait);
          isCommitting = true;
          await rows(db)`commit`;
        } catch (error) {
          // The connection may be gone; the first error is the one worth telling.
          await rows(db)`rollback`.catch(() => undefined);
          throw error;
        } finally {
          engine.turn?.release();
        }
      });
      for (const job of jobs) job.commit();
      return;
    } catch (error) {
      if (tries < MAX_TRIES && engine.isRetryable(error)) continue;
      // A commit without an answer may hold all the same: its units would be done twice.
      if (!isAlone && jobs.length > 1 && !isCommitting) {
        isAlone = true;
        continue;
      }
      for (const job of jobs) job.fail(error);
      return;
    }
  }
}

async function runTogether(engine: Engine, db: Tx["db"], jobs: readonly Job[], doesWait: boolean): Promise<void> {
  const { tx, settled, end } = createTx(engine, db, doesWait);
  try {
    for (const job of jobs) await job.attempt(tx);
    await end();
  } catch (error) {
    // Of what was under way when it failed, the first failure is the cause of whatever came after it.
    await settled();
    throw error;
  }
}

async function runInSavepoint(engine: Engine, db: Tx["db"], job: Job, doesWait: boolean): Promise<void> {
  await rows(db)`savepoint unit`;
  const { tx, settled, end } = createTx(engine, db, doesWait);
  try {
    try {
      await job.attempt(tx);
      await end();
    } catch (error) {
      await settled();
      throw error;
    }
  } catch (error) {
    if (engine.isRetryable(error)) throw error;
    job.undo(error);
    await rows(db)`rollback to savepoint unit`;
  }
  await rows(db)`release savepoint unit`;
}

interface Running {
  readonly tx: Tx;
  /** Throws the first failure of what was under way. */
  settled(): Promise<void>;
  end(): Promise<void>;
}

function createTx({ kind }: Engine, db: Tx["db"], doesWait: boolean): Running {
  const steps = new Map<string, () => Promise<unknown>>();
  const underWay: Promise<unknown>[] = [];
  const settled = async (): Promise<void> => {
    for (const done of underWay.splice(0)) await done;
  };
  return {
    tx: {
      db,
      kind,
      doesWait,
      later(done) {
        // Whoever waits for it later hears of its failure.
        done.catch(() => undefined);
        underWay.push(done);
      },
      atEnd(name, step) {
        if (!steps.has(name)) steps.set(name, step);
      },
    },
    settled,
    async end() {
      for (const step of steps.values()) await step();
      await settled();
    },
  };
}
