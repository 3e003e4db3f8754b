import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";

export async function kill(common: Common, on: boolean): Promise<void> {
  const state = await connect(common)(on ? "kill" : "unkill");
  if (common.json) return printJson(state);
  print(
    on
      ? `The kill switch is on: nothing acts, and granted permits are void. Programs that run go on. Undo: ${commandLine(common, "unkill")}`
      : "The kill switch is off: what was refused or taken back because of it is judged again.",
  );
}
