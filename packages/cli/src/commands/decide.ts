import { Decision, PrunellaError, shownTarget, type Decided } from "@prunella/contract";
import { connect } from "../client.ts";
import { asStarted, commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { nearest } from "../nearest.ts";
import { print, printJson } from "../print.ts";
import { plain, yellow } from "../terminal/text.ts";

/** The decision stands, and the gate refused what it asked for. */
const REFUSED_EXIT = 3;

/** Says what the gate ruled, not what was asked of it. */
export async function decide(common: Common, id: string, typed: string): Promise<void> {
  const decision = decisionOf(typed, id);
  const decided = await connect(common)("decide_escalation", { id, decision });
  if (decided.verdict === "refused") process.exitCode = REFUSED_EXIT;
  if (common.json) return printJson(decided);
  print(words(decided, common));
}

/** A slip of the pen is told before anything is asked. */
const USUAL: readonly string[] = ["restart_once", "leave_stopped", "try_again", "set_aside"];

/** `restart-once` as well; what the question offers the server knows. */
function decisionOf(typed: string, id: string): Decision {
  const decision = typed.trim().toLowerCase().replaceAll("-", "_");
  const meant = USUAL.includes(decision) ? null : nearest(decision, USUAL);
  if (Decision.safeParse(decision).success && meant === null) return decision;
  throw new PrunellaError("PRUNELLA_USAGE", {
    detail: `${plain(typed)} is not a decision, such as restart_once or leave_stopped.`,
    hint:
      meant === null
        ? "The answers to a question stand below it: prunella escalations"
        : `Did you mean \`prunella decide ${plain(id)} ${meant}\`?`,
  });
}

function words({ verdict, refusal, detail, change_with, escalation }: Decided, common: Common): string {
  const target = plain(shownTarget(escalation.target));
  const choice = escalation.options.find(({ name }) => name === escalation.decision);
  const verb = escalation.asker.replaceAll("_", " ");
  switch (verdict) {
    case "permitted":
      return `Decided: ${target} ${choice?.done ?? "is acted on"}. See \`${commandLine(common, "attempts")}\`.`;
    case "pending":
      return `Decided: the gate was asked to ${verb} ${target} once more, and has not answered yet. See \`${commandLine(common, "attempts")}\`.`;
    case "refused":
      return [
        `Decided, but the gate refused to ${verb} ${target}: ${yellow(refusal ?? "refused")}.`,
        ...(detail === null ? [] : [`  because      ${plain(detail)}`]),
        ...(change_with === null ? [] : [`  change with  ${asStarted(common, plain(change_with))}`]),
      ].join("\n");
    case "none":
      return `Decided: ${target} ${choice?.done ?? "is left as it is"}.`;
  }
}
