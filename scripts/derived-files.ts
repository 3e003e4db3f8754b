import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemas } from "../packages/contract/src/json-schemas.ts";
import { configTable } from "./config-table.ts";

const ROOT = join(import.meta.dirname, "..");
const CONFIGURATION = "docs/configuration.md";
const BEGIN = "<!-- table: npm run docs -->";
const END = "<!-- end of table -->";

/** Path below the root → text, for every file that is made from the schemas of the contract. */
export function derivedFiles(): Map<string, string> {
  const schemas = jsonSchemas();
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    files.set(`packages/contract/schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
  files.set(CONFIGURATION, withTable(readFileSync(join(ROOT, CONFIGURATION), "utf8"), configTable(schemas["config"])));
  return files;
}

/** The page is written by hand around its one table. */
function withTable(page: string, table: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${CONFIGURATION} has lost the marks of its table`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}
