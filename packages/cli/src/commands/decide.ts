import { PrunellaError } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { nearest } from "../nearest.ts";
import { print, printJson } from "../print.ts";
import { field, text } from "../read.ts";
import { plain } from "../terminal/text.ts";

const DECISIONS = ["restart_once", "leave_stopped"];

export async function decide(common: Common, id: string, typed: string): Promise<void> {
  const decision = typed.trim().toLowerCase().replaceAll("-", "_");
  if (!DECISIONS.includes(decision)) {
    const meant =
      nearest(decision, DECISIONS) ?? DECISIONS.find((each) => each.startsWith(decision) || each.endsWith(decision));
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${plain(typed)} is not a decision; there are restart_once and leave_stopped.`,
      ...(meant === undefined || meant === null
        ? {}
        : { hint: `Did you mean \`prunella decide ${plain(id)} ${meant}\`?` }),
    });
  }
  const answer = await connect(common).post(`/v1/escalations/${encodeURIComponent(id)}/decide`, { decision });
  if (common.json) return printJson(answer);
  const target = plain(text(field(answer, "escalation"), "target"));
  print(
    decision === "restart_once"
      ? `Decided: ${target} is restarted once more. See \`prunella attempts\`.`
      : `Decided: ${target} stays stopped.`,
  );
}
