import { parseNote, type Clock, type Log } from "@prunella/kernel";

/** The checkpoint that stands published. */
export interface Published {
  readonly note: Uint8Array;
  readonly size: number;
  /** The same in one line, with the time of looking. */
  readonly line: string;
}

/** One place that checkpoints go to. */
export interface Destination {
  /** For the log. */
  readonly name: string;
  /** Rejects when it did not arrive; it is tried again then. */
  send(published: Published, signal: AbortSignal): Promise<void>;
}

export interface Delivery {
  /** Sends at once what stands published, also when it was sent before; resolves when that is over, however it ended. */
  now(): Promise<void>;
  close(): Promise<void>;
}

/** After the first failure of a row; then doubling, up to the usual time. */
const FIRST_RETRY_MS = 5_000;
/** Until something is published for the first time. */
const FIRST_LOOK_MS = 1_000;

/** Sends each checkpoint that differs from the last, one at a time, at most every so often. */
export function createDelivery(deps: {
  readonly destination: Destination;
  readonly everyMs: number;
  readonly published: () => Promise<Published | null>;
  readonly clock: Clock;
  readonly log: Log;
}): Delivery {
  const { destination, everyMs, clock, log } = deps;
  const closing = new AbortController();
  let sent = "";
  let failures = 0;
  let turn: Promise<void> = Promise.resolve();
  let cancel = clock.after(FIRST_LOOK_MS, wake);

  async function look(isForced: boolean): Promise<number> {
    const published = await deps.published();
    if (published === null) return FIRST_LOOK_MS;
    // Cosignatures come in afterwards, and are no reason to go out again.
    const { text } = parseNote(published.note);
    if (text === sent && !isForced) return everyMs;
    await destination.send(published, closing.signal);
    if (failures > 0) log.info(`checkpoints arrive at ${destination.name} again`);
    failures = 0;
    sent = text;
    return everyMs;
  }

  async function step(isForced: boolean): Promise<void> {
    if (closing.signal.aborted) return;
    cancel();
    const wait = await look(isForced).catch((error: unknown) => {
      failures += 1;
      if (failures === 1 && !closing.signal.aborted)
        log.warn(
          `a checkpoint did not arrive at ${destination.name} and will be sent again: ${error instanceof Error ? error.message : "unknown"}`,
        );
      return Math.min(everyMs, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
    });
    if (!closing.signal.aborted) cancel = clock.after(wait, wake);
  }

  function wake(): void {
    turn = turn.then(() => step(false));
  }

  return {
    now: () => (turn = turn.then(() => step(true))),
    async close() {
      closing.abort();
      cancel();
      await turn;
    },
  };
}
