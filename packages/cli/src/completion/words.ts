import type { Command, Option } from "commander";

/** What a shell needs to know of one command. */
export interface Words {
  /** Without the program's own name, such as `ledger key`; empty for the program. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly what: string }[];
  readonly options: readonly OptionWords[];
  /** What stands behind it, first to last: choices, or the name of a list that a server has. */
  readonly values: readonly Values[];
  /** Every further word is one of the last values. */
  readonly repeats: boolean;
}

export interface OptionWords {
  readonly flags: readonly string[];
  readonly what: string;
  /** Null when it takes none. */
  readonly value: Values | null;
}

export type Values =
  | { readonly kind: "choices"; readonly of: readonly string[] }
  | { readonly kind: "asked"; readonly list: string }
  | { readonly kind: "files" }
  | { readonly kind: "anything" };

/** Every command that people type, the program first. */
export function wordsOf(command: Command, path = ""): Words[] {
  // The library keeps whether a command is hidden to itself, and leaves those out of its help.
  const shown = command.createHelp().visibleCommands(command);
  const args = command.registeredArguments;
  const own: Words = {
    path,
    commands: shown.map((each) => ({ name: each.name(), what: each.description() })),
    options: command.createHelp().visibleOptions(command).map(optionWords),
    values: args.map((each) => valuesOf(path, each.name())),
    repeats: args.at(-1)?.variadic === true,
  };
  return [own, ...shown.flatMap((each) => wordsOf(each, `${path} ${each.name()}`.trim()))];
}

/** Those that take the next word with them, in whichever command. */
export function flagsWithValue(all: readonly Words[]): string[] {
  const found = all.flatMap(({ options }) => options.flatMap(({ flags, value }) => (value === null ? [] : flags)));
  return [...new Set(found)];
}

function optionWords(option: Option): OptionWords {
  const { short, long, description, argChoices } = option;
  const takes = option.required || option.optional;
  return {
    flags: [short, long].filter((flag) => flag !== undefined),
    what: description,
    value: takes ? (argChoices ? { kind: "choices", of: argChoices } : ofOption(option.name())) : null,
  };
}

function ofOption(name: string): Values {
  if (name === "project") return { kind: "asked", list: "projects" };
  if (name === "fault") return { kind: "asked", list: "faults" };
  if (/^(?:data|config|rules|home|folder|vkey|checkpoint|.*file)$/.test(name)) return { kind: "files" };
  return { kind: "anything" };
}

/** By what an argument is called, and where. */
function valuesOf(path: string, name: string): Values {
  const [first = ""] = path.split(" ");
  if (name === "shell") return { kind: "choices", of: path === "hook" ? ["bash"] : ["bash", "zsh", "fish"] };
  if (name === "decision") return { kind: "choices", of: ["restart_once", "leave_stopped"] };
  if (name === "fault" || name === "into") return { kind: "asked", list: "faults" };
  if (name === "id" && ["fault", "resolve", "mute", "reopen", "erase"].includes(first))
    return { kind: "asked", list: "faults" };
  if (name === "id" && first === "decide") return { kind: "asked", list: "questions" };
  if (name === "id" && path === "rules remove") return { kind: "asked", list: "rules" };
  if (name === "name" && ["start", "stop", "restart", "logs"].includes(first))
    return { kind: "asked", list: "programs" };
  if (name === "file" || name === "path" || path === "run") return { kind: "files" };
  return { kind: "anything" };
}
