import { readFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { backup as backUp, restore as restoreTo } from "@prunella/server";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson, progress } from "../print.ts";
import { bold, dim, plain } from "../terminal/text.ts";

interface BackupOptions {
  readonly passphraseFile?: string;
}

/** Shorter ones are guessed faster than scrypt is slow. */
const MIN_PASSPHRASE = 12;

export async function backup(common: Common, file: string, options: BackupOptions): Promise<void> {
  const passphrase = passphraseOf(options);
  const report = await backUp({
    dataFolder: folderOf(common),
    file,
    passphrase,
    onProgress: (share) => progress(`copying… ${Math.round(share * 100)} %`),
  }).finally(() => progress(null));
  if (common.json) return printJson(report);
  print(`Backed up to ${bold(plain(report.file))}: ${(report.bytes / 1_048_576).toFixed(1)} MB, read back and sound.`);
  print(`  ledger  ${report.ledger_size} entries, root ${report.root}`);
  print(
    passphrase === null
      ? "  The ledger's signing key is in it: keep it as you keep the data folder. `--passphrase-file` encrypts it."
      : dim("  Encrypted: without its passphrase it is worth nothing."),
  );
}

export async function restore(common: Common, file: string, options: BackupOptions): Promise<void> {
  const report = await restoreTo({ file, dataFolder: folderOf(common), passphrase: passphraseOf(options) });
  if (common.json) return printJson(report);
  print(`Restored to ${bold(plain(report.data))}: ${report.ledger_size} ledger entries, root ${report.root}.`);
  print(`Start it: ${commandLine(common, "up")}`);
  print(
    dim(
      `What came after the backup is gone. A checkpoint kept elsewhere says whether there was any: ${commandLine(common, "ledger verify --checkpoint kept.txt")}`,
    ),
  );
}

function passphraseOf({ passphraseFile }: BackupOptions): string | null {
  if (passphraseFile === undefined) return null;
  let text: string;
  try {
    text = readFileSync(passphraseFile, "utf8").replace(/\r?\n$/, "");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `The passphrase file ${plain(passphraseFile)} cannot be read.`,
      cause,
    });
  }
  if (text.length >= MIN_PASSPHRASE) return text;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `The passphrase has ${text.length} characters; at least ${MIN_PASSPHRASE} are needed.`,
  });
}

function folderOf({ data, url }: Common): string {
  if (url === undefined) return data;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: "A backup is made of a data folder, not of an address.",
    hint: "Run it where the server's data folder is, with --data.",
  });
}
