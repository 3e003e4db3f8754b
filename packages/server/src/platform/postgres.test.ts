import { sql } from "kysely";
import { describe, expect, inject, test } from "vitest";
import { createPostgresDatabase } from "../../../../test/engines.ts";
import { isConnectionLost } from "./postgres-errors.ts";
import { openPostgres } from "./postgres.ts";

test("a connection that is gone is told from a defect of ours", () => {
  const coded = (code: string) => Object.assign(new Error("words"), { code });
  for (const code of ["57P01", "57P03", "08006", "ECONNREFUSED"]) expect(isConnectionLost(coded(code))).toBe(true);
  expect(isConnectionLost(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isConnectionLost(new Error("outer", { cause: coded("57P01") }))).toBe(true);
  for (const other of [coded("23505"), coded("42P01"), new Error("TypeError"), null, "57P01"])
    expect(isConnectionLost(other)).toBe(false);
});

describe.skipIf(inject("postgresUrl") === null)("a PostgreSQL that ends its connections", () => {
  test("ends no server, not even in the middle of a transaction, and is used again when it is back", async () => {
    const engine = await openPostgres(await createPostgresDatabase());
    const endAll = () =>
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(
        engine.reader,
      );
    const cut = engine.writer.connection().execute(async (db) => {
      await sql`begin`.execute(db);
      await endAll();
      // The end arrives while no statement is under way: nobody but the connection itself can hear of it.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await sql`select 1`.execute(db);
    });
    await expect(cut).rejects.toThrow();
    for (const side of [engine.writer, engine.reader])
      expect((await sql<{ one: number }>`select 1 as one`.execute(side)).rows).toEqual([{ one: 1 }]);
    await engine.close();
  });
});
