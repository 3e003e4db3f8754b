import type { Command } from "commander";
import { add, commonOf } from "../command-kit.ts";

const one = () => import("../commands/trigger.ts");
const WHOSE = "whose it is, where several projects have one of this name";

/** Below `triggers`. */
export function addTriggerCommands(triggers: Command): void {
  // Its pages are those of the group, which takes --limit and --cursor wherever they stand.
  add(triggers, "list", "List the triggers with their budgets", "prunella triggers list").action(
    async (_options, command: Command) =>
      (await import("../commands/triggers.ts")).triggers(commonOf(command), triggers.opts()),
  );
  add(
    triggers,
    "check",
    "Tell every mistake in a configuration file, and which of its triggers can never act; needs no server",
    "prunella triggers check prunella.yaml",
  )
    .argument("[file]", "default ./prunella.yaml")
    .action(async (file: string | undefined, _options, command: Command) =>
      (await import("../commands/triggers-check.ts")).checkTriggers(commonOf(command), file),
    );
  add(triggers, "show", "Show one trigger and what came of it", "prunella triggers show restart-shop")
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", WHOSE)
    .action(async (id: string, _options, command: Command) =>
      (await one()).showTrigger(commonOf(command), id, command.opts()),
    );
  add(
    triggers,
    "test",
    "Hold a trigger's condition against what came in: when it would have held, for what, how often; nothing is done",
    "prunella triggers test restart-shop --since 7d",
  )
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", WHOSE)
    .option("--since <time>", "how far back, such as 24h or 30d", "7d")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/triggers-test.ts")).testTrigger(commonOf(command), id, command.opts()),
    );
  add(
    triggers,
    "pause",
    "Let one trigger stand still, for a reason that has a name",
    "prunella triggers pause restart-shop --reason deploy --for 2h",
  )
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", WHOSE)
    .option("--reason <text>", "names it; the same trigger may have several")
    .option("--for <time>", "ends by itself after so long, such as 30m or 2h")
    .action(async (id: string, _options, command: Command) =>
      (await one()).pauseTrigger(commonOf(command), id, command.opts()),
    );
  add(triggers, "resume", "Lift a trigger's pause", "prunella triggers resume restart-shop")
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", WHOSE)
    .option("--reason <text>", "which one, where it has several")
    .action(async (id: string, _options, command: Command) =>
      (await one()).resumeTrigger(commonOf(command), id, command.opts()),
    );
}
