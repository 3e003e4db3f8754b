import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { dim, plain } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";
import { programNamed } from "./programs.ts";

/** The last lines that a program wrote, as its supervisor said them, with what was secret taken out. */
export async function logs(common: Common, name: string, { project }: { project?: string }): Promise<void> {
  const call = connect(common);
  const { project_id } = await programNamed(call, "logs", name, project);
  const output = await call("program_output", { name, project: project_id });
  if (common.json) return printJson({ ...output, next: null });
  if (output.at === null)
    return print(
      `Nothing is known of what ${plain(name)} wrote: its supervisor has not said anything to this server yet.`,
    );
  if (output.lines.length === 0) return print(`${plain(name)} has written nothing.`);
  print(output.lines.map(plain).join("\n"));
  print(dim(`\nThe last ${output.lines.length} lines, as of ${relative(output.at, Date.now())}.`));
}
