import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

/** Takes a merged fault out again; it has exactly its own events then. */
export async function unmerge(common: Common, id: string): Promise<void> {
  const call = connect(common);
  const into = (await call("get_fault", { id })).fault.merged_into ?? "";
  const detail = await call("unmerge_fault", { id });
  if (common.json) return printJson(detail);
  const { fault } = detail;
  print(
    `${shortId(fault.id)} stands by itself again, seen ${fault.count} times: ${plain(fault.title)}\nUndo: ${commandLine(common, `merge ${shortId(into)} ${shortId(fault.id)}`)}`,
  );
}
