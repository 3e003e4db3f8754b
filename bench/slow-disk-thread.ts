import { createServer } from "node:http";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DatabaseSync } from "node:sqlite";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/**
 * The smallest server with our statement shapes and group commit, whose commits run in the main
 * thread (`main`) or in a worker that gets batches by message (`worker`). Decision 0003 rests on
 * the difference. Usage: node slow-disk-thread.ts main|worker <folder>
 */

/** CPU time that decode, scrub and fingerprint take of the main thread for one event, ms. */
const PURE_MS = 0.3;

type Commit = (bodies: readonly string[]) => Promise<void>;

if (isMainThread)
  serve(process.argv[2] === "worker" ? inWorker(process.argv[3] ?? ".") : inMain(process.argv[3] ?? "."));
else answer(String(workerData));

function serve(commit: Commit): void {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const add = groupCommit(commit);
  const server = createServer((request, response) => {
    if (request.url === "/reset") {
      delay.reset();
      return void response.end();
    }
    if (request.url === "/delay") return void response.end(String(delay.percentile(99) / 1e6));
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      spin(PURE_MS);
      void add(body).then(() => response.writeHead(200, { "content-length": 2 }).end("{}"));
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid })}\n`);
  });
}

/** A batch is whatever came while the last commit ran, as in the kernel's writer queue. */
function groupCommit(commit: Commit): (body: string) => Promise<void> {
  let waiting: { body: string; resolve: () => void }[] = [];
  let isRunning = false;
  async function drain(): Promise<void> {
    // The kernel's queue begins a batch in a later turn, so that whatever is being read rides along.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      await commit(taken.map(({ body }) => body));
      for (const { resolve } of taken) resolve();
    }
    isRunning = false;
  }
  return (body) =>
    new Promise((resolve) => {
      waiting.push({ body, resolve });
      if (isRunning) return;
      isRunning = true;
      void drain();
    });
}

function inMain(folder: string): Commit {
  const write = openStore(folder);
  return async (bodies) => write(bodies);
}

function inWorker(folder: string): Commit {
  const worker = new Worker(new URL(import.meta.url), { workerData: folder });
  return (bodies) =>
    new Promise((resolve) => {
      worker.once("message", () => resolve());
      worker.postMessage(bodies);
    });
}

function answer(folder: string): void {
  const write = openStore(folder);
  parentPort?.on("message", (bodies: string[]) => {
    write(bodies);
    parentPort?.postMessage(null);
  });
}

/** Seen ids, a delta and a kept body for each event; two commits, as append and digest make. */
function openStore(folder: string): (bodies: readonly string[]) => void {
  const database = new DatabaseSync(join(folder, "thread.db"));
  database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 512;
    create table event_seen (id integer primary key, at integer not null);
    create table delta (fault integer not null, second integer not null, count integer not null, primary key (fault, second)) without rowid;
    create table event_sample (fault integer not null, slot integer not null, body text not null, primary key (fault, slot));
    create table fault (fault integer primary key, count integer not null)`);
  const seen = database.prepare("insert into event_seen (at) values (?)");
  const delta = database.prepare(
    "insert into delta (fault, second, count) values (?, ?, 1) on conflict do update set count = count + 1",
  );
  const sample = database.prepare(
    "insert into event_sample (fault, slot, body) values (?, ?, ?) on conflict do update set body = excluded.body",
  );
  const fault = database.prepare(
    "insert into fault (fault, count) values (?, 1) on conflict do update set count = count + 1",
  );
  let ordinal = 0;
  return (bodies) => {
    const second = Math.floor(Date.now() / 1000);
    const first = ordinal;
    database.exec("begin immediate");
    for (const body of bodies) {
      ordinal += 1;
      seen.run(second);
      delta.run(ordinal % 20, second);
      sample.run(ordinal % 20, ordinal % 5, body);
    }
    database.exec("commit; begin immediate");
    for (let at = first; at < ordinal; at += 1) fault.run((at + 1) % 20);
    database.exec("commit");
  };
}

function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
