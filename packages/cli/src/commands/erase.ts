import { createInterface } from "node:readline/promises";
import { PrunellaError } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";

/** Deleting cannot be undone, so a person confirms it and a script says --yes. */
export async function erase(common: Common, id: string, options: { yes?: boolean }): Promise<void> {
  if (options.yes !== true) await confirm(id);
  const answer = await connect(common)("erase_fault", { id });
  if (common.json) return printJson(answer);
  print(
    `Erased ${shortId(answer.fault_id)}: bodies, counts and fingerprints of ${answer.events} events. The ledger says that it happened, and nothing of what it was.`,
  );
}

async function confirm(id: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: "Erasing cannot be undone.",
      hint: `Add --yes: prunella erase ${id} --yes`,
    });
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`Erase all that is kept of ${id}? This cannot be undone. Type yes: `);
  asking.close();
  if (answer.trim().toLowerCase() !== "yes")
    throw new PrunellaError("PRUNELLA_USAGE", { detail: "Nothing was erased." });
}
