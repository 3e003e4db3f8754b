import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, text } from "../read.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

const UNDO = { resolve: "reopen", mute: "reopen", reopen: "resolve" } as const;

export async function changeFault(common: Common, id: string, action: keyof typeof UNDO): Promise<void> {
  const answer = await connect(common).post(`/v1/faults/${encodeURIComponent(id)}/${action}`);
  if (common.json) return printJson(answer);
  const fault = field(answer, "fault");
  print(
    `${shortId(text(fault, "id"))} is ${text(fault, "status")}: ${plain(text(fault, "title"))}\nUndo: prunella ${UNDO[action]} ${shortId(text(fault, "id"))}`,
  );
}
