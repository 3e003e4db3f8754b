import { randomUUID } from "node:crypto";
import type { Engine } from "@prunella/kernel";
import { describe, expect, inject, it } from "vitest";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { DOORS } from "../../packages/server/src/doors/index.ts";
import { troubleDoor, type Trouble } from "../../packages/server/src/doors/thread/trouble-fixture.ts";
import { createPostgresDatabase } from "../engines.ts";
import { openServer } from "./server-fixture.ts";

const entry = new URL("../../packages/server/src/doors/thread/trouble-entry-fixture.ts", import.meta.url);

/** A server whose doors can be brought down from outside. */
async function openTroubled(engine: string, answerWithinMs = 1_500) {
  const url = engine === "postgres" ? await createPostgresDatabase() : null;
  const said: string[] = [];
  const fixture = await openServer(
    { store: { url } },
    {
      log: { info() {}, warn: (message) => void said.push(message) },
      doors: { doors: [troubleDoor, ...DOORS], entry, answerWithinMs },
    },
  );
  const { server, key, folder } = fixture;
  const read = async <T>(look: (db: Engine["reader"]) => Promise<T>): Promise<T> => {
    const store = url === null ? openSqlite(`${folder}/prunella.db`) : await openPostgres(url);
    try {
      return await look(store.reader);
    } finally {
      await store.close();
    }
  };
  const door = `${server.url}/api/1/envelope/?sentry_key=${key}`;
  return {
    ...fixture,
    said,
    bring: (trouble: Trouble) => fetch(`${server.url}/trouble/${trouble}/1/${key}`, { method: "POST" }),
    /** The id of an event that was answered 200; null for any other answer. */
    async send(): Promise<string | null> {
      const id = randomUUID().replaceAll("-", "");
      const body = `{"event_id":"${id}"}\n{"type":"event"}\n${JSON.stringify({ event_id: id, message: "a case" })}\n`;
      const status = await fetch(door, { method: "POST", body }).then(
        async (answer) => (await answer.arrayBuffer(), answer.status),
        () => 0,
      );
      return status === 200 ? id : null;
    },
    health: async (): Promise<unknown> => (await fetch(`${server.url}/healthz`)).json(),
    /** Ids of events that the database remembers. */
    async kept(): Promise<Set<string>> {
      const rows = await read((db) => db.selectFrom("event_seen").select("event_id").execute());
      return new Set(rows.map(({ event_id }) => Buffer.from(event_id).toString("hex")));
    },
    /** Sums by reason, once they are written. */
    async losses(): Promise<Record<string, number>> {
      const rows = await read((db) => db.selectFrom("tally_hour").select(["reason", "count"]).execute());
      return Object.fromEntries(rows.map(({ reason, count }) => [reason, Number(count)]));
    },
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const engines = ["sqlite", "postgres"];

describe.each(engines)("the doors' thread on %s", (engine) => {
  const test = it.skipIf(engine === "postgres" && inject("postgresUrl") === null);
  // Until its memory is full it does not answer either.
  const withinMs = (trouble: Trouble) => (trouble === "memory" ? 60_000 : 1_500);

  test.each([
    ["hang", "it hung"],
    ["hold", "it hung"],
    ["memory", "it ran out of memory"],
    ["end", "it ended by itself"],
  ] as const)(
    "is replaced after %s: what it had is answered 503 and counted, and the rest goes on",
    { timeout: 90_000 },
    async (trouble, why) => {
      await using shop = await openTroubled(engine, withinMs(trouble));
      const first = await shop.send();
      expect(first).not.toBeNull();
      const waits = shop.bring("wait");
      const [troubled, bystander] = await Promise.all([shop.bring(trouble), waits]);
      for (const { status, headers } of [troubled, bystander])
        expect([status, headers.get("retry-after")]).toEqual([503, "5"]);
      // The rest does not notice.
      expect((await shop.api("/projects")).status).toBe(200);
      expect((await shop.api("/kill", { method: "POST", body: "{}" })).status).toBe(200);
      await expect.poll(() => shop.send(), { timeout: 30_000 }).not.toBeNull();
      expect(await shop.health()).toEqual({ status: "ok", doors: "open" });
      expect(await shop.kept()).toContain(first);
      await shop.server.close();
      expect(await shop.losses()).toMatchObject({ "door.away": 2 });
      expect(shop.said).toEqual([`the thread of the doors ended (${why}); 2 requests were given up`]);
    },
  );

  test("loses nothing that was accepted when it ends under load", { timeout: 90_000 }, async () => {
    await using shop = await openTroubled(engine);
    const accepted: string[] = [];
    let isOver = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const id = await shop.send();
        if (id === null) await new Promise((resolve) => setTimeout(resolve, 20));
        else accepted.push(id);
      }
    });
    for (let kills = 0; kills < 3; kills += 1) {
      const before = accepted.length;
      await expect.poll(() => accepted.length, { timeout: 30_000 }).toBeGreaterThan(before + 40);
      expect((await shop.bring("end")).status).toBe(503);
    }
    isOver = true;
    await Promise.all(load);
    const kept = await shop.kept();
    expect(accepted.filter((id) => !kept.has(id))).toEqual([]);
    // And what is kept is counted once it was digested.
    await shop.server.kernel.settle();
    const { faults } = await shop.server.kernel.faults.list({ status: "all", limit: 10 });
    expect(faults.reduce((sum, { count }) => sum + count, 0)).toBe(kept.size);
  });
});
