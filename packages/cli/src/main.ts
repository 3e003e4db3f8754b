import { Command, CommanderError } from "commander";
import { DEFAULT_DATA } from "./address.ts";
import { addCommon, commonOf } from "./command-kit.ts";
import type { Common } from "./command-options.ts";
import { tellFailure } from "./failure.ts";
import { createProgram } from "./tree/program.ts";
import { usageError, withHint } from "./usage-error.ts";

/** Help or the version was printed, by wish or because there is no command. */
const IS_HELP = /^commander\.(?:help|helpDisplayed|version)$/;
/** Enough for what was printed to be read. */
const LEFT_OPEN_MS = 1_000;

/** Runs one command line. Sets the process's exit code; commands that stay (`up`, `run`) resolve when they end. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that goes away (`| head`) ends us quietly.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  const isJson = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length).includes("--json");
  let program = createProgram();
  let common: Common = { data: DEFAULT_DATA, url: undefined, tokenFile: undefined, json: isJson };
  try {
    program = await treeOf(args);
    program.hook("preAction", (_, command) => void (common = commonOf(command)));
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError && IS_HELP.test(error.code)) process.exitCode = error.exitCode === 0 ? 0 : 1;
    else {
      const told = error instanceof CommanderError ? usageError(error, program, args) : withHint(error, program, args);
      process.exitCode = tellFailure(told, common, isJson);
      // What had been opened by then (a server, a line to a database) must not keep a process that failed.
      setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
    }
  }
}

/**
 * Our own tree; or that of a plugin, where the first word is none of ours but a namespace of the server that is
 * meant. Only then a server is asked; whatever hinders that, the word is no command.
 */
export async function treeOf(args: readonly string[]): Promise<Command> {
  const program = createProgram();
  const reader = new Command().allowUnknownOption().allowExcessArguments().argument("[words...]");
  addCommon(
    reader
      .exitOverride()
      .helpOption(false)
      .configureOutput({ writeErr: () => undefined }),
  );
  try {
    reader.parse([...args], { from: "user" });
  } catch {
    return program;
  }
  const [word] = reader.args;
  if (word === undefined || !/^[a-z0-9][a-z0-9-]{1,62}[a-z0-9]$/.test(word)) return program;
  if (word === "help" || program.commands.some((each) => each.name() === word || each.aliases().includes(word)))
    return program;
  const { pluginProgram, pluginsOf } = await import("./commands/plugins/run.ts");
  const found = await pluginsOf(commonOf(reader), word);
  return found === null ? program : pluginProgram(found);
}
