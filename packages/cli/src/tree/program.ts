import { Command } from "commander";
import { VERSION } from "@prunella/contract";
import { addCommon, helpFooter } from "../command-kit.ts";
import { narrowHelp } from "../terminal/help.ts";
import { addFaultCommands } from "./faults.ts";
import { addFindingCommands } from "./finding.ts";
import { addGroupingCommands } from "./grouping.ts";
import { addEnvelopeCommands } from "./envelopes.ts";
import { addHealingCommands } from "./healing.ts";
import { addWatchingCommands } from "./watching.ts";
import { addLedgerCommands } from "./ledger.ts";
import { addPeopleCommands } from "./people.ts";
import { addForgeCommands } from "./forge.ts";
import { addPluginCommands } from "./plugins.ts";
import { addProgramCommands } from "./programs.ts";
import { addProjectCommands } from "./projects.ts";
import { addReportCommands } from "./reports.ts";
import { addServerCommands } from "./server.ts";
import { addShellCommands } from "./shell.ts";
import { addStandingCommands } from "./standing.ts";

/** The whole tree; a command stands in the help under the heading that its file gives. */
export function createProgram(): Command {
  const program = new Command("prunella");
  program
    .description(
      "Takes in failures of your programs, heals what it may inside hard limits, proves what it did, and asks you the rest.",
    )
    .version(VERSION, "-V, --version")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp(narrowHelp)
    // Told as every other refusal: by main.ts, with its code and a way out.
    .configureOutput({ outputError: () => undefined })
    .addHelpText("after", (context) => helpFooter(context.command, "prunella up"));
  addCommon(program);
  addProgramCommands(program.commandsGroup("Programs:"));
  addFindingCommands(program.commandsGroup("What goes wrong:"));
  addFaultCommands(program);
  addHealingCommands(program.commandsGroup("Healing:"));
  addEnvelopeCommands(program);
  addStandingCommands(program);
  addWatchingCommands(program.commandsGroup("Watching:"));
  addGroupingCommands(program.commandsGroup("What is one fault:"));
  addPluginCommands(program.commandsGroup("Plugins:"));
  addForgeCommands(program);
  addServerCommands(program.commandsGroup("The server:"));
  addProjectCommands(program);
  addPeopleCommands(program.commandsGroup("People:"));
  addLedgerCommands(program.commandsGroup("The ledger:"));
  addReportCommands(program.commandsGroup("Reports of crashes on this machine:"));
  addShellCommands(program.commandsGroup("This command:"));
  return program;
}
