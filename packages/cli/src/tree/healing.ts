import type { Command } from "commander";
import { add, commonOf, paged } from "../command-kit.ts";
import { addOverrideCommand } from "./standing.ts";
import { addTriggerCommands } from "./triggers.ts";

/** What was tried, what waits for a person, and the switch. */
export function addHealingCommands(program: Command): void {
  paged(
    add(program, "attempts", "List what was tried, and what was refused and why", "prunella attempts --fault 3fa8c01d"),
  )
    .option("--fault <id>", "for this fault only")
    .option("--project <id>", "of this project only")
    .action(async (_options, command: Command) =>
      (await import("../commands/attempts.ts")).attempts(commonOf(command), command.opts()),
    );

  paged(add(program, "escalations", "List what waits for your decision", "prunella escalations --all"))
    .option("--all", "also those that are decided")
    .action(async (_options, command: Command) =>
      (await import("../commands/escalations.ts")).escalations(commonOf(command), command.opts()),
    );

  add(program, "decide", "Decide an escalation", "prunella decide 9c41e07b restart_once")
    .argument("<id>", "id of the escalation, or its unique beginning or end")
    .argument("<decision>", "restart_once or leave_stopped")
    .action(async (id: string, decision: string, _options, command: Command) =>
      (await import("../commands/decide.ts")).decide(commonOf(command), id, decision),
    );

  const triggers = paged(add(program, "triggers", "List the triggers with their budgets", "prunella triggers")).action(
    async (_options, command: Command) =>
      (await import("../commands/triggers.ts")).triggers(commonOf(command), command.opts()),
  );
  addTriggerCommands(triggers);
  addOverrideCommand(triggers);

  add(program, "kill", "Switch all healing off at once; programs keep running", "prunella kill").action(
    async (_options, command: Command) => (await import("../commands/kill.ts")).kill(commonOf(command), true),
  );

  add(program, "unkill", "Switch healing on again", "prunella unkill").action(async (_options, command: Command) =>
    (await import("../commands/kill.ts")).kill(commonOf(command), false),
  );
}
