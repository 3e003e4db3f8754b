import { Command } from "commander";
import { PrunellaError } from "@prunella/contract";
import { DEFAULT_DATA } from "./address.ts";
import { asStarted } from "./command-line.ts";
import type { Common } from "./command-options.ts";
import { nearest } from "@prunella/contract/nearest";
import { wholeNumber } from "./numbers.ts";
import { wrap } from "./terminal/wrap.ts";

const EXIT_CODES = `Exit codes:
  0  done
  1  something that you can mend; the message says how
  2  a defect of ours
  3  decided, but the gate refused`;
/** Only where they end with codes of their own. */
const OWN_CODES: Readonly<Record<string, string>> = {
  run: "The program's own exit code is passed on (128 + n for signal n, 127 when there is no such program).",
  verify: "1 as well when the ledger does not verify.",
};

/** A command with its example, the options that all have and the exit codes below its help. */
export function add(parent: Command, name: string, description: string, example: string): Command {
  const command = parent
    .command(name)
    .description(description)
    // Below a group too: a word that is taken for nothing would be believed to have been looked at.
    .allowExcessArguments(false)
    .addHelpText("after", (context) => helpFooter(context.command, example));
  addCommon(command);
  return command;
}

/** As it can be typed here. The options of the common kind are left out: the example is for everybody's server. */
export function helpFooter(command: Command, example: string): string {
  const width = command.createHelp().helpWidth ?? command.configureOutput().getOutHelpWidth?.() ?? 80;
  const own = OWN_CODES[command.name()];
  const started = asStarted({ data: DEFAULT_DATA, url: undefined, tokenFile: undefined }, example);
  return `\nExample:\n  $ ${started}\n\n${wrap(EXIT_CODES + (own === undefined ? "" : `\n  ${own}`), width)}`;
}

/** What a list takes without being asked. */
export const USUAL_PAGE = { limit: "50" } as const;

/** A list that comes in pages: how many of it, and where it goes on. */
export const paged = (command: Command, most = 200, usual = 50): Command =>
  command
    .option(
      "--limit <n>",
      `how many, at most ${most}`,
      // Before a server is looked for: a slip of the pen is told first.
      (typed: string) => String(wholeNumber("--limit", typed, 1, most)),
      String(usual),
    )
    .option("--cursor <cursor>", "go on behind this: `next` of the page before");

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
