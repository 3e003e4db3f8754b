import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { dim, green, plain, yellow } from "../terminal/text.ts";

export async function listEnvelopes(common: Common): Promise<void> {
  const { envelopes } = await connect(common)("list_envelopes");
  if (common.json) return printJson({ envelopes });
  if (envelopes.length === 0)
    return print("There are no envelopes. `envelopes:` in prunella.yaml says what may be fixed; each is off at first.");
  print(
    table(
      [{ title: "ENVELOPE" }, { title: "SWITCH" }, { title: "SET BY" }, { title: "ACTION" }, { title: "TARGETS" }],
      envelopes.flatMap((each) => {
        const head = [plain(each.probe), each.is_on ? green("on") : yellow("off"), each.set_by];
        if (each.observes_only) return [[...head, dim("none: it only observes"), ""]];
        return each.actions.map((action, at) => [
          ...(at === 0 ? head : ["", "", ""]),
          [action.name, ...action.aliases].join(", ") + (action.lacks === null ? "" : ` (${action.lacks})`),
          plain(action.targets.join(", ")),
        ]);
      }),
    ),
  );
  for (const { probe, is_on, observes_only, outside, enable_env } of envelopes) {
    if (outside.length > 0) print(`${probe}: outside of it stand ${outside.join(", ")}.`);
    if (is_on && observes_only)
      print(`${probe}: ${enable_env} is on and permits nothing, because no action is listed.`);
  }
}

export async function switchEnvelope(common: Common, probe: string, on: boolean): Promise<void> {
  const switched = await connect(common)("switch_envelope", { probe, on });
  if (common.json) return printJson(switched);
  const undo = commandLine(common, `envelopes ${switched.on ? "off" : "on"} ${switched.envelope}`);
  print(
    `The envelope ${switched.envelope} is ${switched.on ? "on" : "off: nothing in it acts any more"}. Undo: ${undo}`,
  );
}

export interface AutofixOptions {
  readonly reason: string;
  readonly project?: string;
  readonly session?: string;
}

/** The gate refused what was asked. */
const REFUSED_EXIT = 3;

export async function autofix(
  common: Common,
  asked: { readonly probe: string; readonly action: string; readonly target: string },
  options: AutofixOptions,
): Promise<void> {
  const result = await connect(common)("autofix", {
    ...asked,
    reason: options.reason,
    ...(options.project === undefined ? {} : { project: options.project }),
    ...(options.session === undefined ? {} : { caller_session_id: options.session }),
  });
  if (result.status !== "attempted") process.exitCode = result.status === "rejected" ? REFUSED_EXIT : 1;
  if (common.json) return printJson(result);
  if (result.status === "rejected") {
    const { message = "", enable_env: variable } = result.rejection_detail;
    print(`Refused: ${result.rejection_reason}. ${plain(message)}`);
    if (variable !== undefined) print(`What would change it: ${commandLine(common, `envelopes on ${asked.probe}`)}`);
  } else {
    const took = result.executor_duration_ms === null ? "" : ` in ${result.executor_duration_ms} ms`;
    const isUnderWay = result.status === "attempted" && result.under_way;
    if (isUnderWay)
      print(
        `${result.action_canonical} of ${plain(result.target_id)} is still under way. What comes of it will stand in its story.`,
      );
    else
      print(
        result.status === "attempted"
          ? `${result.action_canonical} of ${plain(result.target_id)} was carried out${took}, and it is well.`
          : `${result.action_canonical} of ${plain(result.target_id)} could not be done, or it is not well since.`,
      );
    const after = isUnderWay ? "not known yet" : plain(JSON.stringify(result.after_state));
    print(`Before: ${plain(JSON.stringify(result.before_state))}\nAfter:  ${after}`);
  }
  print(`Its story: ${commandLine(common, `timeline ${result.caller_session_id}`)}`);
}
