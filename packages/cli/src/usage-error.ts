import type { Command, CommanderError } from "commander";
import { PrunellaError } from "@prunella/contract";

/** Whatever is wrong with a command line comes with a way out, if only to its help. */
export function withHint(error: unknown, program: Command, args: readonly string[]): unknown {
  if (!(error instanceof PrunellaError) || error.code !== "PRUNELLA_USAGE" || error.hint !== null) return error;
  const { detail, cause } = error;
  return new PrunellaError("PRUNELLA_USAGE", {
    ...(detail === null ? {} : { detail }),
    hint: seeHelp(program, args),
    cause,
  });
}

/** What the parser refuses, as an error of the catalogue with what to do next. */
export function usageError(error: CommanderError, program: Command, args: readonly string[]): PrunellaError {
  const { message, code } = error;
  const [what = "", suggestion = null] = message
    .replace(/^error: /, "")
    .split("\n")
    .map((line) => line.trim());
  const detail = sentence(what);
  const hint = suggestion === null || suggestion === "" ? null : suggestion.replace(/^\((.*)\)$/, "$1");
  const below = code === "commander.unknownCommand" ? namedBelow(program, /'([^']+)'/.exec(what)?.[1] ?? "") : [];
  const meant = below.length === 0 ? null : `There is ${below.map((path) => `\`${path}\``).join(" and ")}.`;
  return new PrunellaError("PRUNELLA_USAGE", { detail, hint: meant ?? hint ?? seeHelp(program, args) });
}

/** Commands of a group with just this name, which people type without the group. */
function namedBelow(program: Command, typed: string): string[] {
  const below = (command: Command, path: string): string[] =>
    command.commands.flatMap((each) => {
      const own = `${path} ${each.name()}`;
      return [...(each.name() === typed ? [own] : []), ...below(each, own)];
    });
  return below(program, program.name()).slice(0, 3);
}

/** With a capital at its beginning and a full stop at its end. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;

/** A command with a word behind it is printed as it can be typed, see command-line.ts. */
function seeHelp(program: Command, args: readonly string[]): string {
  const path = typedPath(program, args);
  return path === program.name() ? `See \`${path} help\`.` : `See \`${path} --help\`.`;
}

/** The command that the words lead to. */
function typedPath(program: Command, args: readonly string[]): string {
  let path = program.name();
  let command = program;
  for (const word of args) {
    if (word === "--") break;
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) continue;
    path += ` ${word}`;
    command = next;
  }
  return path;
}
