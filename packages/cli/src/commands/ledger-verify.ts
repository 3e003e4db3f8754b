import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PrunellaError, type LedgerReport } from "@prunella/contract";
import type { Kept } from "@prunella/kernel";
import { connect } from "../client.ts";
import { commandLine, quoted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson, progress } from "../print.ts";
import { bold, dim, green, plain, red } from "../terminal/text.ts";

export interface VerifyOptions {
  readonly folder?: string;
  readonly vkey?: string;
  readonly checkpoint?: string;
  readonly witness?: readonly string[];
}

/** Ends with exit code 1 when the ledger does not verify. */
export async function verify(common: Common, options: VerifyOptions): Promise<void> {
  const kept = options.checkpoint === undefined ? [] : await readKept(options.checkpoint);
  const report =
    options.folder === undefined
      ? await atServer(common, options, kept)
      : await offline(options.folder, options.vkey, options.witness ?? [], kept);
  const isSound = report.ok === true;
  const witnesses = options.witness?.length ?? 0;
  if (!isSound) process.exitCode = 1;
  if (common.json) return printJson(report);
  print(isSound ? `${green("The ledger verifies.")}` : red("The ledger does not verify."));
  print(`  size     ${report.size} entries`);
  print(`  root     ${report.root}`);
  print(`  checked  ${report.checked_entries} entries, ${report.checked_tiles} tiles, signature, laws`);
  if (kept.length > 0) print(`  kept     ${kept.length === 1 ? "1 checkpoint" : `${kept.length} checkpoints`}`);
  if (isSound && witnesses > 0) print(`  cosigned by ${witnesses === 1 ? "1 witness" : `${witnesses} witnesses`}`);
  const problems = report.problems;
  if (problems.length > 0) print(`\n${bold("Problems")}`);
  for (const problem of problems) {
    const index = problem.index;
    print(`  ${plain(problem.what)}${index === null ? "" : dim(` (entry ${index})`)}`);
  }
  if (kept.length === 0 && witnesses === 0 && isSound)
    print(
      dim(
        `  Its own key vouches for that, and whoever has the data folder has the key. What to keep elsewhere:\n  ${commandLine(common, "ledger checkpoint")}`,
      ),
    );
}

/** A folder that nobody serves can be verified all the same, which is what somebody with a copy wants. */
function connectOrSay(common: Common): ReturnType<typeof connect> {
  try {
    return connect(common);
  } catch (error) {
    const isServed = !(error instanceof PrunellaError) || error.code !== "PRUNELLA_SERVER_NOT_FOUND";
    if (isServed || common.url !== undefined || !existsSync(join(common.data, "ledger"))) throw error;
    throw new PrunellaError("PRUNELLA_SERVER_NOT_FOUND", {
      ...(error.detail === null ? {} : { detail: error.detail }),
      hint: `Without a server: \`${commandLine(common, `ledger verify --folder ${quoted(common.data)}`)}\`.`,
      cause: error,
    });
  }
}

async function atServer(
  common: Common,
  { vkey, witness }: VerifyOptions,
  kept: readonly Kept[],
): Promise<LedgerReport> {
  if (witness !== undefined)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--witness goes with --folder; a running server checks the witnesses of its configuration.",
    });
  progress("verifying…");
  const call = connectOrSay(common);
  const report = await call("verify_ledger").finally(() => progress(null));
  if (vkey === undefined && kept.length === 0) return report;
  const { checkKept, openCheckpoint, parseVkey, treeOf } = await import("@prunella/kernel");
  const problems = [...report.problems];
  const pinned = vkey === undefined ? null : textOf(vkey);
  // The server's own word would not do: what it sends is proved here.
  for (const one of kept.length === 0 ? [null] : kept) {
    const given = await call("get_checkpoint", one === null ? {} : { from: treeOf(one).size });
    if (pinned !== null && given.vkey !== pinned) {
      problems.push({ what: "The server's verifier key is not the one that was asked for.", index: null });
      break;
    }
    const verifier = parseVkey(given.vkey);
    const current = openCheckpoint(Buffer.from(given.note), verifier);
    const proof = given.proof.map((hash) => Buffer.from(hash, "base64"));
    const what = one === null ? null : checkKept(one, verifier, { ...current, proof });
    if (what !== null) problems.push({ what, index: null });
  }
  return { ...report, ok: problems.length === 0, problems: problems.slice(0, 100) };
}

async function offline(
  given: string,
  vkey: string | undefined,
  witnesses: readonly string[],
  kept: readonly Kept[],
): Promise<LedgerReport> {
  if (vkey === undefined) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "--folder needs --vkey: a ledger is checked against a key that you already trust.",
      hint: "The key stands in `ledger/vkey` of the server's data folder and at /ledger/vkey.",
    });
  }
  if (!existsSync(given))
    throw new PrunellaError("PRUNELLA_USAGE", { detail: `There is no folder ${resolve(given)}.` });
  const folder = existsSync(join(given, "ledger", "checkpoint")) ? join(given, "ledger") : given;
  const { verifyLedger } = await import("@prunella/kernel");
  const { openTileFolder } = await import("@prunella/server/platform");
  const report = await verifyLedger({
    reader: openTileFolder(folder),
    vkey: textOf(vkey),
    kept,
    witnesses: witnesses.map(textOf),
    demandsWitnesses: true,
    onProgress: ({ checked_entries, size }) => progress(`checked ${checked_entries} of ${size} entries`),
  });
  progress(null);
  return report;
}

/** A line as it was printed, or a file of such lines. */
async function readKept(given: string): Promise<Kept[]> {
  const { parseKept } = await import("@prunella/kernel");
  const isFile = existsSync(given);
  try {
    return parseKept(isFile ? readFileSync(given, "utf8") : given);
  } catch (cause) {
    if (!(cause instanceof PrunellaError)) throw cause;
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: isFile
        ? `${resolve(given)}: ${cause.detail}`
        : `--checkpoint is neither a file nor a checkpoint in one line.`,
      hint: "Keep what `prunella ledger checkpoint` prints.",
      cause,
    });
  }
}

/** The text itself, or that of the file that it names. */
const textOf = (given: string): string => (existsSync(given) ? readFileSync(given, "utf8") : given).trim();
