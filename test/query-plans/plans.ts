import type { Engine } from "@prunella/kernel";
import { CompiledQuery, sql } from "kysely";

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** The statements among these that read a whole table of `growing`, each once, with what the engine says of it. */
export async function fullScans(
  engine: Engine,
  statements: readonly Statement[],
  growing: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  const seen = new Set<string>();
  for (const statement of statements) {
    if (seen.has(statement.sql) || !/^\s*(?:select|insert|update|delete|with)\b/i.test(statement.sql)) continue;
    seen.add(statement.sql);
    const scans =
      engine.kind === "sqlite" ? await sqliteScans(engine, statement) : await postgresScans(engine, statement);
    for (const { table, what } of scans)
      if (growing.includes(table)) found.add(`${what} in ${statement.sql.replaceAll(/\s+/g, " ").slice(0, 200)}`);
  }
  return [...found];
}

/** How the engine walks for a statement: one line an index, with what bounds the walk. */
export async function walkOf(engine: Engine, { sql: text, parameters }: Statement): Promise<string[]> {
  if (engine.kind === "sqlite") {
    const { rows } = await engine.writer.executeQuery<{ detail: string }>(
      CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
    );
    return rows.map((row) => row.detail);
  }
  return engine.reader.connection().execute(async (db) => {
    await sql`begin`.execute(db);
    try {
      await sql`set local enable_seqscan = off`.execute(db);
      await sql`set local enable_bitmapscan = off`.execute(db);
      const { rows } = await db.executeQuery<{ "QUERY PLAN": string }>(
        CompiledQuery.raw(`explain ${text}`, [...parameters]),
      );
      const lines = rows.map((row) => row["QUERY PLAN"]);
      return lines.flatMap((line, at) =>
        /Index (?:Only )?Scan/.test(line) ? [`${line} ${lines[at + 1]?.trim() ?? ""}`] : [],
      );
    } finally {
      await sql`rollback`.execute(db);
    }
  });
}

interface Scan {
  readonly table: string;
  readonly what: string;
}

/**
 * `SCAN t` reads all of it, through an index as well; a page that follows an index in order and stops at
 * its limit is none.
 */
async function sqliteScans(engine: Engine, { sql: text, parameters }: Statement): Promise<Scan[]> {
  const { rows } = await engine.writer.executeQuery<{ detail: string }>(
    CompiledQuery.raw(`explain query plan ${text}`, [...parameters]),
  );
  const plan = rows.map((row) => row.detail);
  const isPage = /\blimit\b/i.test(text) && !plan.some((line) => line.includes("TEMP B-TREE FOR ORDER BY"));
  // An exact count reads the index of what it counts, and nothing else: the tabs of the Inbox show one.
  const isCount = /^\s*select [^(]*count\(\*\)/i.test(text);
  return plan.flatMap((line) => {
    // A whole project is as good as everything: most installations have one.
    const [, ofProject] = /^SEARCH (\w+) USING (?:COVERING )?INDEX \w+ \(project_id=\?\)$/.exec(line) ?? [];
    if (ofProject !== undefined && !isPage && !isCount) return [{ table: ofProject, what: line }];
    const [, table = "", index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
    if (table === "" || (index !== undefined && (isPage || isCount))) return [];
    return [{ table, what: line }];
  });
}

/** With sequential scans made dear, the planner shows one only where no index serves. */
async function postgresScans(engine: Engine, { sql: text, parameters }: Statement): Promise<Scan[]> {
  return engine.reader.connection().execute(async (db) => {
    await sql`begin`.execute(db);
    try {
      await sql`set local enable_seqscan = off`.execute(db);
      const { rows } = await db.executeQuery<{ "QUERY PLAN": string }>(
        CompiledQuery.raw(`explain ${text}`, [...parameters]),
      );
      return rows.flatMap((row) => {
        const [what, table = ""] = /Seq Scan on (\w+)/.exec(row["QUERY PLAN"]) ?? [];
        return what === undefined ? [] : [{ table, what }];
      });
    } finally {
      await sql`rollback`.execute(db);
    }
  });
}
