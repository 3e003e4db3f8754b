import { closeSync, existsSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, SqliteDialect, type SqliteStatement } from "kysely";
import { goDirect, NotOnDisk, type Direct, type Engine, type Tables, type Turn } from "@prunella/kernel";
import { logDirect, logTo, type OnQuery } from "./on-query.ts";

/**
 * Bytes of a page of a new database, half of SQLite's default: ids of events lie far apart, so a commit
 * writes a page for nearly each of them.
 */
const PAGE_BYTES = 2_048;
/** What SQLite takes for no file at all. */
const IN_MEMORY = ":memory:";
/** Pages after which a commit carries the write-ahead log back; they keep it near 2 MB. */
const SHORT_LOG = 1_024;
/** The same where a thread does that all the time, and the commit only if it has to: 64 MB. */
const LONG_LOG = 32_768;
/** For how long emptying the log waits for whoever carries it back right now, ms. */
const EMPTY_WITHIN_MS = 10_000;

/**
 * Opens the embedded engine: one connection that writes and one that reads committed rows. Who shares a
 * turn with other threads has one that carries the log back, see sqlite-log.ts. `beside`: a commit does not stand
 * for the disk; whoever waits for it hears when the log is there, and the thread goes on meanwhile.
 */
export function openSqlite(
  path: string,
  onQuery?: OnQuery,
  turn: Turn | null = null,
  syncs: "within" | "beside" = "within",
): Engine {
  // Made with its mode before SQLite does, whose files take over the mode of the first one. Closing one that
  // another thread has open would let go of that thread's locks.
  if (path !== IN_MEMORY && !existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const logPages = turn === null ? SHORT_LOG : LONG_LOG;
  const writing = open(path, logPages);
  const reading = open(path, logPages);
  reading.exec("pragma query_only = on");
  const [toWrite, toRead] = [keep(writing), keep(reading)];
  const writer = wrap(writing, toWrite, onQuery);
  const reader = wrap(reading, toRead, onQuery);
  const direct = logDirect(directTo(toWrite), onQuery);
  goDirect(reader, logDirect(directTo(toRead), onQuery));
  let waits = true;
  const log = syncs === "beside" && path !== IN_MEMORY ? openLog(path) : null;
  return {
    kind: "sqlite",
    // A commit that waited itself, since the log could not be synced, needs no more.
    sync: log === null ? null : () => (waits ? Promise.resolve() : log.sync()),
    channel: null,
    writer,
    reader,
    turn,
    async begin(db, wait) {
      // Obeyed while it is compiled: a prepared one would change nothing the second time.
      const waitsNow = wait === "within" || (wait === "beside" && (log === null || log.hasFailed()));
      if (waits !== waitsNow) writing.exec(`pragma synchronous = ${waitsNow ? "full" : "normal"}`);
      waits = waitsNow;
      // A single writer takes the lock at once, instead of failing halfway at the first write.
      await direct("begin immediate", []);
      goDirect(db, direct);
    },
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
    isRetryable: (error) =>
      error instanceof Error && "errcode" in error && (error.errcode === 5 || error.errcode === 517),
    async scrubFiles() {
      // Deleted pages are zeroed (secure_delete); the log still holds them until it is emptied.
      const until = Date.now() + EMPTY_WITHIN_MS;
      while (!(await emptyLog(writing, turn))) {
        if (Date.now() > until) throw new Error("the write-ahead log could not be emptied");
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      await reader.destroy();
      await writer.destroy();
      log?.close();
    },
  };
}

/**
 * The write-ahead log as a file of its own, to wait for. What has left it for the database was synced before, so
 * the log is all that a commit needs. SQLite puts no locks on it, which closing it would let go. One sync at a time:
 * whoever comes while one is under way shares the next.
 */
function openLog(path: string): { sync(): Promise<void>; hasFailed(): boolean; close(): void } {
  let log: number | null = null;
  let hasFailed = false;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  async function sync(): Promise<void> {
    try {
      // After one that failed the next may say that all is well (fsync(2)).
      if (hasFailed) throw new Error("an earlier sync of the log failed");
      log ??= openSync(`${path}-wal`, "r+");
      await promisify(fdatasync)(log);
    } catch (cause) {
      hasFailed = true;
      throw new NotOnDisk("the log could not be synced", { cause });
    }
  }
  return {
    sync() {
      next ??= last
        .catch(() => undefined)
        .then(() => {
          next = null;
          return (last = sync());
        });
      return next;
    },
    hasFailed: () => hasFailed,
    close() {
      if (log !== null) closeSync(log);
    },
  };
}

/** False while somebody else carries it back, which SQLite does not wait for. */
async function emptyLog(database: DatabaseSync, turn: Turn | null): Promise<boolean> {
  await turn?.take();
  try {
    return database.prepare("pragma wal_checkpoint(truncate)").get()?.["busy"] === 0;
  } finally {
    turn?.release();
  }
}

function open(path: string, logPages: number): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`
    pragma page_size = ${PAGE_BYTES};
    pragma busy_timeout = 5000;
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma fullfsync = on;
    pragma checkpoint_fullfsync = on;
    pragma foreign_keys = on;
    pragma secure_delete = on;
    pragma wal_autocheckpoint = ${logPages};
    pragma journal_size_limit = 2097152;
  `);
  return database;
}

type Prepare = (text: string) => SqliteStatement;

/** Prepared statements in the shape of better-sqlite3, which Kysely wants, kept by their text. */
function keep(database: DatabaseSync): Prepare {
  const prepared = new Map<string, SqliteStatement>();
  return (text) => {
    let known = prepared.get(text);
    if (!known) {
      // Statements written for both engines number their parameters as PostgreSQL does.
      const statement = database.prepare(text.replaceAll(/\$(\d+)/g, "?$1"));
      known = {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...bind(values)),
        run: (values) => statement.run(...bind(values)),
        iterate: (values) => statement.iterate(...bind(values)),
      };
      if (prepared.size > 500) prepared.clear();
      prepared.set(text, known);
    }
    return known;
  };
}

function wrap(database: DatabaseSync, prepare: Prepare, onQuery: OnQuery | undefined): Kysely<Tables> {
  return new Kysely<Tables>({
    ...logTo(onQuery),
    dialect: new SqliteDialect({ database: { close: () => database.close(), prepare } }),
  });
}

function directTo(prepare: Prepare): Direct {
  // What a row looks like is told by whoever wrote the statement.
  const areRows = <Row>(found: unknown[]): found is Row[] => Array.isArray(found);
  return async <Row>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    const statement = prepare(text);
    if (statement.reader) {
      const found = statement.all(values);
      if (areRows<Row>(found)) return found;
    } else statement.run(values);
    return [];
  };
}

function bind(values: readonly unknown[]): SQLInputValue[] {
  return values.map((value) => {
    if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint")
      return value;
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`a ${typeof value} cannot be bound to a statement`);
  });
}
