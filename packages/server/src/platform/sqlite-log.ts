import type { Log, Turn } from "@prunella/kernel";
import { startThread, type Thread } from "./threads.ts";

/** From the sources, or beside the bundle, where all chunks stand in one folder. */
const ENTRY = new URL(import.meta.url.endsWith(".ts") ? "./sqlite-log-entry.ts" : "./sqlite-log.mjs", import.meta.url);

/** A thread that cannot start would otherwise be started as fast as it fails. */
const AGAIN_MS = 10_000;

/**
 * Starts the thread that carries the write-ahead log back, and gives it the turn when it asks. Without
 * it the log is carried back by the commits that make it too long, see `LONG_LOG` of sqlite.ts.
 */
export function startLogThread({ path, turn, log }: { path: string; turn: Turn; log: Log }): {
  close(): Promise<void>;
} {
  let isClosed = false;
  let thread = start();
  let again: NodeJS.Timeout | undefined;

  function start(): Thread {
    const started = startThread(ENTRY, path);
    let isTaken = false;
    const release = (): void => {
      if (isTaken) turn.release();
      isTaken = false;
    };
    let hasEnded = false;
    started.onValue((said) => {
      if (said !== "turn") return release();
      void turn.take().then(() => {
        isTaken = true;
        if (hasEnded) release();
        else started.post("go", []);
      });
    });
    started.onEnd((why) => {
      hasEnded = true;
      release();
      if (isClosed) return;
      log.warn(`the thread that carries the write-ahead log back ended, because ${why}; it is started again`);
      again = setTimeout(() => (thread = start()), AGAIN_MS);
    });
    return started;
  }

  return {
    async close() {
      isClosed = true;
      clearTimeout(again);
      await thread.kill("the server ends");
    },
  };
}
