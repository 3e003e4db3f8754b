import type { Command } from "commander";
import { add, commonOf, paged } from "../command-kit.ts";
import { addOverrideCommand } from "./standing.ts";

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
  addOverrideCommand(triggers);

  add(
    program,
    "rehearse",
    "Play what came in through a policy, beside what really happened; nothing is done or written",
    "prunella rehearse --policy new.yaml --since 30d",
  )
    .requiredOption("--policy <file>", "configuration whose triggers are rehearsed")
    .option("--since <time>", "how far back, such as 24h or 30d", "30d")
    .option("--against <file>", "configuration that it is held against; current: what stands now", "current")
    .option("--project <id>", "triggers of this project only")
    .action(async (_options, command: Command) =>
      (await import("../commands/rehearse.ts")).rehearse(commonOf(command), command.opts()),
    );

  add(program, "kill", "Switch all healing off at once; programs keep running", "prunella kill").action(
    async (_options, command: Command) => (await import("../commands/kill.ts")).kill(commonOf(command), true),
  );

  add(program, "unkill", "Switch healing on again", "prunella unkill").action(async (_options, command: Command) =>
    (await import("../commands/kill.ts")).kill(commonOf(command), false),
  );
}
