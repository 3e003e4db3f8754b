import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { migrate, type Engine } from "@prunella/kernel";
import { openPostgres, openSqlite, type OnQuery } from "@prunella/server/platform";

export interface EngineFixture {
  readonly name: string;
  readonly isMissing: boolean;
  /** A fresh, migrated, empty database; `again` opens it a second time, as another process would. Disposing closes and removes it. */
  open(onQuery?: OnQuery): Promise<{ engine: Engine; again(): Promise<Engine> } & AsyncDisposable>;
}

/** Both engines, for `describe.each`: every store test runs on each of them. */
export const ENGINES: readonly EngineFixture[] = [
  {
    name: "sqlite",
    isMissing: false,
    async open(onQuery) {
      const folder = mkdtempSync(join(tmpdir(), "prunella-store-"));
      const engine = openSqlite(join(folder, "prunella.db"), onQuery);
      await migrate(engine);
      const others: Engine[] = [];
      return {
        engine,
        async again() {
          const other = openSqlite(join(folder, "prunella.db"));
          others.push(other);
          return other;
        },
        async [Symbol.asyncDispose]() {
          for (const other of others) await other.close();
          await engine.close();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  },
  {
    name: "postgres",
    isMissing: inject("postgresUrl") === null,
    async open(onQuery) {
      const url = await createPostgresDatabase();
      const engine = await openPostgres(url, onQuery);
      await migrate(engine);
      const others: Engine[] = [];
      return {
        engine,
        async again() {
          const other = await openPostgres(url);
          others.push(other);
          return other;
        },
        async [Symbol.asyncDispose]() {
          for (const other of others) await other.close();
          await engine.close();
        },
      };
    },
  },
];

let databases = 0;

/** An empty database on the run's throw-away PostgreSQL. */
export async function createPostgresDatabase(): Promise<string> {
  const url = inject("postgresUrl");
  if (url === null) throw new Error("no PostgreSQL in this run");
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  await client.query(`create database ${name}`);
  await client.end();
  return url.replace(/\/postgres$/, `/${name}`);
}
