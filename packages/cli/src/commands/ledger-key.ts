import { PrunellaError } from "@prunella/contract";
import { exportLedgerKey, importLedgerKey } from "@prunella/server";
import { commandLine, quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { bold } from "../terminal/text.ts";

/** Neither needs a server: both work on the data folder, which no server may own during an import. */
export async function importKey(common: Common, file: string): Promise<void> {
  const key = await importLedgerKey(folderOf(common), file);
  if (common.json) return printJson(key);
  print(`Imported ${bold(key.name)} to ${key.path}.`);
  if (key.former !== null) print(`The key that was there, and had signed nothing, is kept in ${key.former}.`);
  print(`Start the server with the address of the database as --database-url: ${commandLine(common, "up --help")}`);
}

export function exportKey(common: Common, file: string): void {
  const key = exportLedgerKey(folderOf(common), file);
  if (common.json) return printJson(key);
  print(`Copied ${bold(key.name)} to ${key.path}. Who has it can sign in the ledger's name.`);
  print(`Where the other server will run, with its folder as --data: prunella ledger key import ${quoted(file)}`);
}

function folderOf({ data, url }: Common): string {
  if (url === undefined) return data;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: "A key stands in a data folder, not behind an address.",
    hint: "Name the folder with --data instead of --url.",
  });
}
