import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createWriter } from "@prunella/kernel";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqlite } from "./sqlite.ts";
import { startLogThread } from "./sqlite-log.ts";
import { newTurn, openTurn } from "./writer-turn.ts";

const MB = 1_048_576;
let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "sqlite-log-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes about `megabytes` to the log of a new database in commits of 64 kB, and says how long the log became. */
async function logAfter(megabytes: number, hasThread: boolean): Promise<number> {
  const path = join(folder, "some.db");
  const turn = openTurn(newTurn(), "main");
  const engine = openSqlite(path, undefined, turn);
  const thread = hasThread ? startLogThread({ path, turn, log: { info: () => {}, warn: () => {} } }) : null;
  const writer = createWriter(engine);
  await writer.run(async (tx) => sql`create table blob_row (id integer primary key, body blob)`.execute(tx.db));
  let longest = 0;
  for (let at = 0; at < megabytes * 16; at += 1) {
    await writer.run(async (tx) =>
      sql`insert or replace into blob_row values (${at % 64}, zeroblob(65536))`.execute(tx.db),
    );
    if (at % 16 === 0) await wait(25);
    longest = Math.max(longest, statSync(`${path}-wal`).size);
  }
  await writer.close();
  await thread?.close();
  await engine.close();
  return longest;
}

it("keeps the log short although writing never pauses for long", { timeout: 60_000 }, async () => {
  expect(await logAfter(48, true)).toBeLessThan(50 * MB);
  rmSync(join(folder, "some.db"));
  expect(await logAfter(48, false)).toBeGreaterThan(60 * MB);
});

it(
  "leaves nothing of a deleted row in the log, also while the thread carries it back",
  { timeout: 60_000 },
  async () => {
    const path = join(folder, "other.db");
    const turn = openTurn(newTurn(), "main");
    const engine = openSqlite(path, undefined, turn);
    const thread = startLogThread({ path, turn, log: { info: () => {}, warn: () => {} } });
    const writer = createWriter(engine);
    await writer.run(async (tx) => sql`create table note (id integer primary key, body text)`.execute(tx.db));
    for (let round = 0; round < 20; round += 1) {
      await writer.run(async (tx) => sql`insert into note (body) values (hex(zeroblob(200000)))`.execute(tx.db));
      await writer.run(async (tx) => sql`delete from note`.execute(tx.db));
      await wait(round * 7);
      await engine.scrubFiles();
      expect(statSync(`${path}-wal`).size).toBe(0);
    }
    await writer.close();
    await thread.close();
    await engine.close();
  },
);
