import { connect, dataFlag } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, list, number, text } from "../read.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

/** Says that faults are one: the others go into the first. One that cannot stops the rest and names what is done. */
export async function merge(common: Common, into: string, others: readonly string[]): Promise<void> {
  const client = connect(common);
  let detail: unknown = null;
  const undo: string[] = [];
  try {
    for (const other of others) {
      const { fault } = wholeIds(await client.get(`/v1/faults/${encodeURIComponent(other)}`));
      detail = await client.post(`/v1/faults/${encodeURIComponent(into)}/merge`, { fault });
      undo.push(`prunella unmerge ${shortId(fault)}${dataFlag(common.data)}`);
    }
  } finally {
    // Also when a later one failed: what was merged stays merged until somebody takes it out.
    if (detail !== null) tell(common, detail, undo);
  }
}

const wholeIds = (detail: unknown) => ({ fault: text(field(detail, "fault"), "id") });

function tell(common: Common, detail: unknown, undo: readonly string[]): void {
  if (common.json) return printJson(detail);
  const fault = field(detail, "fault");
  const members = list(detail, "merged").length;
  print(
    `${shortId(text(fault, "id"))} takes in ${undo.length} more, ${members} in all: ${plain(text(fault, "title"))}\nSeen ${number(fault, "count")} times together.\nUndo: ${undo.join("\n      ")}`,
  );
}
