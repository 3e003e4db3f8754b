import { writeFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { connect } from "../../client.ts";
import { commandLine } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print, printJson } from "../../print.ts";
import { plain } from "../../terminal/text.ts";
import { agrees, isTerminal } from "./words.ts";

interface RemoveOptions {
  readonly from?: string;
  readonly state?: string;
  readonly yes?: true;
}

/** What it kept goes with it, so it is written to a file first where that is asked for. */
export async function removePlugin(common: Common, name: string, { from, state, yes }: RemoveOptions): Promise<void> {
  const call = connect(common);
  const of = { name, ...(from === undefined ? {} : { from }) };
  if (yes !== true) {
    if (!isTerminal())
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: "Its trust and what it kept go with it.",
        hint: `Say so: ${commandLine(common, `plugin remove ${plain(name)} --yes`)}`,
      });
    if (!(await agrees(`Remove ${plain(name)}, its trust and what it kept?`)))
      throw new PrunellaError("PRUNELLA_USAGE", { detail: "Nothing was removed." });
  }
  if (state !== undefined) {
    const kept = await call("export_plugin_state", of);
    try {
      writeFileSync(state, `${JSON.stringify(kept, null, 2)}\n`, { flag: "wx", mode: 0o600 });
    } catch (cause) {
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: `${plain(state)} cannot be written, so nothing was removed.`,
        hint: "Name a file that is not there yet.",
        cause,
      });
    }
  }
  const removed = await call("remove_plugin", of);
  if (common.json) return printJson(removed);
  const kept = removed.state.length;
  print(
    `${removed.name} is removed${kept === 0 ? "" : ` with ${kept} ${kept === 1 ? "key" : "keys"} that it kept`}. The ledger keeps what it did.`,
  );
}
