import { connect } from "../client.ts";
import { locate } from "../address.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { green, plain, red, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

/** Whether all is well, in a few lines; ends with exit code 0 whenever the server answers. */
export async function status(common: Common): Promise<void> {
  const call = connect(common);
  const [me, { supervised }, { escalations }, { killed }] = await Promise.all([
    call("get_me"),
    call("list_supervised"),
    call("list_escalations", { status: "open" }),
    call("list_triggers", { limit: 1 }),
  ]);
  const count = (state: string) => supervised.filter((each) => each.state === state).length;
  const programs = { running: count("running"), down: count("waiting"), stopped: count("stopped") };
  const { url } = locate(common);
  if (common.json)
    return printJson({
      url,
      version: me.version,
      started_at: me.started_at,
      killed,
      programs,
      open_questions: escalations.map(({ id, target, reason }) => ({ id, target, reason })),
    });
  print(`server     ${url}, version ${me.version}, started ${relative(me.started_at, Date.now())}`);
  print(
    `healing    ${killed.on ? `${red("off: the kill switch is on")}. Undo: ${commandLine(common, "unkill")}` : green("on")}`,
  );
  const { running, down, stopped } = programs;
  print(
    `programs   ${running} running, ${down === 0 ? "0 down" : red(`${down} down`)}, ${stopped} stopped${supervised.length > 0 ? "" : " (none supervised)"}`,
  );
  print(
    escalations.length === 0
      ? `questions  ${green("none waits for you")}`
      : `questions  ${yellow(`${escalations.length} ${escalations.length === 1 ? "waits" : "wait"} for you`)}: ${commandLine(common, "escalations")}`,
  );
  for (const { question } of escalations.slice(0, 5)) print(`           ${plain(question)}`);
}
