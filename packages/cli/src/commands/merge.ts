import type { FaultDetail } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

/** Says that faults are one: the others go into the first. One that cannot stops the rest and names what is done. */
export async function merge(common: Common, into: string, others: readonly string[]): Promise<void> {
  const call = connect(common);
  let detail: FaultDetail | null = null;
  const undo: string[] = [];
  try {
    for (const other of others) {
      const fault = (await call("get_fault", { id: other })).fault.id;
      detail = await call("merge_faults", { id: into, fault });
      undo.push(commandLine(common, `unmerge ${shortId(fault)}`));
    }
  } finally {
    // Also when a later one failed: what was merged stays merged until somebody takes it out.
    if (detail !== null) tell(common, detail, undo);
  }
}

function tell(common: Common, detail: FaultDetail, undo: readonly string[]): void {
  if (common.json) return printJson(detail);
  const { fault, merged } = detail;
  print(
    `${shortId(fault.id)} takes in ${undo.length} more, ${merged.length} in all: ${plain(fault.title)}\nSeen ${fault.count} times together.\nUndo: ${undo.join("\n      ")}`,
  );
}
