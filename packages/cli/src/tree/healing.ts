import type { Command } from "commander";
import { add, commonOf, group, paged, USUAL_PAGE } from "../command-kit.ts";
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
    .argument("<decision>", "restart_once or leave_stopped; or ack, snooze or take-over, which answer nothing")
    .option("--reason <text>", "why, kept with the answer")
    .option("--for <time>", "how long it holds, such as 2h; an answer that acts for a quarter of an hour at most")
    .action(async (id: string, decision: string, _options, command: Command) =>
      (await import("../commands/decide.ts")).decide(commonOf(command), id, decision, command.opts()),
    );

  add(
    program,
    "approve",
    "Say yes beforehand: to what would be done now, for the next question about exactly that",
    'prunella approve restart program:shop --for 2h --reason "the deploy may stumble once"',
  )
    .argument("<action>", "a remedy, such as restart")
    .argument("<target>", "such as program:shop")
    .requiredOption("--reason <text>", "why, in a few words")
    .option("--for <time>", "how long it waits for its question, a day at most", "1h")
    .option("--trigger <id>", "for questions of this trigger alone")
    .option("--project <id>", "whose target it is", "default")
    .action(async (action: string, target: string, _options, command: Command) =>
      (await import("../commands/approvals.ts")).approve(commonOf(command), { action, target }, command.opts()),
    );
  const approvals = group(
    program,
    "approvals",
    "What people said yes to before anybody asked",
    "prunella approvals list --all",
    async (command) => (await import("../commands/approvals.ts")).listApprovals(commonOf(command), {}),
  );
  add(approvals, "list", "List those that wait", "prunella approvals list --all")
    .option("--all", "also those that were used, withdrawn, or are over")
    .action(async (_options, command: Command) =>
      (await import("../commands/approvals.ts")).listApprovals(commonOf(command), command.opts()),
    );
  add(approvals, "withdraw", "Take one back that has not been used", "prunella approvals withdraw 3fa8c01d")
    .argument("<id>", "of the approval, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/approvals.ts")).withdrawApproval(commonOf(command), id),
    );

  const triggers = paged(add(program, "triggers", "List the triggers with their budgets", "prunella triggers")).action(
    async (_options, command: Command) =>
      (await import("../commands/triggers.ts")).triggers(commonOf(command), command.opts()),
  );
  addTriggerCommands(triggers);
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
  add(
    program,
    "drill",
    "Send a made-up failure the whole way to the gate's answer and take it back; ends with 1 when it proves nothing",
    "prunella drill restart-shop",
  )
    .argument("<trigger>", "id of the trigger")
    .option("--project <id>", "whose it is, where several projects have one of this name")
    .action(async (trigger: string, _options, command: Command) =>
      (await import("../commands/drill.ts")).drill(commonOf(command), trigger, command.opts()),
    );

  const notify = group(program, "notify", "How people are told what needs them", "prunella notify", async (command) =>
    (await import("../commands/notify.ts")).notifyList(commonOf(command), USUAL_PAGE),
  );
  add(notify, "list", "List the channels, and how far each message has come", "prunella notify list --channel on-call")
    .option("--channel <name>", "of this channel only")
    .option("--limit <n>", "how many, at most 200", "50")
    .action(async (_options, command: Command) =>
      (await import("../commands/notify.ts")).notifyList(commonOf(command), command.opts()),
    );
  add(notify, "test", "Send a test to a channel and say what came of it", "prunella notify test on-call")
    .argument("<channel>", "its name in prunella.yaml")
    .action(async (channel: string, _options, command: Command) =>
      (await import("../commands/notify.ts")).notifyTest(commonOf(command), channel),
    );
  add(notify, "retry", "Try again at once what did not arrive", "prunella notify retry fault_new.0190 on-call")
    .argument("<message>", "its id, as `prunella notify list` says it")
    .argument("<channel>", "its channel")
    .action(async (message: string, channel: string, _options, command: Command) =>
      (await import("../commands/notify.ts")).notifyRetry(commonOf(command), message, channel),
    );

  add(program, "kill", "Switch all healing off at once; programs keep running", "prunella kill").action(
    async (_options, command: Command) => (await import("../commands/kill.ts")).kill(commonOf(command), true),
  );

  add(program, "unkill", "Switch healing on again", "prunella unkill").action(async (_options, command: Command) =>
    (await import("../commands/kill.ts")).kill(commonOf(command), false),
  );
}
