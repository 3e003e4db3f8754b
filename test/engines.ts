import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
      sqliteTemplate ??= makeSqliteTemplate();
      writeFileSync(join(folder, "prunella.db"), await sqliteTemplate);
      const engine = openSqlite(join(folder, "prunella.db"), onQuery);
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
      postgresTemplate ??= makePostgresTemplate();
      const url = await createPostgresDatabase(await postgresTemplate);
      const engine = await openPostgres(url, onQuery);
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

// Migrations run once for each file of tests; every test then gets a copy of what they made.
let sqliteTemplate: Promise<Buffer> | undefined;
let postgresTemplate: Promise<string> | undefined;

async function makeSqliteTemplate(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "prunella-template-"));
  const engine = openSqlite(join(folder, "prunella.db"));
  await migrate(engine);
  // Into the one file that is copied.
  await engine.scrubFiles();
  await engine.close();
  const bytes = readFileSync(join(folder, "prunella.db"));
  rmSync(folder, { recursive: true, force: true });
  return bytes;
}

/** Its name; PostgreSQL copies it as long as nobody is connected to it. */
async function makePostgresTemplate(): Promise<string> {
  const url = await createPostgresDatabase();
  const engine = await openPostgres(url);
  await migrate(engine);
  await engine.close();
  return url.slice(url.lastIndexOf("/") + 1);
}

let databases = 0;

/** A database on the run's throw-away PostgreSQL: empty, or a copy of another. */
export async function createPostgresDatabase(template?: string): Promise<string> {
  const url = inject("postgresUrl");
  if (url === null) throw new Error("no PostgreSQL in this run");
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  databases += 1;
  const name = `test_${process.pid}_${databases}`;
  await client.query(`create database ${name}${template === undefined ? "" : ` template ${template}`}`);
  await client.end();
  return url.replace(/\/postgres$/, `/${name}`);
}
