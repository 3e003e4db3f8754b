import { randomBytes } from "node:crypto";
import { createConnection } from "./connection.ts";
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
export async function loadClosed({ url, makers, total, concurrency }: Load & { total: number; concurrency: number }): Promise<Loaded> {
  const count = createCount();
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: Math.min(concurrency, total) }, async () => {
      const connection = createConnection(url);
      while (next < total) {
        const maker = makers[next % makers.length];
        next += 1;
        await connection.post(maker?.make(freshId(), Date.now()) ?? Buffer.alloc(0)).then(({ status }) => count.add(status), () => count.add(0));
      }
      connection.close();
    }),
  );
  return { seconds: (performance.now() - startedAt) / 1000, accepted: count.accepted, refused: count.refused };
}

/**
 * Sends `perSecond` events for `seconds`, whether or not earlier ones were answered, and times each
 * answer from the moment at which its event should have been sent: a server that stalls cannot hide
 * it by holding up the loader. Latencies in ms.
 */
export async function loadOpen({ url, makers, perSecond, seconds }: Load & { perSecond: number; seconds: number }): Promise<Loaded & { latencies: Float64Array }> {
  const total = Math.round(perSecond * seconds);
  const latencies = new Float64Array(total);
  const idle: ReturnType<typeof createConnection>[] = [];
  const all: ReturnType<typeof createConnection>[] = [];
  const count = createCount();
  const startedAt = performance.now();
  let sent = 0;
  let answered = 0;

  await new Promise<void>((resolve) => {
    const sendOne = (at: number) => {
      const intendedAt = startedAt + (at * 1000) / perSecond;
      let connection = idle.pop();
      if (!connection) {
        connection = createConnection(url);
        all.push(connection);
      }
      const used = connection;
      const settle = (status: number) => {
        latencies[at] = performance.now() - intendedAt;
        count.add(status);
        idle.push(used);
        answered += 1;
        if (answered === total) resolve();
      };
      used.post(makers[at % makers.length]?.make(freshId(), Date.now()) ?? Buffer.alloc(0)).then(({ status }) => settle(status), () => settle(0));
    };
    const tick = () => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
      while (sent < due) sendOne(sent++);
      if (sent < total) setTimeout(tick, 1);
    };
    tick();
  });
  for (const connection of all) connection.close();
  return { seconds: (performance.now() - startedAt) / 1000, latencies, accepted: count.accepted, refused: count.refused };
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
