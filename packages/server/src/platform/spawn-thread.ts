import { Readable } from "node:stream";
import { isRunning, processOf } from "./processes.ts";
import { environmentOf, killerOf, SpawnFailure, type Exit, type Spawn, type Spawned } from "./spawn.ts";
import { isFromStarter, type FromStarter, type Output, type ToStarter } from "./spawn-messages.ts";
import { startThread, type Thread } from "./threads.ts";

/** From the sources, or beside the bundle, where all chunks stand in one folder. */
const ENTRY = new URL(
  import.meta.url.endsWith(".ts") ? "./spawn-thread-entry.ts" : "./spawn-thread.mjs",
  import.meta.url,
);
/** How often a program is looked at whose end nobody tells any more. */
const LOOK_MS = 500;

export interface SpawnThread {
  readonly spawn: Spawn;
  close(): Promise<void>;
}

/** A start, from being asked for until the program has ended and said its last. */
interface Start {
  settle(given: { readonly pid: number } | { readonly failure: Error }): void;
  readonly outputs: Readonly<Record<Output, Readable>>;
  end(exit: Exit): void;
  /** Of the program, once it runs; and which one of those that have this number. */
  running: { readonly pid: number; readonly startedAt: string } | null;
}

/**
 * Starts programs in a thread of its own. To start one copies the tables of this process's memory and waits
 * until the program is loaded: some ten milliseconds, on a busy machine hundreds, in which an event loop stands.
 * Without a terminal only (`pipe`). The thread begins with the first program.
 */
export function createSpawnThread(): SpawnThread {
  const starts = new Map<number, Start>();
  let thread: Thread | null = null;
  let last = 0;

  function begun(): Thread {
    if (thread !== null) return thread;
    const mine = startThread(ENTRY, null);
    mine.onValue((said) => {
      if (isFromStarter(said)) hear(said);
    });
    mine.onEnd((why) => {
      if (thread === mine) thread = null;
      for (const [id, start] of starts) lose(id, start, why);
    });
    return (thread = mine);
  }

  function say(message: ToStarter): void {
    thread?.post(message, []);
  }

  function hear(said: FromStarter): void {
    const start = starts.get(said.id);
    if (start === undefined) return;
    switch (said.kind) {
      case "started":
        start.running = { pid: said.pid, startedAt: processOf(said.pid)?.startedAt ?? "" };
        return start.settle({ pid: said.pid });
      case "failed":
        starts.delete(said.id);
        return start.settle({ failure: new SpawnFailure(said.reason, said.message, null) });
      case "wrote":
        return void start.outputs[said.from].push(said.chunk);
      case "closed":
        start.outputs[said.from].push(null);
        return forget(said.id, start);
      case "exit":
        start.running = null;
        start.end(said.exit);
        return forget(said.id, start);
    }
  }

  function forget(id: number, { running, outputs }: Start): void {
    const haveEnded = [outputs.stdout, outputs.stderr].every((output) => output.readableEnded || output.closed);
    if (running === null && haveEnded) starts.delete(id);
  }

  /** The thread is gone, and with it whoever is told of the end; the program may run on. */
  function lose(id: number, start: Start, why: string): void {
    starts.delete(id);
    start.settle({
      failure: new SpawnFailure("other", `The thread that starts programs ended, because ${why}.`, null),
    });
    for (const output of [start.outputs.stdout, start.outputs.stderr]) output.push(null);
    const { running } = start;
    const look = setInterval(() => {
      if (running !== null && isRunning(running)) return;
      clearInterval(look);
      start.end({ code: null, signal: null });
    }, LOOK_MS);
  }

  return {
    spawn: (request) =>
      new Promise<Spawned>((resolve, reject) => {
        const id = (last += 1);
        const ended = Promise.withResolvers<Exit>();
        const outputs = { stdout: outputOf(id, "stdout"), stderr: outputOf(id, "stderr") };
        starts.set(id, {
          outputs,
          end: ended.resolve,
          running: null,
          settle(given) {
            if ("failure" in given) return reject(given.failure);
            resolve({ pid: given.pid, ...outputs, exit: ended.promise, kill: killerOf(request, given.pid) });
          },
        });
        const { command, cwd, stdio, sharesTerminal } = request;
        begun();
        say({ kind: "start", id, launch: { command, cwd, stdio, sharesTerminal }, env: environmentOf(request) });
      }),
    async close() {
      await thread?.kill("the server ends");
    },
  };

  /** What it wrote is counted when somebody has read it, so that a slow reader slows the program down. */
  function outputOf(id: number, from: Output): Readable {
    let given = 0;
    const output = new Readable({
      read() {
        if (given > 0) say({ kind: "taken", id, from, bytes: given });
        given = 0;
      },
    });
    const push = output.push.bind(output);
    output.push = (chunk: Uint8Array | null) => {
      given += chunk?.length ?? 0;
      return push(chunk);
    };
    output.once("close", () => {
      const start = starts.get(id);
      if (start !== undefined) forget(id, start);
    });
    return output;
  }
}
