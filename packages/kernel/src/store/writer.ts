import type { Meter } from "../ports.ts";
import { NeedsDisk, type Engine, type Tx, type Wait } from "./engine.ts";
import { rows } from "./rows.ts";

export type Unit<T> = (tx: Tx) => Promise<T> | T;

/** Answers in the order of what it is given, one for each. */
export type Many<In, Out> = (tx: Tx, given: readonly In[]) => Promise<readonly Out[]>;

export interface Writer {
  /** Runs a unit in the next batch; resolves after the COMMIT that holds it, rejects if the unit threw. */
  run<T>(unit: Unit<T>): Promise<T>;
  /**
   * The same for a unit that would only be done again if power were lost: a batch of such units is
   * committed without waiting for the disk. None writes to the ledger, and nobody outside is told of it.
   */
  derive<T>(unit: Unit<T>): Promise<T>;
  /**
   * A way to run many units of one kind as one: whatever of it is in a batch is given to `many` together, in
   * the order in which it was asked for, and `many` answers for each. Where that fails each is run alone.
   */
  gathered<In, Out>(many: Many<In, Out>): (given: In) => Promise<Out>;
  /** Waits for whatever is queued, then refuses more. */
  close(): Promise<void>;
}

interface Job {
  readonly isDerived: boolean;
  /** Those with the same one are attempted together. */
  readonly gathering: object;
  /** With those of its gathering that are attempted with it, itself among them. */
  attempt(tx: Tx, together: readonly Job[]): Promise<void>;
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
  /** Committed, and not on the disk yet. */
  const onTheWay = new Set<Promise<void>>();
  let isClosed = false;

  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // The embedded engine commits without letting go of the thread: without a turn of the loop nothing
      // could have queued meanwhile, and every event would pay for a commit of its own.
      await engine.nextTurn();
      const jobs = queue.splice(0, MAX_BATCH);
      const end = meter?.batch(jobs.length);
      await commitBatch(engine, jobs, answerAfter);
      end?.();
    }
    running = null;
  }

  /** The turn is given back: others commit meanwhile, the next batch among them, and this thread does other work. */
  function answerAfter(onDisk: Promise<void>, jobs: readonly Job[]): void {
    const answered = onDisk.then(
      () => jobs.forEach((job) => job.commit()),
      (error: unknown) => jobs.forEach((job) => job.fail(error)),
    );
    onTheWay.add(answered);
    void answered.then(() => onTheWay.delete(answered));
  }

  function add(job: Job): void {
    queue.push(job);
    running ??= drain();
  }

  function alone<T>(unit: Unit<T>, isDerived: boolean): Promise<T> {
    return gathered<null, T>(async (tx) => [await unit(tx)], isDerived)(null);
  }

  function gathered<In, Out>(many: Many<In, Out>, isDerived: boolean): (given: In) => Promise<Out> {
    const gathering = createGathering(many, isDerived);
    return (given) =>
      isClosed
        ? Promise.reject(new Error("the writer queue is closed"))
        : new Promise((resolve, reject) => add(gathering(given, resolve, reject)));
  }

  return {
    run: (unit) => alone(unit, false),
    derive: (unit) => alone(unit, true),
    gathered: (many) => gathered(many, false),
    async close() {
      isClosed = true;
      while (running) await running;
      await Promise.all(onTheWay);
    },
  };
}

type AddTo<In, Out> = (given: In, resolve: (value: Out) => void, reject: (error: unknown) => void) => Job;

/** Makes jobs of one kind. What each was given, and what came of it, is known here alone. */
function createGathering<In, Out>(many: Many<In, Out>, isDerived: boolean): AddTo<In, Out> {
  type Done = { readonly value: Out } | { readonly error: unknown };
  const gathering = {};
  const asked = new WeakMap<Job, { readonly given: In; settle(end: Done): void }>();

  async function attempt(tx: Tx, together: readonly Job[]): Promise<void> {
    const all = together.flatMap((job) => asked.get(job) ?? []);
    try {
      const answers = await many(
        tx,
        all.map(({ given }) => given),
      );
      if (answers.length !== all.length) throw new Error("a gathered unit answers for each that it is given");
      for (const [at, value] of answers.entries()) all[at]?.settle({ value });
    } catch (error) {
      for (const one of all) one.settle({ error });
      throw error;
    }
  }

  return (given, resolve, reject) => {
    let done: Done | null = null;
    const settle = (end: Done) => void (done = end);
    const job: Job = {
      isDerived,
      gathering,
      attempt,
      undo: (error) => settle({ error }),
      commit() {
        if (done && "value" in done) resolve(done.value);
        else reject(done?.error);
      },
      fail: reject,
    };
    asked.set(job, { given, settle });
    return job;
  };
}

type AnswerAfter = (onDisk: Promise<void>, jobs: readonly Job[]) => void;

async function commitBatch(engine: Engine, jobs: Job[], answerAfter: AnswerAfter): Promise<void> {
  let isAlone = false;
  let wait: Wait = jobs.every((job) => job.isDerived) ? "not" : engine.sync === null ? "within" : "beside";
  for (let tries = 1; ; tries += 1) {
    let isCommitting = false;
    try {
      await engine.writer.connection().execute(async (db) => {
        await engine.turn?.take();
        try {
          await engine.begin(db, wait);
          if (isAlone) for (const job of jobs) await runInSavepoint(engine, db, job, wait);
          else await runTogether(engine, db, jobs, wait);
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
      if (wait === "beside" && engine.sync !== null) return answerAfter(engine.sync(), jobs);
      for (const job of jobs) job.commit();
      return;
    } catch (error) {
      if (tries < MAX_TRIES && engine.isRetryable(error)) continue;
      // Nobody sees an entry of the ledger before it is on the disk.
      if (error instanceof NeedsDisk && wait === "beside") {
        wait = "within";
        continue;
      }
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

async function runTogether(engine: Engine, db: Tx["db"], jobs: readonly Job[], wait: Wait): Promise<void> {
  const { tx, settled, end } = createTx(engine, db, wait);
  try {
    // Whatever is gathered goes where the first of it stood: nobody has heard of any of them yet.
    for (const together of Map.groupBy(jobs, ({ gathering }) => gathering).values())
      await together[0]?.attempt(tx, together);
    await end();
  } catch (error) {
    // Of what was under way when it failed, the first failure is the cause of whatever came after it.
    await settled();
    throw error;
  }
}

async function runInSavepoint(engine: Engine, db: Tx["db"], job: Job, wait: Wait): Promise<void> {
  await rows(db)`savepoint unit`;
  const { tx, settled, end } = createTx(engine, db, wait);
  try {
    try {
      await job.attempt(tx, [job]);
      await end();
    } catch (error) {
      await settled();
      throw error;
    }
  } catch (error) {
    if (engine.isRetryable(error) || (error instanceof NeedsDisk && wait === "beside")) throw error;
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

function createTx({ kind }: Engine, db: Tx["db"], wait: Wait): Running {
  const steps = new Map<string, () => Promise<unknown>>();
  const underWay: Promise<unknown>[] = [];
  const settled = async (): Promise<void> => {
    for (const done of underWay.splice(0)) await done;
  };
  return {
    tx: {
      db,
      kind,
      doesWait: wait === "within",
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
