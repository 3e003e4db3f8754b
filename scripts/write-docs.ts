/** Writes the files that are made from the schemas and the operations of the contract: `npm run docs`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { derivedFiles } from "./derived-files.ts";

for (const [path, text] of derivedFiles()) writeFileSync(join(import.meta.dirname, "..", path), text);
