import type { Channel } from "@prunella/kernel";
import type { Client, Pool } from "pg";

const NAME = "prunella";
/** How often the line is tried, and how long it may take to answer: a connection can die without an error. */
const PING_MS = 15_000;
const PONG_MS = 5_000;
const RECONNECT_MS = 1_000;
/** What was lost without anybody noticing is made good within this time. */
const GAP_MS = 45_000;

/**
 * LISTEN and NOTIFY on a connection of its own. A line that falls silent without an error is pinged
 * through the database and replaced; after each replacement, and every so often, whoever listens is
 * told that something may have been missed.
 */
export function createChannel(pool: Pick<Pool, "query">, connect: () => Client): Channel {
  return {
    async send(text) {
      await pool.query("select pg_notify($1, $2)", [NAME, text]);
    },
    listen(onText, onGap) {
      const gap = setInterval(onGap, GAP_MS);
      gap.unref();
      let isClosed = false;
      let present: { close(): Promise<void> } | null = null;
      const keep = async (): Promise<void> => {
        for (let isFirst = true; !isClosed; isFirst = false) {
          try {
            await using line = await openLine(connect, pool, onText);
            present = line;
            // Closed while it was being opened.
            if (isClosed) return;
            if (!isFirst) onGap();
            await line.lost;
          } catch {
            // The database is away or refuses; it is tried again below.
          }
          present = null;
          if (!isClosed) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS).unref());
        }
      };
      const kept = keep();
      return async () => {
        isClosed = true;
        clearInterval(gap);
        await present?.close();
        await kept;
      };
    },
  };
}

interface Line extends AsyncDisposable {
  /** Resolves when it is to be replaced. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

let lines = 0;

async function openLine(
  connect: () => Client,
  pool: Pick<Pool, "query">,
  onText: (text: string) => void,
): Promise<Line> {
  const client = connect();
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  client.on("error", () => lose());
  client.on("end", () => lose());
  await client.connect();
  await client.query(`listen ${NAME}`);
  lines += 1;
  const mark = `ping ${process.pid} ${lines}`;
  let overdue: NodeJS.Timeout | undefined;
  client.on("notification", ({ payload = "" }) => {
    // Whatever comes shows that the line is alive.
    clearTimeout(overdue);
    overdue = undefined;
    if (!payload.startsWith("ping ")) onText(payload);
  });
  const pinging = setInterval(() => {
    overdue ??= setTimeout(lose, PONG_MS).unref();
    pool.query("select pg_notify($1, $2)", [NAME, mark]).catch(() => undefined);
  }, PING_MS);
  pinging.unref();
  const close = async (): Promise<void> => {
    clearInterval(pinging);
    clearTimeout(overdue);
    lose();
    // A dead connection would not answer a goodbye either.
    await Promise.race([client.end(), new Promise((resolve) => setTimeout(resolve, 1_000).unref())]).catch(
      () => undefined,
    );
  };
  return { lost, close, [Symbol.asyncDispose]: close };
}
