import { DatabaseSync } from "node:sqlite";
import { ownThread } from "./threads.ts";

/**
 * The thread that carries the write-ahead log of the embedded database back into it, so that no commit
 * does. Most of the time nobody waits for it; now and then it asks for the turn, because a log that is
 * never quite carried back grows without end.
 */

const EVERY_MS = 500;
/** Pages in the log from which on it must begin anew: 16 MB. */
const LONG = 8_192;

const own = ownThread();
if (own === null || typeof own.data !== "string") throw new Error("this is no thread of a server");
const { port } = own;
const database = new DatabaseSync(own.data);
database.exec(`
  pragma busy_timeout = 100;
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma wal_autocheckpoint = 0;
`);
const passive = database.prepare("pragma wal_checkpoint(passive)");
const restart = database.prepare("pragma wal_checkpoint(restart)");
let isWaiting = false;

setInterval(() => {
  if (isWaiting) return;
  // -1 when another connection is at it.
  if (Number(passive.get()?.["log"] ?? 0) < LONG) return;
  isWaiting = true;
  port.post("turn", []);
}, EVERY_MS);

port.onValue(() => {
  try {
    restart.get();
  } finally {
    isWaiting = false;
    port.post("done", []);
  }
});
