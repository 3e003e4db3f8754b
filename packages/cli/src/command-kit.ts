import { Command } from "commander";
import { PrunellaError } from "@prunella/contract";
import { DEFAULT_DATA } from "./address.ts";
import type { Common } from "./command-options.ts";
import { nearest } from "./nearest.ts";

export const EXIT_CODES = `
Exit codes:
  0  done
  1  something that you can mend; the message says how
  2  a defect of ours
  3  decided, but the gate refused
  \`prunella run\` ends with the exit code of the program that it ran (128 + n for signal n, 127 when
  there is no such program); \`prunella ledger verify\` ends with 1 when the ledger does not verify.`;

/** A command with its example, the options that all have and the exit codes below its help. */
export function add(parent: Command, name: string, description: string, example: string): Command {
  const command = parent
    .command(name)
    .description(description)
    .addHelpText("after", `\nExample:\n  $ ${example}\n${EXIT_CODES}`);
  addCommon(command);
  return command;
}

/** A command that holds others; alone it does what `bare` does, or says what there is. */
export function group(
  parent: Command,
  name: string,
  description: string,
  example: string,
  bare?: (command: Command) => Promise<void> | void,
): Command {
  const command = add(parent, name, description, example);
  command.action(async () => {
    refuseUnknown(command);
    if (bare) return bare(command);
    const path = pathOf(command);
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${path} needs one of: ${command.commands.map((each) => each.name()).join(", ")}.`,
      hint: `See \`${path} --help\`.`,
    });
  });
  return command.allowExcessArguments();
}

/** A word behind a group that names none of its commands. */
export function refuseUnknown(command: Command): void {
  const [typed] = command.args;
  if (typed !== undefined) throw unknown(command, typed);
}

export function unknown(command: Command, typed: string): PrunellaError {
  const parent = pathOf(command);
  const meant = nearest(
    typed,
    command.commands.map((each) => each.name()),
  );
  return new PrunellaError("PRUNELLA_USAGE", {
    detail: `There is no \`${parent} ${typed}\`.`,
    hint: meant === null ? `See \`${parent} --help\`.` : `Did you mean \`${parent} ${meant}\`?`,
  });
}

/** As it is typed, such as `prunella ledger key`. */
const pathOf = (command: Command): string =>
  command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;

export function addCommon(command: Command): void {
  command
    .option("--data <folder>", `data folder of the server (default ${DEFAULT_DATA})`)
    .option("--url <url>", "address of the server, with PRUNELLA_TOKEN or --token-file")
    .option("--token-file <file>", "file with the operator token")
    .option("--json", "print JSON");
}

/** Options may stand before and after the command's name; the one nearer to the end wins. */
export function commonOf(command: Command): Common {
  const levels: Command[] = [];
  for (let each: Command | null = command; each; each = each.parent) levels.unshift(each);
  const given: Record<string, unknown> = {};
  for (const level of levels) {
    for (const [name, value] of Object.entries(level.opts())) if (value !== undefined) given[name] = value;
  }
  const option = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  return {
    data: option("data") ?? DEFAULT_DATA,
    url: option("url"),
    tokenFile: option("tokenFile"),
    json: given["json"] === true,
  };
}
