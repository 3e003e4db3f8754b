import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isObject, readObject, writeWhole } from "./files.ts";
import { type Environment, homeOf, programsFolder } from "./places.ts";
import { type Program, toProgram } from "./program.ts";

/** What `prunella crash` and `prunella telemetry` need to know of a program that captured something once. */
export function recordProgram(program: Program, env: Environment): void {
  const { app, endpoint, issuesUrl, mode, airGap } = program;
  const record = { app, endpoint, issues_url: issuesUrl, mode, air_gap: airGap, home: homeOf(program, env) };
  const path = recordFile(app, env);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  const there = readObject(path);
  if (isObject(there) && `${JSON.stringify(there, null, 2)}\n` === text) return;
  writeWhole(path, text);
}

/** Every recorded program; a record that cannot be understood is passed over. */
export function recordedPrograms(env: Environment): Program[] {
  return names(env).flatMap((app) => {
    const record = readObject(recordFile(app, env));
    if (!isObject(record) || record["app"] !== app) return [];
    const text = (name: string): string | undefined => {
      const value = record[name];
      return typeof value === "string" ? value : undefined;
    };
    const [endpoint, issuesUrl, home] = [text("endpoint"), text("issues_url"), text("home")];
    const program = toProgram({
      app,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(issuesUrl === undefined ? {} : { issuesUrl }),
      ...(home === undefined ? {} : { home }),
      mode: record["mode"] === "auto" ? "auto" : "ask",
      airGap: record["air_gap"] !== false,
    });
    return program ?? [];
  });
}

const recordFile = (app: string, env: Environment): string => join(programsFolder(env), app, "program.json");

function names(env: Environment): string[] {
  try {
    return readdirSync(programsFolder(env)).sort();
  } catch {
    return [];
  }
}
