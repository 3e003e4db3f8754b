import { Socket } from "node:net";
import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import type { Pool, PoolClient, PoolConfig } from "pg";
import { goDirect, type Direct, type Engine, type Tables } from "@prunella/kernel";
import { PrunellaError } from "@prunella/contract";
import { logDirect, logTo, type OnQuery } from "./on-query.ts";
import { createChannel } from "./postgres-channel.ts";

const INT8 = 20;
/** serialization_failure, deadlock_detected, and the ways in which a connection is lost. */
const RETRYABLE = new Set(["40001", "40P01", "08006", "08003", "57P01", "ECONNRESET", "EPIPE"]);

/** Opens PostgreSQL: one connection for the writer queue, a small pool for reads. */
export async function openPostgres(url: string, onQuery?: OnQuery, readers = 4): Promise<Engine> {
  // Loaded only when a store url is set: the embedded engine starts faster without it.
  const { default: pg } = await import("pg");
  // Our bigints are milliseconds and counts, far below 2^53.
  const types = { getTypeParser: (oid: number) => (oid === INT8 ? Number : pg.types.getTypeParser(oid)) };
  const open = (max: number, more: PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString: url, max, types, connectionTimeoutMillis: 5_000, ...more });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on("error", () => undefined);
    // One that breaks between two statements of a transaction would too; the next statement says what is wrong.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return pool;
  };
  // What a unit asks without waiting for an answer goes out together, and is answered in its order.
  const line = openLine();
  const pool = open(1, { pipeline: true, stream: line.open });
  try {
    await pool.query("select 1");
  } catch (error) {
    await pool.end();
    throw new PrunellaError("PRUNELLA_DATABASE_UNREACHABLE", {
      detail: `PostgreSQL at ${new URL(url).host} did not answer.`,
      hint: "Check store.url, for example postgres://prunella@127.0.0.1:5432/prunella.",
      cause: error,
    });
  }
  const writing = preparing(pool);
  const writer = new Kysely<Tables>({ ...logTo(onQuery), dialect: new PostgresDialect({ pool: writing }) });
  const reading = open(readers);
  const toRead = preparing(reading);
  const reader = new Kysely<Tables>({ ...logTo(onQuery), dialect: new PostgresDialect({ pool: toRead }) });
  goDirect(
    reader,
    logDirect(
      directTo((text, values) => reading.query(toRead.named(text, values))),
      onQuery,
    ),
  );
  const direct = logDirect(
    directTo((text, values) => {
      line.gather();
      return writing.newest().query(writing.named(text, values));
    }),
    onQuery,
  );
  return {
    kind: "postgres",
    channel: createChannel(reading, () => new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })),
    writer,
    reader,
    turn: null,
    async begin(db, wait) {
      const begun = direct("begin isolation level read committed", []);
      await Promise.all([begun, wait === "not" ? direct("set local synchronous_commit = off", []) : null]);
      goDirect(db, direct);
    },
    sync: null,
    nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
    isRetryable: (error) =>
      error instanceof Error && "code" in error && typeof error.code === "string" && RETRYABLE.has(error.code),
    async scrubFiles() {
      await pool.query("vacuum event_sample, delta, fault, fault_key, digest_queue, event_seen");
    },
    async close() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/** Statements that a connection keeps prepared; texts that vary without end are planned each time. */
const MAX_PREPARED = 500;

/** The writer's connection: what is sent in one turn leaves in one packet, instead of one for each statement. */
function openLine(): { open(): Socket; gather(): void } {
  let socket = new Socket();
  let isGathering = false;
  return {
    open: () => (socket = new Socket()),
    gather() {
      if (isGathering) return;
      isGathering = true;
      const corked = socket;
      corked.cork();
      process.nextTick(() => {
        isGathering = false;
        corked.uncork();
      });
    },
  };
}

interface Named {
  readonly text: string;
  readonly values: unknown[];
  readonly name?: string;
}

interface PreparingPool extends PostgresPool {
  named(text: string, values: readonly unknown[]): Named;
  /** The client that was taken last. */
  newest(): PoolClient;
}

function directTo(query: (text: string, values: readonly unknown[]) => Promise<{ rows: unknown[] }>): Direct {
  // What a row looks like is told by whoever wrote the statement.
  const areRows = <Row>(found: unknown[]): found is Row[] => Array.isArray(found);
  return async <Row>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    const { rows } = await query(text, values);
    return areRows<Row>(rows) ? rows : [];
  };
}

/** Names each text, so that a connection parses and plans it once: for short look-ups that is most of their cost. */
function preparing(pool: Pool): PreparingPool {
  const names = new Map<string, string>();
  const clients = new WeakMap<PoolClient, PoolClient>();
  let newest: PoolClient | null = null;
  const named = (text: string, values: readonly unknown[]): Named => {
    let name = names.get(text);
    if (name === undefined && names.size < MAX_PREPARED) names.set(text, (name = `s${names.size}`));
    return { text, values: [...values], ...(name !== undefined && { name }) };
  };
  const wrap = (client: PoolClient): PoolClient => {
    const query = (text: string, values: readonly unknown[]) => client.query(named(text, values));
    return new Proxy(client, { get: (target, key) => (key === "query" ? query : Reflect.get(target, key)) });
  };
  return {
    named,
    newest() {
      if (newest === null) throw new Error("no connection was taken yet");
      return newest;
    },
    async connect() {
      newest = await pool.connect();
      const known = clients.get(newest) ?? wrap(newest);
      clients.set(newest, known);
      return known;
    },
    end: () => pool.end(),
    options: pool.options,
  };
}
