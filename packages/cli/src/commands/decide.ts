import { PrunellaError, type Decided, type Decision } from "@prunella/contract";
import { dataFlag } from "../address.ts";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { nearest } from "../nearest.ts";
import { print, printJson } from "../print.ts";
import { plain, yellow } from "../terminal/text.ts";

const DECISIONS: readonly Decision[] = ["restart_once", "leave_stopped"];
/** The decision stands, and the gate refused what it asked for. */
const REFUSED_EXIT = 3;

/** Says what the gate ruled, not what was asked of it. */
export async function decide(common: Common, id: string, typed: string): Promise<void> {
  const decision = decisionOf(typed, id);
  const decided = await connect(common)("decide_escalation", { id, decision });
  if (decided.verdict === "refused") process.exitCode = REFUSED_EXIT;
  if (common.json) return printJson(decided);
  print(words(decided, dataFlag(common.data)));
}

function decisionOf(typed: string, id: string): Decision {
  const wanted = typed.trim().toLowerCase().replaceAll("-", "_");
  const decision = DECISIONS.find((each) => each === wanted);
  if (decision !== undefined) return decision;
  const meant =
    nearest(wanted, DECISIONS) ?? DECISIONS.find((each) => each.startsWith(wanted) || each.endsWith(wanted));
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${plain(typed)} is not a decision; there are restart_once and leave_stopped.`,
    ...(meant === undefined ? {} : { hint: `Did you mean \`prunella decide ${plain(id)} ${meant}\`?` }),
  });
}

function words({ verdict, refusal, detail, change_with, escalation }: Decided, flag: string): string {
  const target = plain(escalation.target);
  switch (verdict) {
    case "permitted":
      return `Decided: ${target} is restarted once more. See \`prunella attempts${flag}\`.`;
    case "pending":
      return `Decided: the gate was asked to restart ${target} once more, and has not answered yet. See \`prunella attempts${flag}\`.`;
    case "refused":
      return [
        `Decided, but the gate refused to restart ${target}: ${yellow(refusal ?? "refused")}.`,
        ...(detail === null ? [] : [`  because      ${plain(detail)}`]),
        ...(change_with === null ? [] : [`  change with  ${plain(change_with)}`]),
      ].join("\n");
    case "none":
      return `Decided: ${target} stays stopped.`;
  }
}
