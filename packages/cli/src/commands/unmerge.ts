import { connect, dataFlag } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, number, text } from "../read.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

/** Takes a merged fault out again; it has exactly its own events then. */
export async function unmerge(common: Common, id: string): Promise<void> {
  const client = connect(common);
  const path = `/v1/faults/${encodeURIComponent(id)}`;
  const into = text(field(await client.get(path), "fault"), "merged_into");
  const detail = await client.post(`${path}/unmerge`);
  if (common.json) return printJson(detail);
  const fault = field(detail, "fault");
  print(
    `${shortId(text(fault, "id"))} stands by itself again, seen ${number(fault, "count")} times: ${plain(text(fault, "title"))}\nUndo: prunella merge ${shortId(into)} ${shortId(text(fault, "id"))}${dataFlag(common.data)}`,
  );
}
