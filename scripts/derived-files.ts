import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemas } from "../packages/contract/src/json-schemas.ts";
import { openApiDocument } from "../packages/contract/src/openapi/document.ts";
import { apiTable } from "./api-table.ts";
import { configTable } from "./config-table.ts";

const ROOT = join(import.meta.dirname, "..");
const CONFIGURATION = "docs/configuration.md";
const API = "docs/api.md";
const BEGIN = "<!-- table: npm run docs -->";
const END = "<!-- end of table -->";

/** Path below the root → text, for every file that is made from the schemas and the operations of the contract. */
export function derivedFiles(): Map<string, string> {
  const schemas = jsonSchemas();
  const files = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    files.set(`packages/contract/schemas/${name}.json`, `${JSON.stringify(schema, null, 2)}\n`);
  }
  files.set("packages/contract/schemas/openapi.json", `${JSON.stringify(openApiDocument(), null, 2)}\n`);
  files.set(CONFIGURATION, withTable(CONFIGURATION, configTable(schemas["config"])));
  files.set(API, withTable(API, apiTable()));
  return files;
}

/** The page is written by hand around its one table. */
function withTable(path: string, table: string): string {
  const page = readFileSync(join(ROOT, path), "utf8");
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`${path} has lost the marks of its table`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}
