import type { Kernel, Log } from "@prunella/kernel";

/** What came in and was not kept, or what a client says it gave up itself. */
export interface Loss {
  /** Of a closed list: reasons enter the ledger, which nobody can shorten again. */
  readonly reason: string;
  readonly quantity: number;
}

/** Why any door may refuse a request; each counts one, since nobody looked how much was in it. */
const REASONS = [
  /** Back-pressure, as the kernel names it. */
  "door.queue",
  "door.disk",
  "door.new_faults",
  "door.stored_bytes",
  /** Too many bytes in flight, or the queue filled up while this was read. */
  "door.busy",
  "door.too_large",
  "door.malformed",
  "door.encoding",
  "door.key_wrong",
  /** The database did not take it. */
  "door.not_stored",
  /** The thread of the doors ended while it had this in hand. */
  "door.away",
  /** On no list: a mistake of ours, and still counted. */
  "door.other",
] as const;
export type KitReason = (typeof REASONS)[number];
export const KIT_REASONS: ReadonlySet<string> = new Set(REASONS);

/** Losses by reason, equal ones added up. */
export type Sums<Reason extends string = string> = Map<Reason, number>;

export function count<Reason extends string>(sums: Sums<Reason>, reason: Reason, quantity = 1): void {
  sums.set(reason, (sums.get(reason) ?? 0) + quantity);
}

export function toLosses(sums: Sums): readonly Loss[] {
  if (sums.size === 0) return NONE;
  const losses: Loss[] = [];
  for (const [reason, quantity] of sums) losses.push({ reason, quantity });
  return losses;
}

const NONE: readonly Loss[] = [];

export interface Losses {
  add(projectId: string, losses: readonly Loss[]): void;
  /** Resolves when they are written, or kept for another try. */
  addNow(projectId: string, losses: readonly Loss[]): Promise<void>;
  /** Writes what is left. */
  close(): Promise<void>;
}

const WRITE_MS = 5_000;

/**
 * Losses are added up in memory and written once in a few seconds: a refusal that wrote would be no
 * relief. What cannot be written waits for the next time. The memory is bounded by projects × reasons.
 */
export function createLosses({ kernel, log }: { kernel: Pick<Kernel, "lose">; log: Pick<Log, "warn"> }): Losses {
  let byProject = new Map<string, Sums>();
  let writing = Promise.resolve();

  function add(projectId: string, losses: readonly Loss[]): void {
    if (losses.length === 0) return;
    let sums = byProject.get(projectId);
    if (sums === undefined) byProject.set(projectId, (sums = new Map()));
    for (const { reason, quantity } of losses) count(sums, reason, quantity);
  }

  async function write(projectId: string, losses: readonly Loss[]): Promise<void> {
    try {
      await kernel.lose(projectId, losses);
    } catch {
      add(projectId, losses);
      log.warn("losses could not be written and will be tried again");
    }
  }

  async function writeAll(): Promise<void> {
    const taken = byProject;
    byProject = new Map();
    for (const [projectId, sums] of taken) await write(projectId, toLosses(sums));
  }

  /** One after the other, so that closing waits for what is under way. */
  const flush = (): Promise<void> => (writing = writing.then(writeAll));
  const timer = setInterval(() => void flush(), WRITE_MS);
  timer.unref();
  return {
    add,
    addNow: write,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
