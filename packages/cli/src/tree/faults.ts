import type { Command } from "commander";
import { add, commonOf, paged } from "../command-kit.ts";

/** Faults: seeing and settling them. */
export function addFaultCommands(program: Command): void {
  add(
    program,
    "fault",
    "Show one fault, or say what is to become of it",
    "prunella fault 3fa8c01d snooze --for 2h --events 100",
  )
    .argument("<id>", "id, or its unique beginning or end")
    .argument("[action]", "resolve, mute, snooze, reopen, assign, note or undo; shows the fault when left out")
    .argument("[words...]", "of assign the name, or me; of note the words")
    .option("--in-next-release", "resolve: events of releases known by now leave it resolved")
    .option("--for <duration>", "snooze: such as 30m, 2h, 7d")
    .option("--until <moment>", "snooze: such as 2026-12-01T08:00Z")
    .option("--events <n>", "snooze: until so many more events")
    .option("--nobody", "assign: take the name away")
    .action(async (id: string, action: string | undefined, words: string[], _options, command: Command) =>
      action === undefined
        ? (await import("../commands/fault.ts")).fault(commonOf(command), id)
        : (await import("../commands/triage.ts")).triage(commonOf(command), id, action, words, command.opts()),
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
    ["reopen", "End resolve, mute and snooze"],
  ] as const) {
    add(program, action, what, `prunella ${action} 3fa8c01d`)
      .argument("<id>", "id of the fault, or its unique beginning or end")
      .action(async (id: string, _options, command: Command) =>
        (await import("../commands/triage.ts")).triage(commonOf(command), id, action, [], {}),
      );
  }

  paged(
    add(
      program,
      "promote",
      "File a triaged fault publicly, after showing what would be sent; without a fault: list those that are triaged",
      "prunella promote 3fa8c01d",
    ),
    500,
  )
    .argument("[fault]", "id of the fault, its unique beginning or end, or a fingerprint")
    .option("--project <id>", "of the list: this project only")
    .option("--yes", "do not ask")
    .option("--file", "file it privately now, and nothing more")
    .option("--refuse", "keep it private")
    .option("--reproduced", "somebody saw it again; takes a refusal back")
    .option(
      "--fixed-in <release>",
      "this release should mend it: it is watched, and counts as fixed when it stays quiet",
    )
    .option("--pull <url>", "of --fixed-in: the pull request")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/promote.ts")).promote(commonOf(command), id, command.opts()),
    );

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
