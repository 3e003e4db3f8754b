import { LedgerEntry } from "@prunella/contract";
import type { EngineFixture } from "../../../../test/engines.ts";
import { testClock, testRng } from "../../../../test/kernel-fixture.ts";
import { beginLedger } from "../../../../test/ledger-rows.ts";
import { createIds } from "../ids.ts";
import { rows } from "../store/rows.ts";
import { createWriter } from "../store/writer.ts";
import { NOW } from "./facts-fixture.ts";

/** For tests only: a database with one project, and no kernel over it. */
export async function openRows(open: EngineFixture["open"]) {
  const store = await open();
  await beginLedger(store.engine, NOW);
  const writer = createWriter(store.engine);
  await writer.run(
    ({ db }) =>
      rows(
        db,
      )`insert into project (project_id, title, dsn_id, public_key, key_at, created_at) values ('default', '', '1', 'k', 0, 0)`,
  );
  return {
    engine: store.engine,
    db: store.engine.reader,
    run: writer.run,
    newId: createIds(testClock(NOW), testRng()),
    /** What the ledger says after its beginning. */
    entries: async () =>
      (await store.engine.reader.selectFrom("ledger").selectAll().orderBy("idx").execute())
        .map(({ entry }) => LedgerEntry.parse(JSON.parse(entry)))
        .slice(1),
    async [Symbol.asyncDispose]() {
      await writer.close();
      await store[Symbol.asyncDispose]();
    },
  };
}
