import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { isMainThread, parentPort, Worker, workerData, type MessagePort } from "node:worker_threads";

/** Two ends of it pass values between threads; a message port, a worker and a thread's parent all are one. */
export interface Port {
  post(value: unknown, moved: readonly ArrayBuffer[]): void;
  onValue(listener: (value: unknown) => void): void;
}

export interface Thread extends Port {
  /** Called once, when nothing of it runs any more. */
  onEnd(listener: (why: string) => void): void;
  /** Ends it wherever it is; resolves when it has ended. */
  kill(why: string): Promise<void>;
}

/**
 * Of what a thread keeps in JavaScript. Bodies of requests are beside it, and have bounds of their own. When it
 * is full the thread ends; one single object of more than 16 MB on top of a full heap ends the process.
 */
const HEAP_MB = 1_024;

export function startThread(entry: URL, data: unknown): Thread {
  const cache = getCompileCacheDir();
  const worker = new Worker(entry, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    // A thread does not inherit it, and would compile everything anew at each start.
    env: { ...process.env, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) }) },
  });
  let why = "it ended by itself";
  worker.on("error", (error) => (why = reasonOf(error)));
  return {
    post: (value, moved) => worker.postMessage(value, moved),
    onValue: (listener) => void worker.on("message", listener),
    onEnd: (listener) => void worker.once("exit", () => listener(why)),
    async kill(reason) {
      why = reason;
      await worker.terminate();
    },
  };
}

/** As whoever started this thread gave it; null in the first one. */
export function ownThread(): { readonly data: unknown; readonly port: Port; leave(): void } | null {
  if (isMainThread || parentPort === null) return null;
  const port = parentPort;
  const data: unknown = workerData;
  return { data, port: portOf(port), leave: () => port.close() };
}

export function portOf(port: MessagePort): Port {
  return {
    post: (value, moved) => port.postMessage(value, [...moved]),
    onValue: (listener) => void port.on("message", listener),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "it threw no error";
  return "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "it ran out of memory" : error.message;
}
