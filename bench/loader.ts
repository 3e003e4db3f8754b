import { randomBytes } from "node:crypto";
import { createConnection, type Connection } from "./connection.ts";
import type { EnvelopeMaker } from "./envelope.ts";

export interface Load {
  readonly url: URL;
  readonly makers: readonly EnvelopeMaker[];
}

export interface Loaded {
  readonly seconds: number;
  readonly accepted: number;
  /** Answers other than 200, by status; a broken connection counts as 0. */
  readonly refused: ReadonlyMap<number, number>;
}

/** Sends `total` fresh events, `concurrency` at a time, each as soon as the one before was answered. */
export async function loadClosed({
  url,
  makers,
  total,
  concurrency,
}: Load & { total: number; concurrency: number }): Promise<Loaded> {
  const count = createCount();
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, total) }, async () => {
      const connection = createConnection(url);
      while (next < total) {
        const maker = makers[next % makers.length];
        next += 1;
        await connection.post(maker?.make(freshId(), Date.now()) ?? Buffer.alloc(0)).then(
          ({ status }) => count.add(status),
          () => count.add(0),
        );
      }
      connection.close();
    }),
  );
  return { seconds: (performance.now() - startedAt) / 1000, accepted: count.accepted, refused: count.refused };
}

/** Kept-alive connections of the open loop; at 1,000/s they carry answers that take up to 128 ms. */
const CONNECTIONS = 128;
/** A server takes one new connection in each turn of its loop; it is given this long for all, ms. */
const SETTLE_MS = 500;

/**
 * Sends `perSecond` events for `seconds`, whether or not earlier ones were answered, and times each
 * answer from the moment at which its event should have been sent: a server that stalls cannot hide
 * it by holding up the loader. The connections stand before the clock starts; an event for which none
 * is free waits for one while its time runs. Latencies in ms.
 */
export async function loadOpen({
  url,
  makers,
  perSecond,
  seconds,
}: Load & { perSecond: number; seconds: number }): Promise<Loaded & { latencies: Float64Array }> {
  const total = Math.round(perSecond * seconds);
  const latencies = new Float64Array(total);
  const all = Array.from({ length: CONNECTIONS }, () => createConnection(url));
  await Promise.all(all.map((connection) => connection.open()));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const idle = [...all];
  const count = createCount();
  const startedAt = performance.now();
  let sent = 0;
  let answered = 0;

  await new Promise<void>((resolve) => {
    const sendDue = () => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
      for (
        let connection = sent < due ? idle.pop() : undefined;
        connection;
        connection = sent < due ? idle.pop() : undefined
      )
        sendOne(sent++, connection);
    };
    const sendOne = (at: number, connection: Connection) => {
      const settle = (status: number) => {
        latencies[at] = performance.now() - startedAt - (at * 1000) / perSecond;
        count.add(status);
        idle.push(connection);
        answered += 1;
        if (answered === total) resolve();
        else sendDue();
      };
      connection.post(makers[at % makers.length]?.make(freshId(), Date.now()) ?? Buffer.alloc(0)).then(
        ({ status }) => settle(status),
        () => settle(0),
      );
    };
    const tick = () => {
      sendDue();
      if (sent < total) setTimeout(tick, 1);
    };
    tick();
  });
  for (const connection of all) connection.close();
  return {
    seconds: (performance.now() - startedAt) / 1000,
    latencies,
    accepted: count.accepted,
    refused: count.refused,
  };
}

/** As SDKs write it: 32 hex digits. */
export const freshId = (): string => randomBytes(16).toString("hex");

function createCount() {
  const refused = new Map<number, number>();
  return {
    accepted: 0,
    refused,
    add(status: number): void {
      if (status === 200) this.accepted += 1;
      else refused.set(status, (refused.get(status) ?? 0) + 1);
    },
  };
}
