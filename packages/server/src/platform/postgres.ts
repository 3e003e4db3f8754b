import { Kysely, PostgresDialect, sql, type PostgresPool } from "kysely";
import type { Pool, PoolClient } from "pg";
import type { Engine, Tables } from "@prunella/kernel";
import { PrunellaError } from "@prunella/contract";
import { logTo, type OnQuery } from "./on-query.ts";
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
  const open = (max: number) => {
    const pool = new pg.Pool({ connectionString: url, max, types, connectionTimeoutMillis: 5_000 });
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on("error", () => undefined);
    // One that breaks between two statements of a transaction would too; the next statement says what is wrong.
    pool.on("connect", (client) => client.on("error", () => undefined));
    return pool;
  };
  const pool = open(1);
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
  const writer = new Kysely<Tables>({ ...logTo(onQuery), dialect: new PostgresDialect({ pool: preparing(pool) }) });
  const reading = open(readers);
  const reader = new Kysely<Tables>({ ...logTo(onQuery), dialect: new PostgresDialect({ pool: preparing(reading) }) });
  return {
    kind: "postgres",
    channel: createChannel(reading, () => new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })),
    writer,
    reader,
    turn: null,
    async begin(db, doesWait) {
      await sql`begin isolation level read committed`.execute(db);
      if (!doesWait) await sql`set local synchronous_commit = off`.execute(db);
    },
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

/** Names each text, so that a connection parses and plans it once: for short look-ups that is most of their cost. */
function preparing(pool: Pool): PostgresPool {
  const names = new Map<string, string>();
  const clients = new WeakMap<PoolClient, PoolClient>();
  const nameOf = (text: string): string | undefined => {
    let name = names.get(text);
    if (name === undefined && names.size < MAX_PREPARED) names.set(text, (name = `s${names.size}`));
    return name;
  };
  const wrap = (client: PoolClient): PoolClient => {
    const query = (text: string, values: readonly unknown[]) => {
      const name = nameOf(text);
      return client.query({ text, values: [...values], ...(name !== undefined && { name }) });
    };
    return new Proxy(client, { get: (target, key) => (key === "query" ? query : Reflect.get(target, key)) });
  };
  return {
    async connect() {
      const client = await pool.connect();
      const known = clients.get(client) ?? wrap(client);
      clients.set(client, known);
      return known;
    },
    end: () => pool.end(),
    options: pool.options,
  };
}
