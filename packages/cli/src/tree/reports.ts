import type { Command } from "commander";
import { add, commonOf, group, paged, refuseUnknown, USUAL_PAGE } from "../command-kit.ts";

/** What programs captured on this machine, and what may leave it. None of these needs a server. */
export function addReportCommands(program: Command): void {
  const crash = group(
    program,
    "crash",
    "Reports of crashes that programs captured on this machine",
    "prunella crash list",
  );
  const of = (command: Command): Command =>
    command.option("--app <name>", "of this program only").option("--home <folder>", "of the program with this folder");
  of(crash).action(async (_options, command: Command) => {
    refuseUnknown(command);
    (await import("../commands/crash.ts")).listCrashes(commonOf(command), { ...USUAL_PAGE, ...command.opts() });
  });
  of(paged(add(crash, "list", "List them, newest first", "prunella crash list"))).action(
    async (_options, command: Command) =>
      (await import("../commands/crash.ts")).listCrashes(commonOf(command), command.optsWithGlobals()),
  );
  of(add(crash, "show", "Print one, byte for byte what is or would be sent", "prunella crash show 3fa8c01d"))
    .argument("<id>", "id, or its unique beginning")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/crash.ts")).showCrash(id, command.optsWithGlobals()),
    );
  of(
    add(crash, "submit", "Send one, or all that wait; else say how to do it by hand", "prunella crash submit 3fa8c01d"),
  )
    .argument("[id]", "id, or its unique beginning")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/crash.ts")).submitCrash(commonOf(command), id, command.optsWithGlobals()),
    );
  of(add(crash, "forget", "Delete one, or all, from this machine", "prunella crash forget --all"))
    .argument("[id]", "id, or its unique beginning")
    .option("--all", "every report and note")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/crash.ts")).forgetCrash(commonOf(command), id, command.optsWithGlobals()),
    );
  crash
    .command("capture", { hidden: true })
    .requiredOption("--app <name>", "name of the program")
    .option("--exit-code <n>", "what it ended with")
    .option("--class <class>", "class of the error")
    .option("--function <name...>", "functions on the stack, newest call first")
    .option("--phase <phase>", "step that it was in")
    .option("--terminal", "the program's stderr is a terminal")
    .option("--friction <kind>", "retry_loop, rate_limit_loop or gate_failure; reported at its threshold")
    .option("--key <text>", "what is retried, limited or refused; kept as a hash")
    .option("--later", "keep it now and send it with the next one")
    .option("--ok", "it worked: counting of --key starts anew")
    .action(async (_options, command: Command) =>
      (await import("../commands/crash.ts")).captureCrash(command.optsWithGlobals()),
    );

  const telemetry = group(
    program,
    "telemetry",
    "Whether crash reports may leave this machine",
    "prunella telemetry status",
    async (command) => (await import("../commands/telemetry.ts")).telemetryStatus(commonOf(command), {}),
  );
  add(telemetry, "status", "Say whether, why, and how many reports wait", "prunella telemetry status")
    .option("--app <name>", "of this program only")
    .action(async (_options, command: Command) =>
      (await import("../commands/telemetry.ts")).telemetryStatus(commonOf(command), command.opts()),
    );
  for (const [name, what] of [
    ["on", "Allow reports, where nothing else is against it"],
    ["off", "Send nothing and write nothing about crashes"],
  ] as const) {
    add(telemetry, name, what, `prunella telemetry ${name}`)
      .option("--app <name>", "for this program only")
      .option("--endpoint <url>", "server for reports, instead of what programs name")
      .action(async (_options, command: Command) =>
        (await import("../commands/telemetry.ts")).setTelemetry(commonOf(command), name === "on", command.opts()),
      );
  }

  add(program, "hook", "Print what makes a shell script report its crashes", 'eval "$(prunella hook bash)"')
    .argument("<shell>", "bash")
    .option("--app <name>", "what reports call the script", "shell")
    .action(async (shell: string, _options, command: Command) =>
      (await import("../commands/hook.ts")).hook(shell, command.opts()),
    );

  const scrub = add(
    program,
    "scrub",
    "Show what would be removed from a text before it is kept",
    "prunella scrub < crash.log",
  )
    .option("--rules <file>", "rules of your own, in YAML, beside the built-in ones")
    .action(async (_options, command: Command) =>
      (await import("../commands/scrub.ts")).scrub(commonOf(command), command.opts()),
    );

  add(scrub, "test", "Try your own rules on their examples and negatives", "prunella scrub test rules.yml")
    .argument("<file>", "rules in YAML: name, type, keywords, pattern, examples, negatives")
    .action(async (file: string, _options, command: Command) =>
      (await import("../commands/scrub.ts")).testRules(commonOf(command), file),
    );
}
