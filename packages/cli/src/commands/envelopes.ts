import { PrunellaError, type EnvelopeRow, type EnvelopeStage } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { nearest } from "@prunella/contract/nearest";
import { print, printJson } from "../print.ts";
import { table } from "../terminal/table.ts";
import { bold, dim, green, plain, yellow } from "../terminal/text.ts";
import { exact } from "../terminal/time.ts";

export async function listEnvelopes(common: Common): Promise<void> {
  const { envelopes } = await connect(common)("list_envelopes");
  if (common.json) return printJson({ envelopes });
  if (envelopes.length === 0)
    return print("There are no envelopes. `envelopes:` in prunella.yaml says what may be fixed; each is off at first.");
  print(
    table(
      [
        { title: "ENVELOPE" },
        { title: "SWITCH" },
        { title: "SET BY" },
        { title: "STAGE" },
        { title: "HELD" },
        { title: "ACTION" },
        { title: "TARGETS" },
      ],
      envelopes.flatMap((each) => {
        const head = [
          plain(each.probe),
          each.is_on ? green("on") : yellow("off"),
          each.set_by,
          each.stage,
          `${each.record.held} of ${each.record.held + each.record.not_held}`,
        ];
        if (each.observes_only) return [[...head, dim("none: it only observes"), ""]];
        return each.actions.map((action, at) => [
          ...(at === 0 ? head : ["", "", "", "", ""]),
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

/** Of one project; the only one of this name where none is said. */
async function findEnvelope(common: Common, probe: string, project: string | undefined): Promise<EnvelopeRow> {
  const { envelopes } = await connect(common)("list_envelopes");
  const named = envelopes.filter((one) => one.probe === probe && (project === undefined || one.project_id === project));
  const [only] = named;
  if (named.length > 1)
    throw new PrunellaError("PRUNELLA_AMBIGUOUS", {
      detail: `Several projects have an envelope ${probe}: ${named.map((one) => one.project_id).join(", ")}.`,
      hint: "Say which with --project.",
    });
  if (only) return only;
  const meant = nearest(
    probe,
    envelopes.map((one) => one.probe),
  );
  throw new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no envelope ${probe}.`,
    hint: meant === null ? `What there is: ${commandLine(common, "envelopes list")}` : `Did you mean ${meant}?`,
  });
}

export interface EnvelopeOptions {
  readonly project?: string;
}

export async function showEnvelope(common: Common, probe: string, options: EnvelopeOptions): Promise<void> {
  const envelope = await findEnvelope(common, probe, options.project);
  if (common.json) return printJson(envelope);
  const { moved } = envelope;
  const lines: [string, string][] = [
    ["Project", envelope.project_id],
    ["Switch", `${envelope.is_on ? "on" : "off"}, set by ${envelope.set_by} (${envelope.enable_env})`],
    ["Stage", `${envelope.stage}: ${STAGE_WORDS[envelope.stage]}`],
    ["Began", `at ${envelope.begins_at}`],
    ["Moved", moved === null ? "never: it is where it began" : movedWords(moved)],
    ["Record", recordWords(envelope)],
    ["Outside", envelope.outside.join(", ") || "nothing that is known here"],
  ];
  print(bold(plain(envelope.probe)));
  for (const [name, value] of lines) print(`  ${name.padEnd(9)} ${plain(value)}`);
  for (const { name, targets, lacks } of envelope.actions)
    print(`  ${"Action".padEnd(9)} ${plain(`${name} of ${targets.join(", ")}`)}${lacks === null ? "" : ` (${lacks})`}`);
  if (envelope.observes_only) print(`  ${"Action".padEnd(9)} none: its switch permits nothing`);
}

const STAGE_WORDS: Readonly<Record<EnvelopeStage, string>> = {
  observe: "it says what it would have done",
  propose: "it tells a person, who does it by hand",
  approve: "it is done when a person says so",
  auto: "it is done",
};

const movedWords = ({ at, by, reason, audit_log_id: entry }: NonNullable<EnvelopeRow["moved"]>): string =>
  `${exact(at)} UTC, ${reason === null ? "because a fix did not help" : `by ${by.id ?? by.kind}: ${reason}`}, ledger ${entry}`;

function recordWords({ record: { held, not_held: notHeld, at_least: share } }: EnvelopeRow): string {
  if (share === null) return "none of its fixes has ended yet, so nothing is known";
  return `${held} of ${held + notHeld} fixes held: at least ${Math.floor(share * 100)} % of them do, with 95 % confidence`;
}

export async function moveEnvelope(
  common: Common,
  probe: string,
  move: "promote" | "demote",
  options: EnvelopeOptions & { readonly reason: string },
): Promise<void> {
  const { project_id: project } = await findEnvelope(common, probe, options.project);
  const { envelope } = await connect(common)("move_envelope", { probe, project, move, reason: options.reason });
  if (common.json) return printJson(envelope);
  const back = move === "promote" ? "demote" : "promote";
  print(`The envelope ${plain(probe)} is at ${envelope.stage}: ${STAGE_WORDS[envelope.stage]}.`);
  print(`Its record: ${recordWords(envelope)}.`);
  if (!envelope.is_on)
    print(
      `Its switch is off, so nothing is done: ${commandLine(common, `envelopes on ${probe} --project ${project}`)}`,
    );
  print(`Undo: ${commandLine(common, `envelopes ${back} ${probe} --project ${project} --reason undo`)}`);
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
