import type { Channel } from "@prunella/kernel";
import type { Client, Pool } from "pg";

const NAME = "prunella";

export interface ChannelTimes {
  /** How often the line is tried: a connection can die without an error. */
  readonly pingMs: number;
  /** How long it may take to open, or to answer a ping. */
  readonly pongMs: number;
  readonly reconnectMs: number;
  /** What was lost without anybody noticing is made good within this time. */
  readonly gapMs: number;
}

const TIMES: ChannelTimes = { pingMs: 15_000, pongMs: 5_000, reconnectMs: 1_000, gapMs: 45_000 };
/** A line that is closed says goodbye within this time, or goes without. */
const GOODBYE_MS = 1_000;

/**
 * LISTEN and NOTIFY on a connection of its own. A line that falls silent without an error is pinged
 * and replaced; whenever one has opened, and every so often, whoever listens is
 * told that something may have been missed.
 */
export function createChannel(pool: Pick<Pool, "query">, connect: () => Client, times: ChannelTimes = TIMES): Channel {
  return {
    async send(text) {
      await pool.query("select pg_notify($1, $2)", [NAME, text]);
    },
    listen(onText, onGap) {
      const gap = setInterval(onGap, times.gapMs);
      gap.unref();
      const closing = new AbortController();
      const keep = async (): Promise<void> => {
        while (!closing.signal.aborted) {
          // The first line is late as well: somebody may wait already for what was said before it opened.
          await holdLine(connect(), { onText, onOpen: onGap, times, signal: closing.signal });
          await sleep(times.reconnectMs, closing.signal);
        }
      };
      const kept = keep();
      return async () => {
        closing.abort();
        clearInterval(gap);
        await kept;
      };
    },
  };
}

/** Resolves when the line is to be replaced, or when the signal comes. Never rejects. */
async function holdLine(
  client: Client,
  given: { onText: (text: string) => void; onOpen: () => void; times: ChannelTimes; signal: AbortSignal },
): Promise<void> {
  const { times, signal } = given;
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const lose = () => resolve();
  client.on("error", lose);
  client.on("end", lose);
  signal.addEventListener("abort", lose);
  if (signal.aborted) lose();
  client.on("notification", ({ payload = "" }) => given.onText(payload));
  // Asked on the line itself: a pool that hangs would be used up by pings, and says nothing about this line.
  let overdue: NodeJS.Timeout | undefined;
  const within = async (answer: Promise<unknown>): Promise<void> => {
    overdue = setTimeout(lose, times.pongMs).unref();
    await answer;
    clearTimeout(overdue);
    overdue = undefined;
  };
  const ping = (): void => {
    if (overdue === undefined) within(client.query("select 1")).catch(lose);
  };
  within(client.connect().then(() => client.query(`listen ${NAME}`))).then(given.onOpen, lose);
  const pinging = setInterval(ping, times.pingMs);
  pinging.unref();
  await lost;
  clearInterval(pinging);
  clearTimeout(overdue);
  signal.removeEventListener("abort", lose);
  // A dead connection would not answer a goodbye either.
  const isGone = new AbortController();
  const gone = client.end().catch(() => undefined);
  await Promise.race([gone, sleep(GOODBYE_MS, isGone.signal)]);
  isGone.abort();
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
