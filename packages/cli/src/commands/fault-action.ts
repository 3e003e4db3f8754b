import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { plain } from "../terminal/text.ts";

const UNDO = { resolve: "reopen", mute: "reopen", reopen: "resolve" } as const;

export async function changeFault(common: Common, id: string, action: keyof typeof UNDO): Promise<void> {
  const answer = await connect(common)(`${action}_fault`, { id });
  if (common.json) return printJson(answer);
  const fault = answer.fault;
  print(
    `${shortId(fault.id)} is ${fault.status}: ${plain(fault.title)}\nUndo: ${commandLine(common, `${UNDO[action]} ${shortId(fault.id)}`)}`,
  );
}
