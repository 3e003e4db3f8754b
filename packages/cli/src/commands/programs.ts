import { PrunellaError, type ProgramAnswer, type SupervisedRow } from "@prunella/contract";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../client.ts";
import { asStarted, commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { nearest } from "@prunella/contract/nearest";
import { pageOf, printMore, type Paging } from "../paging.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { table } from "../terminal/table.ts";
import { dim, green, plain, red, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

type Act = "start" | "stop" | "restart";

/** The gate refused what was asked. */
const REFUSED_EXIT = 3;
/** How long it is followed: a program has its grace to end. */
const FOLLOW_MS = 20_000;
const LOOK_MS = 200;

/** `waiting` is two things: somebody restarts it soon, or nobody does before a person says so. */
function stateOf({ state, open_escalation_id }: SupervisedRow): string {
  return state === "waiting" ? (open_escalation_id === null ? "waiting" : "down") : state;
}

const PAINT: Readonly<Record<string, (text: string) => string>> = {
  running: green,
  waiting: yellow,
  down: red,
  stopped: yellow,
  gone: dim,
};

/** Every program that a supervisor looks after, whether it is up, and how it was. */
export async function programs(common: Common, paging: Paging): Promise<void> {
  const { supervised: all } = await connect(common)("list_supervised");
  const { rows: supervised, next } = pageOf(all, ({ run_id }) => run_id, paging);
  if (common.json) return printJson({ programs: supervised, next });
  if (supervised.length === 0)
    return print(
      `No program is supervised; \`supervise:\` in prunella.yaml names some. One by hand: ${commandLine(common, "run --help")}`,
    );
  const now = Date.now();
  const hasProjects = new Set(supervised.map((each) => each.project_id)).size > 1;
  print(
    table(
      [
        { title: "PROGRAM" },
        { title: "STATE" },
        { title: "SINCE" },
        { title: "24 H", align: "right" },
        { title: "ALL", align: "right" },
        { title: "LAST CRASH" },
        ...(hasProjects ? [{ title: "PROJECT" }] : []),
      ],
      supervised.map((each) => [
        plain(each.name),
        stateOf(each),
        relative(each.since, now),
        String(each.restarts_day),
        String(each.restarts),
        lastCrash(each, now),
        ...(hasProjects ? [each.project_id] : []),
      ]),
      (cell, column) => (column === 1 ? (PAINT[cell.trim()]?.(cell) ?? cell) : cell),
    ),
  );
  print(`\nRestarts of the last 24 hours, and of this run.${asked(supervised, common)}`);
  printMore(common, `programs --limit ${paging.limit}`, next);
}

function lastCrash({ last_crash: last }: SupervisedRow, now: number): string {
  if (last === null) return "none";
  const how = last.signal === null ? `code ${last.exit_code ?? "unknown"}` : plain(last.signal);
  return `${how}, ${relative(last.at, now)}`;
}

/** What waits for a person, with the command that answers. */
const asked = (supervised: readonly SupervisedRow[], common: Common): string =>
  supervised
    .flatMap(({ name, open_escalation_id: id }) =>
      id === null
        ? []
        : ["restart_once", "leave_stopped"].map(
            (choice, at) =>
              `\n${at === 0 ? `${plain(name)} waits for you:\n` : ""}  ${commandLine(common, `decide ${shortId(id)} ${choice}`)}`,
          ),
    )
    .join("");

/** Asks the gate, and follows what it permits to its end. */
export async function act(common: Common, verb: Act, name: string, { project }: { project?: string }): Promise<void> {
  const call = connect(common);
  const one = await programNamed(call, verb, name, project);
  const answer = await call(`${verb}_program`, { name, project: one.project_id });
  if (answer.verdict === "refused") process.exitCode = REFUSED_EXIT;
  const after = answer.verdict === "refused" ? null : await follow(call, verb, one);
  if (common.json) return printJson({ ...answer, program: after ?? one });
  print(answer.verdict === "refused" ? refused(verb, name, answer, common) : told(verb, name, after, common));
}

/** The one program of this name; several projects may have one. */
export async function programNamed(
  call: ReturnType<typeof connect>,
  command: string,
  name: string,
  project: string | undefined,
): Promise<SupervisedRow> {
  const { supervised } = await call("list_supervised");
  const found = supervised.filter(
    (each) => each.name === name && (project === undefined || each.project_id === project),
  );
  const [one] = found;
  if (!one) throw notFound(name, supervised);
  if (found.length > 1)
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${found.length} projects have a program ${plain(name)}.`,
      hint: `Say which, of ${found.map((each) => each.project_id).join(", ")}: prunella ${command} ${plain(name)} --project ${one.project_id}`,
    });
  return one;
}

/** Null when it has not happened in time. */
async function follow(
  call: ReturnType<typeof connect>,
  verb: Act,
  before: SupervisedRow,
): Promise<SupervisedRow | null> {
  const until = Date.now() + FOLLOW_MS;
  while (Date.now() < until) {
    const { supervised } = await call("list_supervised");
    const row = supervised.find(({ run_id }) => run_id === before.run_id);
    if (!row) return null;
    const isDone =
      verb === "stop" ? row.state === "stopped" : row.state !== "stopped" && row.restarts > before.restarts;
    if (isDone) return row;
    await pause(LOOK_MS);
  }
  return null;
}

function told(verb: Act, name: string, after: SupervisedRow | null, common: Common): string {
  if (after === null)
    return `${plain(name)}: the gate permits it, and it has not happened yet. See \`${commandLine(common, "programs")}\`.`;
  if (verb === "stop")
    return `${plain(name)} is stopped; no policy starts it. Start it: ${commandLine(common, `start ${plain(name)}`)}`;
  const pid = after.pid === null ? "" : ` (pid ${after.pid})`;
  return `${plain(name)} ${verb === "start" ? "was started" : "was restarted"}${pid}.`;
}

function refused(verb: Act, name: string, { refusal, detail, change_with }: ProgramAnswer, common: Common): string {
  return [
    `The gate refused to ${verb} ${plain(name)}: ${yellow(refusal ?? "refused")}.`,
    ...(detail === null ? [] : [`  because      ${plain(detail)}`]),
    ...(change_with === null ? [] : [`  change with  ${asStarted(common, plain(change_with))}`]),
  ].join("\n");
}

function notFound(name: string, supervised: readonly SupervisedRow[]): PrunellaError {
  const meant = nearest(
    name,
    supervised.map((each) => each.name),
  );
  return new PrunellaError("PRUNELLA_NOT_FOUND", {
    detail: `There is no supervised program ${plain(name)}${meant === null ? "." : `; did you mean ${plain(meant)}?`}`,
    hint: "List them: prunella programs",
  });
}
