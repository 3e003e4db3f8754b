import { createConnection, createServer, type Socket } from "node:net";
import pg from "pg";
import { afterEach, describe, expect, inject, test } from "vitest";
import { createPostgresDatabase } from "../../../../test/engines.ts";
import { createChannel, type ChannelTimes } from "./postgres-channel.ts";

/** Short, so that the test need not wait; what is never to happen by itself is far away. */
const NEVER = 3_600_000;
const QUICK: ChannelTimes = { pingMs: 100, pongMs: 1_500, reconnectMs: 20, gapMs: NEVER };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

describe.skipIf(inject("postgresUrl") === null)("the channel between servers on one PostgreSQL", () => {
  /** One process: it sends over a pool, and listens on a line that may go through something else. */
  async function aProcess(url: string, given: { times?: Partial<ChannelTimes>; lineUrl?: string } = {}) {
    const pool = new pg.Pool({ connectionString: url, max: 2 });
    pool.on("error", () => undefined);
    cleanUp.push(() => pool.end());
    const connect = () => new pg.Client({ connectionString: given.lineUrl ?? url, connectionTimeoutMillis: 1_500 });
    const channel = createChannel(pool, connect, { ...QUICK, ...given.times });
    const heard: string[] = [];
    const counts = { gaps: 0 };
    const stop = channel.listen(
      (text) => void heard.push(text),
      () => void (counts.gaps += 1),
    );
    cleanUp.push(stop);
    return { channel, pool, heard, counts, stop };
  }

  /** Sends until it is heard: a line takes a moment to open. */
  async function reaches(
    from: { channel: { send(text: string): Promise<void> } },
    to: { heard: string[] },
    text: string,
  ) {
    await expect
      .poll(
        async () => {
          await from.channel.send(text);
          return to.heard;
        },
        { timeout: 10_000, interval: 50 },
      )
      .toContain(text);
  }

  test("a text reaches the other process, and pings reach nobody", async () => {
    const url = await createPostgresDatabase();
    const [a, b] = [await aProcess(url), await aProcess(url)];
    await reaches(a, b, "from a");
    await reaches(b, a, "from b");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(new Set([...a.heard, ...b.heard])).toEqual(new Set(["from a", "from b"]));
    // Each looks once when its line has opened.
    expect([a.counts.gaps, b.counts.gaps]).toEqual([1, 1]);
  });

  test("a line that the database ends is replaced, and a gap is announced", async () => {
    const url = await createPostgresDatabase();
    const [a, b] = [await aProcess(url), await aProcess(url)];
    await reaches(a, b, "before");
    await reaches(b, a, "before");
    await a.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await expect.poll(() => Math.min(a.counts.gaps, b.counts.gaps), { timeout: 10_000 }).toBeGreaterThan(1);
    await reaches(a, b, "after");
    await reaches(b, a, "after");
  });

  test("a line that falls silent without an error is replaced, and a gap is announced", async () => {
    const url = await createPostgresDatabase();
    await using proxy = await openProxy(url);
    const a = await aProcess(url);
    const b = await aProcess(url, { lineUrl: proxy.url });
    await reaches(a, b, "before");
    // Like a firewall that forgot the connection: no error, no end, nothing.
    proxy.fallSilent();
    await expect.poll(() => b.counts.gaps, { timeout: 10_000 }).toBe(2);
    await reaches(a, b, "after");
  });

  test("a line that never opens, because nothing answers, is tried anew", async () => {
    const url = await createPostgresDatabase();
    await using proxy = await openProxy(url);
    proxy.swallow(true);
    const a = await aProcess(url);
    const b = await aProcess(url, { lineUrl: proxy.url });
    await expect.poll(proxy.connections, { timeout: 10_000 }).toBeGreaterThan(1);
    proxy.swallow(false);
    await expect.poll(() => b.counts.gaps, { timeout: 10_000 }).toBe(1);
    await reaches(a, b, "after");
  });

  test("a line that stays well is not replaced", async () => {
    const url = await createPostgresDatabase();
    await using proxy = await openProxy(url);
    const [a, b] = [await aProcess(url), await aProcess(url, { lineUrl: proxy.url })];
    await reaches(a, b, "once");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(proxy.connections()).toBe(1);
    expect(b.counts.gaps).toBe(1);
  });

  test("what was lost without anybody noticing is made good: a gap is announced again and again", async () => {
    const b = await aProcess(await createPostgresDatabase(), { times: { gapMs: 50 } });
    await expect.poll(() => b.counts.gaps, { timeout: 10_000 }).toBeGreaterThan(2);
  });

  test("closing waits for nothing that does not answer", async () => {
    const url = await createPostgresDatabase();
    await using proxy = await openProxy(url);
    proxy.swallow(true);
    const b = await aProcess(url, { lineUrl: proxy.url, times: { pongMs: NEVER, reconnectMs: NEVER } });
    await expect.poll(proxy.connections, { timeout: 10_000 }).toBe(1);
    await b.stop();
    const nobody = await aProcess(url, { lineUrl: "postgres://127.0.0.1:1/none", times: { reconnectMs: NEVER } });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await nobody.stop();
  });
});

/** Between a client and the database; can stop forwarding without closing anything. */
async function openProxy(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let connections = 0;
  let isSwallowing = false;
  const server = createServer((socket) => {
    connections += 1;
    const onward = createConnection(Number(target.port), target.hostname);
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on("error", () => undefined).on("close", () => sockets.delete(one));
    }
    if (isSwallowing) return void socket.resume();
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const through = new URL(url);
  through.port = String(port);
  return {
    url: through.href,
    connections: () => connections,
    /** What is open stays open and carries nothing any more; new connections work. */
    fallSilent() {
      for (const socket of sockets) socket.unpipe().removeAllListeners("data").resume();
    },
    swallow: (on: boolean) => void (isSwallowing = on),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
