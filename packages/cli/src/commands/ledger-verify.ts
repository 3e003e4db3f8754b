import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { PrunellaError, type LedgerReport } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson, progress } from "../print.ts";
import { bold, dim, green, plain, red } from "../terminal/text.ts";

export interface VerifyOptions {
  readonly folder?: string;
  readonly vkey?: string;
}

/** Ends with exit code 1 when the ledger does not verify. */
export async function verify(common: Common, options: VerifyOptions): Promise<void> {
  const report =
    options.folder === undefined ? await atServer(common, options) : await offline(options.folder, options.vkey);
  const isSound = report.ok === true;
  if (!isSound) process.exitCode = 1;
  if (common.json) return printJson(report);
  print(isSound ? `${green("The ledger verifies.")}` : red("The ledger does not verify."));
  print(`  size     ${report.size} entries`);
  print(`  root     ${report.root}`);
  print(`  checked  ${report.checked_entries} entries, ${report.checked_tiles} tiles, signature, laws`);
  const problems = report.problems;
  if (problems.length > 0) print(`\n${bold("Problems")}`);
  for (const problem of problems) {
    const index = problem.index;
    print(`  ${plain(problem.what)}${index === null ? "" : dim(` (entry ${index})`)}`);
  }
}

async function atServer(common: Common, { vkey }: VerifyOptions): Promise<LedgerReport> {
  if (vkey !== undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--vkey goes with --folder; a running server checks with its own key.",
    });
  progress("verifying…");
  const report = await connect(common)("verify_ledger").finally(() => progress(null));
  return report;
}

async function offline(folder: string, vkey: string | undefined): Promise<LedgerReport> {
  if (vkey === undefined) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--folder needs --vkey: a ledger is checked against a key that you already trust.",
      hint: "The key stands in `ledger/vkey` of the server's data folder and at /ledger/vkey.",
    });
  }
  if (!existsSync(folder))
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `There is no folder ${resolve(folder)}.` });
  const key = existsSync(vkey) ? readFileSync(vkey, "utf8").trim() : vkey.trim();
  const { verifyLedger } = await import("@prunella/kernel");
  const { openTileFolder } = await import("@prunella/server/platform");
  const report = await verifyLedger({
    reader: openTileFolder(folder),
    vkey: key,
    onProgress: ({ checked_entries, size }) => progress(`checked ${checked_entries} of ${size} entries`),
  });
  progress(null);
  return report;
}
