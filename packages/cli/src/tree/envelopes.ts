import type { Command } from "commander";
import { add, commonOf, group, paged } from "../command-kit.ts";

/** What may be fixed, the switches of it, a fix by hand, and what came of all. */
export function addEnvelopeCommands(program: Command): void {
  const envelopes = group(
    program,
    "envelopes",
    "Show what may be fixed, and turn the switches of it",
    "prunella envelopes on fly",
    async (command) => (await import("../commands/envelopes.ts")).listEnvelopes(commonOf(command)),
  );
  add(
    envelopes,
    "list",
    "List the envelopes, their switches and what stands outside",
    "prunella envelopes list",
  ).action(async (_options, command: Command) =>
    (await import("../commands/envelopes.ts")).listEnvelopes(commonOf(command)),
  );
  for (const on of [true, false])
    add(
      envelopes,
      on ? "on" : "off",
      on ? "Switch an envelope on; the ledger keeps who did" : "Switch an envelope off, also for what is under way",
      `prunella envelopes ${on ? "on" : "off"} fly`,
    )
      .argument("<probe>", "name of the envelope")
      .action(async (probe: string, _options, command: Command) =>
        (await import("../commands/envelopes.ts")).switchEnvelope(commonOf(command), probe, on),
      );

  add(envelopes, "show", "Show one: its switch, how far it is trusted, and its record", "prunella envelopes show fly")
    .argument("<probe>", "name of the envelope")
    .option("--project <id>", "whose, where several projects have one of this name")
    .action(async (probe: string, _options, command: Command) =>
      (await import("../commands/envelopes.ts")).showEnvelope(commonOf(command), probe, command.opts()),
    );
  for (const move of ["promote", "demote"] as const)
    add(
      envelopes,
      move,
      move === "promote"
        ? "Trust one a stage further: observe, propose, approve, auto"
        : "Trust one a stage less: auto, approve, propose, observe",
      `prunella envelopes ${move} fly --reason "${move === "promote" ? "ten fixes held" : "it restarts too soon"}"`,
    )
      .argument("<probe>", "name of the envelope")
      .requiredOption("--reason <text>", "why; the ledger says who")
      .option("--project <id>", "whose, where several projects have one of this name")
      .action(async (probe: string, _options, command: Command) =>
        (await import("../commands/envelopes.ts")).moveEnvelope(commonOf(command), probe, move, command.opts()),
      );

  add(
    program,
    "autofix",
    "Ask for a fix inside an envelope",
    'prunella autofix fly restart_machine 1781e9f6c12d83 --reason "stopped for 15 min"',
  )
    .argument("<probe>", "name of the envelope")
    .argument("<action>", "what is to be done")
    .argument("<target>", "to what, such as the id of a machine")
    .requiredOption("--reason <text>", "why; it is kept as you give it, after the scrubber")
    .option("--project <id>", "whose envelope (default: default)")
    .option("--session <id>", "what joins it with other rows of one story")
    .action(async (probe: string, action: string, target: string, _options, command: Command) =>
      (await import("../commands/envelopes.ts")).autofix(commonOf(command), { probe, action, target }, command.opts()),
    );

  paged(
    add(
      program,
      "timeline",
      "Show what was heard, tried, found and told",
      "prunella timeline 0192f000-0000-7000-8000-000000000001",
    ),
  )
    .argument("[id]", "a session, or the id of an attempt or escalation of it")
    .option("--dm-status <status>", "only investigations whose message is: sent, failed_send, …")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/timeline.ts")).timeline(commonOf(command), id, command.opts()),
    );
}
