import type { Command } from "commander";
import { add, commonOf, unknown } from "../command-kit.ts";

/** About the command itself. */
export function addShellCommands(program: Command): void {
  add(
    program,
    "completion",
    "Print what makes a shell complete commands, options and ids",
    'eval "$(prunella completion bash)"',
  )
    .argument("<shell>", "bash, zsh or fish")
    .action(async (shell: string) => (await import("../commands/completion.ts")).completion(program, shell));
  // What the printed lines ask for while a person types: never shown, never in the way.
  program
    .command("complete", { hidden: true })
    .argument("<what>")
    .option("--data <folder>")
    .action(async (what: string, _options, command: Command) =>
      (await import("../commands/complete.ts")).complete(commonOf(command), what),
    );

  add(program, "help", "Show the help of a command", "prunella help crash list")
    .argument("[command...]", "its words")
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const next = command.commands.find((each) => each.name() === word);
        if (next === undefined) throw unknown(command, word);
        command = next;
      }
      command.help();
    });
}
