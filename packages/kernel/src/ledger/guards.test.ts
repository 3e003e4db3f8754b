import { sql } from "kysely";
import { describe, expect, it } from "vitest";
import { ENGINES } from "../../../../test/engines.ts";
import { testClock } from "../../../../test/kernel-fixture.ts";
import { beginLedger, verifyRows } from "../../../../test/ledger-rows.ts";
import { createWriter } from "../store/writer.ts";
import { readEntries, readHead } from "./append.ts";
import { restoreGuards } from "./guards.ts";

/** On either engine: what an intruder may do to the guards, and the names of those that he hits. */
const ATTACKS: Readonly<
  Record<string, readonly { readonly statements: readonly string[]; readonly hits: readonly string[] }[]>
> = {
  sqlite: [
    { statements: ["drop trigger ledger_no_update"], hits: ["ledger_no_update"] },
    {
      statements: ["drop trigger ledger_no_update", "drop trigger ledger_no_delete"],
      hits: ["ledger_no_update", "ledger_no_delete"],
    },
    {
      statements: [
        "drop trigger ledger_no_delete",
        "create trigger ledger_no_delete before delete on ledger begin select 1; end",
      ],
      hits: ["ledger_no_delete"],
    },
  ],
  postgres: [
    { statements: ["drop trigger ledger_no_change on ledger"], hits: ["ledger_no_change"] },
    { statements: ["alter table ledger disable trigger all"], hits: ["ledger_no_change", "ledger_no_truncate"] },
    { statements: ["alter table ledger enable replica trigger ledger_no_truncate"], hits: ["ledger_no_truncate"] },
    {
      statements: [
        "create or replace function ledger_guard() returns trigger language plpgsql as $$begin return new; end$$",
      ],
      hits: ["ledger_no_change", "ledger_no_truncate"],
    },
    {
      statements: [
        "drop trigger ledger_no_change on ledger",
        "create trigger ledger_no_change before update on ledger for each row execute function ledger_guard()",
      ],
      hits: ["ledger_no_change"],
    },
  ],
};

describe.each(ENGINES)("the guards of the ledger on $name", ({ name, isMissing, open }) => {
  const run = it.skipIf(isMissing);

  async function begin() {
    const store = await open();
    const clock = testClock();
    await beginLedger(store.engine, clock.now());
    const writer = createWriter(store.engine);
    return {
      engine: store.engine,
      restore: () => restoreGuards({ engine: store.engine, writer, clock }),
      async [Symbol.asyncDispose]() {
        await writer.close();
        await store[Symbol.asyncDispose]();
      },
    };
  }
  const exec = async (engine: Awaited<ReturnType<typeof begin>>["engine"], text: string) =>
    sql.raw(text).execute(engine.writer);

  run("stand after the first start, and refuse every change", async () => {
    await using house = await begin();
    expect(await house.restore()).toEqual([]);
    expect((await readHead(house.engine.reader)).size).toBe(1);
    const changes = ["update ledger set entry = ''", "delete from ledger"];
    if (name === "postgres") changes.push("truncate ledger cascade");
    for (const change of changes) await expect(exec(house.engine, change), change).rejects.toThrow("append-only");
  });

  it.skipIf(isMissing).each(ATTACKS[name] ?? [])(
    "are made again after $statements, and the ledger says so",
    async ({ statements, hits }) => {
      await using house = await begin();
      for (const statement of statements) await exec(house.engine, statement);
      expect(await house.restore()).toEqual(hits);
      expect(await house.restore()).toEqual([]);
      for (const change of ["update ledger set entry = ''", "delete from ledger"])
        await expect(exec(house.engine, change), change).rejects.toThrow("append-only");
      const [, entry] = await readEntries(house.engine.reader, 0, 10);
      expect(JSON.parse(entry?.entry ?? "")).toMatchObject({ type: "guards_restored", guards: hits });
      expect(await verifyRows(house.engine)).toEqual([]);
    },
  );
});
