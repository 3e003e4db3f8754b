import { describe, expect, it } from "vitest";
import { read, trackedFiles } from "./files.ts";

const MIGRATIONS = "packages/kernel/src/store/migrations/";

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
}

/** As the migrations write them: `create table name (column type …, primary key (…))`. */
const tablesOf = (text: string): Table[] =>
  [...text.matchAll(/create table (\w+) \(([^`]*?)\)`/g)].map(([, name = "", body = ""]) => ({
    name,
    columns: [...body.matchAll(/(?:^|,|\()\s*(\w+) (?:text|bigint|integer|real|blob|bytea|double)\b/g)].map(
      ([, column = ""]) => column,
    ),
    key: [
      ...(/primary key \(([^)]*)\)/.exec(body)?.[1]?.split(", ") ?? []),
      ...[...body.matchAll(/(\w+) \w+ primary key/g)].map(([, column = ""]) => column),
    ],
  }));

/** Columns that `code` names nowhere but as the key of a value that is written. */
const unread = (tables: readonly Table[], code: string): string[] =>
  tables.flatMap(({ name, columns, key }) =>
    columns
      .filter((column) => !key.includes(column) && !new RegExp(`\\b${column}\\b(?!\\??: )`).test(code))
      .map((column) => `${name}.${column}`),
  );

describe("the columns of the tables", () => {
  it("are each read by somebody", () => {
    const tables = trackedFiles()
      .filter((path) => path.startsWith(MIGRATIONS))
      .flatMap((path) => tablesOf(read(path)));
    expect(tables.flatMap(({ columns }) => columns).length).toBeGreaterThan(300);
    const code = trackedFiles()
      .filter((path) => /^packages\/(?:kernel|server)\/src\/.*\.ts$/.test(path))
      .filter((path) => !/\.test\.ts$|-fixture\.ts$|tables\.ts$/.test(path) && !path.startsWith(MIGRATIONS))
      .map((path) => read(path).replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""))
      .join("\n");
    expect(unread(tables, code)).toEqual([]);
  });

  it("would be told", () => {
    const tables = tablesOf("sql`create table lamp (lamp_id text primary key, is_on bigint not null, said_by text)`");
    expect(unread(tables, "insert({ lamp_id: a, is_on: 1, said_by: b }); if (row.is_on === 1) go();")).toEqual([
      "lamp.said_by",
    ]);
  });
});
