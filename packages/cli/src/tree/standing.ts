import type { Command } from "commander";
import { add, commonOf, group, paged, USUAL_PAGE } from "../command-kit.ts";

const standing = () => import("../commands/standing.ts");
const exhausted = () => import("../commands/exhausted.ts");

/** Why policy stands still, and what it left for people. */
export function addStandingCommands(program: Command): void {
  add(
    program,
    "pause",
    "Let policy stand still in a project, for a reason that has a name; what runs may finish",
    'prunella pause shop --reason "deploy of 2.0" --for 2h',
  )
    .argument("[project]", "whose policy stands still")
    .option("--reason <text>", "names it; the same project may have several")
    .option("--trigger <id>", "this trigger alone")
    .option("--for <time>", "ends by itself after so long, such as 30m or 2h")
    .option("--list", "what stands now")
    .action(async (project: string | undefined, _options, command: Command) =>
      (await standing()).pause(commonOf(command), project, command.opts()),
    );

  add(program, "resume", "Lift a pause; others stay", 'prunella resume shop --reason "deploy of 2.0"')
    .argument("<pause>", "id of a pause, its reason, or the project that has it")
    .option("--reason <text>", "which one, where the project has several")
    .option("--trigger <id>", "of this trigger")
    .action(async (pause: string, _options, command: Command) =>
      (await standing()).resume(commonOf(command), pause, command.opts()),
    );

  const maintenance = group(
    program,
    "maintenance",
    "Windows in which somebody works: policy does nothing there and asks nobody",
    'prunella maintenance add --target program:shop --for 2h --reason "new disks"',
    async (command) => (await standing()).listMaintenance(commonOf(command)),
  );
  add(maintenance, "list", "List the windows", "prunella maintenance list").action(async (_options, command: Command) =>
    (await standing()).listMaintenance(commonOf(command)),
  );
  add(
    maintenance,
    "add",
    "Add a window",
    'prunella maintenance add --project shop --cron "0 2 * * SUN" --for 1h --zone Europe/Berlin --reason updates',
  )
    .requiredOption("--reason <text>", "why, in a few words")
    .option("--project <id>", "of this project (default: of all)")
    .option("--target <target>", "this target alone, such as program:shop")
    .option("--for <time>", "how long: from now, or from each moment of --cron")
    .option("--cron <pattern>", "minute, hour, day, month, weekday")
    .option("--from <time>", "HH:MM of each day, or a moment such as 2026-12-01T02:00:00Z")
    .option("--to <time>", "until then, in the same form")
    .option("--zone <zone>", "time zone of a pattern and of times of the day", "UTC")
    .action(async (_options, command: Command) => (await standing()).addMaintenance(commonOf(command), command.opts()));
  add(maintenance, "end", "End a window for good", "prunella maintenance end 3fa8c01d")
    .argument("<id>", "of the window, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) => (await standing()).endMaintenance(commonOf(command), id));

  const sprints = group(
    program,
    "sprints",
    "Causes that are to be repaired, because their symptoms came back too often",
    "prunella sprints list --all",
    async (command) => (await exhausted()).listSprints(commonOf(command), USUAL_PAGE),
  );
  paged(add(sprints, "list", "List the open ones", "prunella sprints list --all"))
    .option("--all", "also those that are closed")
    .action(async (_options, command: Command) => (await exhausted()).listSprints(commonOf(command), command.opts()));
  add(sprints, "show", "Show the brief of one with its evidence", "prunella sprints show 3fa8c01d --markdown")
    .argument("<id>", "of the sprint, or its unique beginning or end")
    .option("--markdown", "as Markdown, for an issue or a page")
    .action(async (id: string, _options, command: Command) =>
      (await exhausted()).showSprint(commonOf(command), id, command.opts()),
    );
  add(sprints, "close", "Close one", 'prunella sprints close 3fa8c01d --reason "fixed in 2.1"')
    .argument("<id>", "of the sprint, or its unique beginning or end")
    .requiredOption("--reason <text>", "what came of it")
    .action(async (id: string, _options, command: Command) =>
      (await exhausted()).closeSprint(commonOf(command), id, command.opts()),
    );

  add(
    program,
    "away",
    "What was tried, exhausted and not solved while you were away, and nothing else",
    "prunella away --since 7d",
  )
    .option("--since <time>", "so long ago (default: since the last review, or 7d)")
    .option("--project <id>", "of this project only")
    .option("--reviewed", "say that all of it is reviewed; it is recorded with your name and closes nothing")
    .action(async (_options, command: Command) => (await exhausted()).away(commonOf(command), command.opts()));
}

/** Below `triggers`. */
export function addOverrideCommand(triggers: Command): void {
  add(
    triggers,
    "override",
    "Widen a trigger's own budgets once, for so many attempts and so long",
    'prunella triggers override restart-shop --extra 1 --for 1h --reason "the disk is new"',
  )
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", "whose trigger it is", "default")
    .option("--extra <n>", "attempts beyond the budget, at most 10", "1")
    .option("--for <time>", "ends after so long", "1h")
    .requiredOption("--reason <text>", "why; the ledger says who")
    .action(async (trigger: string, _options, command: Command) =>
      (await standing()).override(commonOf(command), trigger, command.opts()),
    );
}
