import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  CompiledQuery,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Driver,
  type QueryResult,
} from "kysely";
import { migrate, type Engine, type Tables } from "@prunella/kernel";
import { openKernel, testClock } from "../kernel-fixture.ts";

export const START = Date.UTC(2026, 10, 21, 8);

export type Row = Record<string, unknown>;

/** How a statement reaches the database: at once, or when a schedule says so. */
export type Execute = (text: string, values: readonly unknown[]) => Promise<Row[] | number>;

/**
 * One database in memory for all seeds. The schema is made once; a seed runs inside one transaction
 * that is undone at its end, so statements stay prepared and nothing is ever committed. What a process
 * begins and commits are savepoints in there.
 */
export interface Store {
  /** Rows of what answers with rows, else how many rows were changed. */
  execute(text: string, values: readonly unknown[]): Row[] | number;
  read(text: string, ...values: SQLInputValue[]): Row[];
  /** How often something was committed. */
  commits(): number;
  begin(): void;
  commit(): void;
  rollback(): void;
  readonly isInUnit: boolean;
  /** As it stands now it can be again; nobody may be inside a unit then. */
  mark(): void;
  back(): void;
  /** Empty again. */
  reset(): void;
  close(): void;
}

export async function openStore(): Promise<Store> {
  const database = new DatabaseSync(":memory:");
  // Whatever a savepoint changes is kept by the page: small ones cost less.
  database.exec(
    "pragma page_size = 1024; pragma foreign_keys = on; pragma synchronous = off; pragma temp_store = memory",
  );
  const prepared = new Map<string, { statement: StatementSync; hasRows: boolean }>();
  let commits = 0;
  let isInUnit = false;

  function prepare(text: string) {
    let known = prepared.get(text);
    if (!known) {
      const statement = database.prepare(text.replaceAll(/\$(\d+)/g, "?$1"));
      known = { statement, hasRows: statement.columns().length > 0 };
      prepared.set(text, known);
    }
    return known;
  }

  const store: Store = {
    execute(text, values) {
      const { statement, hasRows } = prepare(text);
      const bound = values.map(toInput);
      return hasRows ? statement.all(...bound) : Number(statement.run(...bound).changes);
    },
    read: (text, ...values) => prepare(text).statement.all(...values),
    commits: () => commits,
    get isInUnit() {
      return isInUnit;
    },
    begin() {
      database.exec("savepoint whole_unit");
      isInUnit = true;
    },
    commit() {
      database.exec("release whole_unit");
      isInUnit = false;
      commits += 1;
    },
    rollback() {
      if (!isInUnit) return;
      database.exec("rollback to whole_unit; release whole_unit");
      isInUnit = false;
    },
    mark: () => database.exec("savepoint marked"),
    back: () => database.exec("rollback to marked"),
    reset() {
      isInUnit = false;
      database.exec("rollback; begin");
    },
    close: () => database.close(),
  };
  await fill(store);
  database.exec("begin");
  return store;
}

/** What every seed begins with: the schema, the genesis and one project. */
async function fill(store: Store): Promise<void> {
  const execute: Execute = async (text, values) => {
    if (text === "begin immediate") store.begin();
    else if (text === "commit") store.commit();
    else return store.execute(text, values);
    return 0;
  };
  const db = kyselyOver(execute);
  const engine: Engine = {
    kind: "sqlite",
    channel: null,
    writer: db,
    reader: db,
    turn: null,
    begin: async () => store.begin(),
    sync: null,
    nextTurn: async () => undefined,
    isRetryable: () => false,
    scrubFiles: async () => undefined,
    close: async () => undefined,
  };
  await migrate(engine);
  await (await openKernel(engine, testClock(START), undefined, 0)).close();
  store.execute("delete from lease", []);
  store.execute("delete from node", []);
}

/** Kysely over any way to the database. */
export function kyselyOver(execute: Execute): Kysely<Tables> {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const found = await execute(sql, parameters);
      if (typeof found === "number") return { rows: [], numAffectedRows: BigInt(found) };
      if (!areRows<R>(found)) throw new Error("a row has another shape than whoever asked for it says");
      return { rows: found };
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error("nothing in the kernel streams");
    },
  };
  const driver: Driver = {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: async () => undefined,
    commitTransaction: async () => undefined,
    rollbackTransaction: async () => undefined,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

/** What a row looks like is told by whoever wrote the statement. */
export const areRows = <R>(found: unknown[]): found is R[] => Array.isArray(found);

function toInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint")
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot be bound to a statement`);
}
