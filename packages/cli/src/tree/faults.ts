import type { Command } from "commander";
import { add, commonOf, paged } from "../command-kit.ts";

/** Faults: seeing and settling them. */
export function addFaultCommands(program: Command): void {
  add(program, "fault", "Show one fault: its stack, attempts and escalations", "prunella fault 3fa8c01d")
    .argument("<id>", "id, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/fault.ts")).fault(commonOf(command), id),
    );

  add(
    program,
    "explain",
    "Say what Prunella did about a fault and why, and which switch would change it",
    "prunella explain 3fa8c01d",
  )
    .argument("<fault>", "id of the fault, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/explain.ts")).explain(commonOf(command), id),
    );

  paged(
    add(
      program,
      "events",
      "Show the kept events of a fault, or the newest of each; --follow tells of new ones",
      "prunella events --follow",
    ),
    200,
    20,
  )
    .argument("[fault]", "id of the fault, or its unique beginning or end")
    .option("--project <id>", "of this project only")
    .option("--follow", "stay, and print a line for each change until Ctrl-C")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/events.ts")).events(commonOf(command), id, command.opts()),
    );

  for (const [action, what] of [
    ["resolve", "Say that a fault is repaired; when it comes back it counts as regressed"],
    ["mute", "Keep counting a fault, but out of sight"],
    ["reopen", "Undo resolve or mute"],
  ] as const) {
    add(program, action, what, `prunella ${action} 3fa8c01d`)
      .argument("<id>", "id of the fault, or its unique beginning or end")
      .action(async (id: string, _options, command: Command) =>
        (await import("../commands/fault-action.ts")).changeFault(commonOf(command), id, action),
      );
  }

  add(
    program,
    "erase",
    "Delete what is kept of a fault, for good; the ledger keeps that it happened",
    "prunella erase 3fa8c01d --yes",
  )
    .argument("<id>", "id of the fault, or a fingerprint of 32 or 64 hex digits")
    .option("--yes", "do not ask")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/erase.ts")).erase(commonOf(command), id, command.opts()),
    );
}
