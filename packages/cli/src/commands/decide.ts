import { Decision, PrunellaError, shownTarget, type Decided, type EscalationHold } from "@prunella/contract";
import { connect } from "../client.ts";
import { asStarted, commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { durationOf } from "../duration.ts";
import { nearest } from "@prunella/contract/nearest";
import { print, printJson } from "../print.ts";
import { plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

/** The decision stands, and the gate refused what it asked for. */
const REFUSED_EXIT = 3;

/** What answers nothing: seen, later, I see to it. */
const HOLDS = new Map<string, EscalationHold>([
  ["ack", "acked"],
  ["snooze", "snoozed"],
  ["take_over", "taken_over"],
]);

interface DecideOptions {
  readonly reason?: string;
  readonly for?: string;
}

/** Says what the gate ruled, not what was asked of it. */
export async function decide(common: Common, id: string, typed: string, options: DecideOptions = {}): Promise<void> {
  const held = HOLDS.get(typed.trim().toLowerCase().replaceAll("-", "_"));
  if (held !== undefined) return hold(common, id, held, options);
  const decision = decisionOf(typed, id);
  const decided = await connect(common)("decide_escalation", {
    id,
    decision,
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.for === undefined ? {} : { for_ms: durationOf("--for", options.for) }),
  });
  if (decided.verdict === "refused") process.exitCode = REFUSED_EXIT;
  if (common.json) return printJson(decided);
  print(words(decided, common));
}

async function hold(common: Common, id: string, how: EscalationHold, options: DecideOptions): Promise<void> {
  if (options.reason !== undefined)
    throw new PrunellaError("PRUNELLA_USAGE", { detail: "--reason belongs to an answer." });
  const forMs = options.for === undefined ? undefined : durationOf("--for", options.for);
  const held = await connect(common)("hold_escalation", {
    id,
    hold: how,
    ...(forMs === undefined ? {} : { for_ms: forMs }),
  });
  if (common.json) return printJson(held);
  const until = relative(held.held_until ?? 0, Date.now());
  const said = { acked: "Seen", snoozed: "Put off", taken_over: "Yours" }[how];
  print(
    `${said}: the question about ${plain(shownTarget(held.target))} stays open, and everybody is told again ${until} unless somebody decides before.`,
  );
}

/** A slip of the pen is told before anything is asked. */
const USUAL: readonly string[] = [
  "restart_once",
  "leave_stopped",
  "try_again",
  "set_aside",
  "ack",
  "snooze",
  "take_over",
];

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
