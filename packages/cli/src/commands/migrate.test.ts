import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@prunella/contract";
import { checkMigrations, migrateDatabase } from "@prunella/server";
import { openPostgres, openSqlite } from "@prunella/server/platform";
import { describe, expect, inject, it } from "vitest";
import { sql } from "kysely";
import { createPostgresDatabase } from "../../../../test/engines.ts";

describe.each(["sqlite", "postgres"])("migrations on %s", (kind) => {
  const test = it.skipIf(kind === "postgres" && inject("postgresUrl") === null);

  test("are told before they are done, done once, and not told again", async () => {
    const dataFolder = join(mkdtempSync(join(tmpdir(), "prunella-migrate-")), "data");
    const url = kind === "postgres" ? await createPostgresDatabase() : null;
    const given = { config: Config.parse({ store: { url } }), dataFolder };
    const before = await checkMigrations(given);
    expect(before).toMatchObject({ is_new: true, done: [], unknown: [] });
    expect(before.pending.length).toBeGreaterThan(0);
    // Looking left nothing behind.
    expect(existsSync(dataFolder)).toBe(false);

    expect(await migrateDatabase(given)).toMatchObject({ pending: before.pending });
    const after = await checkMigrations(given);
    expect(after).toMatchObject({ is_new: false, done: before.pending, pending: [], unknown: [] });
    expect(await migrateDatabase(given)).toMatchObject({ pending: [] });

    const engine = url === null ? openSqlite(join(dataFolder, "prunella.db")) : await openPostgres(url);
    await sql`insert into kysely_migration (name, timestamp) values ('2999-01-01t0000-later', '')`.execute(
      engine.writer,
    );
    await engine.close();
    expect(await checkMigrations(given)).toMatchObject({ unknown: ["2999-01-01t0000-later"] });
    await expect(migrateDatabase(given)).rejects.toMatchObject({ code: "PRUNELLA_CONFLICT" });
    if (url !== null)
      expect((await checkMigrations(given)).database).not.toContain(new URL(url).password || "no password");
    rmSync(join(dataFolder, ".."), { recursive: true });
  });
});
