import type { Readable } from "node:stream";
import { launch, SpawnFailure } from "./spawn.ts";
import { isToStarter, type FromStarter, type Output, type ToStarter } from "./spawn-messages.ts";
import { ownThread } from "./threads.ts";

/** The thread that starts programs, hands on what they write, and hears how they end: see spawn-thread.ts. */

/** What may be under way to the other thread of one output; then the program waits. */
const UNDER_WAY = 256 * 1024;

const own = ownThread();
if (own === null) throw new Error("this is no thread of a server");
const { port } = own;
const say = (message: FromStarter): void => port.post(message, []);
const readers = new Map<string, (bytes: number) => void>();

function handOn(id: number, from: Output, output: Readable): void {
  const key = `${from} ${id}`;
  let underWay = 0;
  readers.set(key, (bytes) => {
    underWay -= bytes;
    if (underWay < UNDER_WAY) output.resume();
  });
  output.on("data", (chunk: Uint8Array) => {
    underWay += chunk.length;
    if (underWay >= UNDER_WAY) output.pause();
    say({ kind: "wrote", id, from, chunk });
  });
  // A stream that breaks says no more; the exit of the program decides.
  output.on("error", () => undefined);
  output.once("close", () => {
    readers.delete(key);
    say({ kind: "closed", id, from });
  });
}

async function start({ id, launch: request, env }: Extract<ToStarter, { kind: "start" }>): Promise<void> {
  try {
    const { pid, stdout, stderr, exit } = await launch(request, env);
    say({ kind: "started", id, pid });
    handOn(id, "stderr", stderr);
    if (stdout === null) say({ kind: "closed", id, from: "stdout" });
    else handOn(id, "stdout", stdout);
    say({ kind: "exit", id, exit: await exit });
  } catch (error) {
    const reason = error instanceof SpawnFailure ? error.reason : "other";
    say({ kind: "failed", id, reason, message: error instanceof Error ? error.message : String(error) });
  }
}

port.onValue((said) => {
  if (!isToStarter(said)) return;
  if (said.kind === "start") void start(said);
  else readers.get(`${said.from} ${said.id}`)?.(said.bytes);
});
