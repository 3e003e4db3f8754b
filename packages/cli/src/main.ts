import { Command, CommanderError } from "commander";
import { VERSION } from "@prunella/contract";
import { add, addCommon, commonOf, EXIT_CODES, group, refuseUnknown, unknown } from "./command-kit.ts";
import { tellFailure } from "./failure.ts";
import { addPeopleCommands } from "./people-commands.ts";
import { addProjectCommands } from "./project-commands.ts";
import { addFinding } from "./finding-commands.ts";

/** Enough for what was printed to be read. */
const LEFT_OPEN_MS = 1_000;

/** Runs one command line. Sets the process's exit code; commands that stay (\`up\`, \`run\`) resolve when they end. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that goes away (\`| head\`) ends us quietly.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
  const isJson = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length).includes("--json");
  const program = createProgram(isJson);
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1;
    else {
      process.exitCode = tellFailure(error, isJson);
      // What had been opened by then (a server, a line to a database) must not keep a process that failed.
      setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
    }
  }
}

export function createProgram(isJson = false): Command {
  const program = new Command("prunella");
  program
    .description(
      "Takes in failures of your programs, heals what it may inside hard limits, proves what it did, and asks you the rest.",
    )
    .version(VERSION, "-V, --version")
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      outputError: (message, write) =>
        write(
          isJson
            ? `${JSON.stringify({ error: { code: "PRUNELLA_USAGE", message: message.replace(/^error: /, "").trim(), hint: null } })}\n`
            : `${message.replace(/^error: /, "prunella: ").replace(/\n?$/, "\n")}(PRUNELLA_USAGE)\n`,
        ),
    })
    .addHelpText("after", `\nExample:\n  $ prunella up\n${EXIT_CODES}`);
  addCommon(program);
  add(
    program,
    "up",
    "Start the server on its data folder, and the programs that its configuration names",
    "prunella up --port 0 --no-demo",
  )
    .option("--port <n>", "port to serve on; 0 picks a free one (default 4500)")
    .option("--host <address>", "address to serve on (default 127.0.0.1)")
    .option("--config <file>", "configuration (default ./prunella.yaml when there is one)")
    .option("--database-url <url>", "postgres://… instead of the embedded database")
    .option("--no-demo", "without the example program examples/flaky-service")
    .action(async (_options, command: Command) =>
      (await import("./commands/up.ts")).up(commonOf(command), command.opts()),
    );

  add(
    program,
    "run",
    "Run any program and restart it within a budget when it crashes",
    "prunella run --name shop --max-restarts 3 --window 10m -- node server.js",
  )
    .argument("<command...>", "the program and its arguments, after --")
    .option("--name <name>", "what faults and decisions call it (default: from the command)")
    .option("--project <id>", "project that its crashes belong to", "default")
    .option("--max-restarts <n>", "restarts within the window before a person is asked (default 5)")
    .option("--window <duration>", "window of the budget, such as 90s, 10m, 2h (default 10m)")
    .option("--stop-grace <duration>", "what it may take to end after TERM before it is killed (default 10s)")
    .passThroughOptions()
    .action(async (words: string[], _options, command: Command) =>
      (await import("./commands/run.ts")).run(commonOf(command), words, command.opts()),
    );

  addFinding(program);

  add(program, "fault", "Show one fault: its stack, attempts and escalations", "prunella fault 3fa8c01d")
    .argument("<id>", "id, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/fault.ts")).fault(commonOf(command), id),
    );

  for (const [action, what] of [
    ["resolve", "Say that a fault is repaired; when it comes back it counts as regressed"],
    ["mute", "Keep counting a fault, but out of sight"],
    ["reopen", "Undo resolve or mute"],
  ] as const) {
    add(program, action, what, `prunella ${action} 3fa8c01d`)
      .argument("<id>", "id of the fault, or its unique beginning or end")
      .action(async (id: string, _options, command: Command) =>
        (await import("./commands/fault-action.ts")).changeFault(commonOf(command), id, action),
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
      (await import("./commands/erase.ts")).erase(commonOf(command), id, command.opts()),
    );

  add(program, "why", "Say why events are one fault: fingerprints, what they share, merges", "prunella why 3fa8c01d")
    .argument("<fault>", "id of the fault, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/why.ts")).why(commonOf(command), id),
    );
  add(program, "merge", "Say that faults are one: the others go into the first", "prunella merge 3fa8c01d 9c41e07b")
    .argument("<into>", "id of the fault that takes the others in")
    .argument("<fault...>", "ids of the faults that go into it")
    .action(async (into: string, others: string[], _options, command: Command) =>
      (await import("./commands/merge.ts")).merge(commonOf(command), into, others),
    );
  add(program, "unmerge", "Take a merged fault out again", "prunella unmerge 9c41e07b")
    .argument("<fault>", "id of the fault that was merged into another")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/unmerge.ts")).unmerge(commonOf(command), id),
    );

  const rules = group(program, "rules", "People's grouping rules", "prunella rules", async (command) =>
    (await import("./commands/rules.ts")).listRules(commonOf(command)),
  );
  add(rules, "list", "List the grouping rules, the oldest first", "prunella rules list").action(
    async (_options, command: Command) => (await import("./commands/rules.ts")).listRules(commonOf(command)),
  );
  add(
    rules,
    "add",
    "Write a rule: events that fit all of it are one fault; * stands for any text",
    "prunella rules add --message 'timeout after * ms' --as 'slow upstream'",
  )
    .option("--as <name>", "name of the fault; {class} and {function} stand for the event's own")
    .option("--class <pattern>", "error class, of the error or of a cause")
    .option("--message <pattern>", "message")
    .option("--function <pattern>", "function of any frame")
    .option("--file <pattern>", "file of any frame")
    .option("--target <pattern>", "program under prunella run")
    .option("--project <id>", "project that it groups in", "default")
    .action(async (_options, command: Command) =>
      (await import("./commands/rules.ts")).addRule(commonOf(command), command.opts()),
    );
  add(rules, "remove", "Remove a rule; what was grouped by it stays", "prunella rules remove 5b0d9a3c")
    .argument("<id>", "id of the rule, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/rules.ts")).removeRule(commonOf(command), id),
    );

  addSourceMapCommands(program);

  add(
    program,
    "explain",
    "Say what Prunella did about a fault and why, and which switch would change it",
    "prunella explain 3fa8c01d",
  )
    .argument("<fault>", "id of the fault, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/explain.ts")).explain(commonOf(command), id),
    );

  add(program, "attempts", "List what was tried, and what was refused and why", "prunella attempts --fault 3fa8c01d")
    .option("--fault <id>", "for this fault only")
    .option("--project <id>", "of this project only")
    .option("--limit <n>", "how many, at most 200", "50")
    .action(async (_options, command: Command) =>
      (await import("./commands/attempts.ts")).attempts(commonOf(command), command.opts()),
    );

  add(program, "escalations", "List what waits for your decision", "prunella escalations --all")
    .option("--all", "also those that are decided")
    .action(async (_options, command: Command) =>
      (await import("./commands/escalations.ts")).escalations(commonOf(command), command.opts()),
    );

  add(program, "decide", "Decide an escalation", "prunella decide 9c41e07b restart_once")
    .argument("<id>", "id of the escalation, or its unique beginning or end")
    .argument("<decision>", "restart_once or leave_stopped")
    .action(async (id: string, decision: string, _options, command: Command) =>
      (await import("./commands/decide.ts")).decide(commonOf(command), id, decision),
    );

  add(program, "triggers", "List the triggers with their budgets", "prunella triggers").action(
    async (_options, command: Command) => (await import("./commands/triggers.ts")).triggers(commonOf(command)),
  );

  add(program, "status", "Say in a few lines whether all is well", "prunella status").action(
    async (_options, command: Command) => (await import("./commands/status.ts")).status(commonOf(command)),
  );
  add(program, "doctor", "Look at what a server needs here, and say what would mend it", "prunella doctor")
    .option("--config <file>", "configuration (default ./prunella.yaml when there is one)")
    .action(async (_options, command: Command) =>
      (await import("./commands/doctor.ts")).doctor(commonOf(command), command.opts()),
    );
  add(
    program,
    "backup",
    "Copy database and ledger key into one file, while a server runs",
    "prunella backup shop.backup",
  )
    .argument("<file>", "where it goes; it must not be there yet")
    .option("--passphrase-file <file>", "encrypt it with the passphrase in this file, of at least 12 characters")
    .action(async (file: string, _options, command: Command) =>
      (await import("./commands/backup.ts")).backup(commonOf(command), file, command.opts()),
    );
  add(program, "restore", "Make a data folder out of a backup", "prunella restore shop.backup --data ./restored")
    .argument("<file>", "what `prunella backup` made")
    .option("--passphrase-file <file>", "the passphrase with which it was encrypted")
    .action(async (file: string, _options, command: Command) =>
      (await import("./commands/backup.ts")).restore(commonOf(command), file, command.opts()),
    );
  const config = group(program, "config", "The configuration file", "prunella config check", async (command) =>
    (await import("./commands/config.ts")).checkConfig(commonOf(command), undefined),
  );
  add(config, "check", "Tell every mistake in it, with line and column", "prunella config check prunella.yaml")
    .argument("[file]", "default ./prunella.yaml")
    .action(async (file: string | undefined, _options, command: Command) =>
      (await import("./commands/config.ts")).checkConfig(commonOf(command), file),
    );
  add(program, "programs", "List the supervised programs and whether they are up", "prunella programs").action(
    async (_options, command: Command) => (await import("./commands/programs.ts")).programs(commonOf(command)),
  );
  add(program, "logs", "Show the last lines that a supervised program wrote, scrubbed", "prunella logs shop")
    .argument("<name>", "name of the program, as `prunella programs` lists it")
    .option("--project <id>", "when several projects have one of this name")
    .action(async (name: string, _options, command: Command) =>
      (await import("./commands/program-output.ts")).logs(commonOf(command), name, command.opts()),
    );
  for (const [verb, what] of [
    ["start", "Start a supervised program that is down or stopped"],
    ["stop", "Stop a supervised program; no policy starts it again"],
    ["restart", "End a supervised program and start it again"],
  ] as const)
    add(program, verb, what, `prunella ${verb} shop`)
      .argument("<name>", "name of the program, as `prunella programs` lists it")
      .option("--project <id>", "when several projects have one of this name")
      .action(async (name: string, _options, command: Command) =>
        (await import("./commands/programs.ts")).act(commonOf(command), verb, name, command.opts()),
      );

  add(program, "kill", "Switch all healing off at once; programs keep running", "prunella kill").action(
    async (_options, command: Command) => (await import("./commands/kill.ts")).kill(commonOf(command), true),
  );
  add(program, "unkill", "Switch healing on again", "prunella unkill").action(async (_options, command: Command) =>
    (await import("./commands/kill.ts")).kill(commonOf(command), false),
  );

  addCrashCommands(program);

  add(
    program,
    "migrate",
    "Bring the database up to date, as the next start would; --check only says what would be done",
    "prunella migrate --check",
  )
    .option("--check", "change nothing; ends with 1 when there is something to do")
    .option("--config <file>", "configuration file")
    .option("--database-url <url>", "PostgreSQL instead of the embedded database")
    .action(async (_options, command: Command) =>
      (await import("./commands/migrate.ts")).runMigrate(commonOf(command), command.opts()),
    );
  addProjectCommands(program);

  const ledger = group(
    program,
    "ledger",
    "The append-only record of every intent and outcome",
    "prunella ledger verify",
    async (command) => (await import("./commands/ledger-show.ts")).show(commonOf(command), { limit: "20" }),
  );
  add(
    ledger,
    "verify",
    "Check signature, entries, tiles and laws of the ledger",
    "prunella ledger verify --checkpoint kept.txt",
  )
    .option("--folder <path>", "check the files in this folder (of the ledger, or a data folder), without a server")
    .option("--vkey <key>", "verifier key that must have signed it: its text or a file that holds it")
    .option(
      "--checkpoint <kept>",
      "prove that it extends what you kept: a line of `ledger checkpoint`, or a file of them",
    )
    .option("--witness <vkey...>", "with --folder: keys of witnesses that must have cosigned it")
    .action(async (_options, command: Command) =>
      (await import("./commands/ledger-verify.ts")).verify(commonOf(command), command.opts()),
    );
  add(
    ledger,
    "checkpoint",
    "Print one line to keep elsewhere; later it shows whether the past was changed",
    "prunella ledger checkpoint >> /mnt/elsewhere/kept.txt",
  ).action(async (_options, command: Command) =>
    (await import("./commands/ledger-checkpoint.ts")).checkpoint(commonOf(command)),
  );
  add(ledger, "show", "Print entries, the newest last", "prunella ledger show --from 0 --limit 10")
    .option("--from <n>", "first index (default: the newest)")
    .option("--limit <n>", "how many, at most 500", "50")
    .action(async (_options, command: Command) =>
      (await import("./commands/ledger-show.ts")).show(commonOf(command), command.opts()),
    );

  const key = group(
    ledger,
    "key",
    "The key that signs the ledger: servers of one database share it",
    "prunella ledger key import ./ledger-key.json --data b",
  );
  add(
    key,
    "import",
    "Take the key of the servers whose database this data folder's server will use",
    "prunella ledger key import ./ledger-key.json --data b",
  )
    .argument("<file>", "ledger-key.json of such a server's data folder")
    .action(async (file: string, _options, command: Command) =>
      (await import("./commands/ledger-key.ts")).importKey(commonOf(command), file),
    );
  add(
    key,
    "export",
    "Copy this data folder's key for another server",
    "prunella ledger key export ./ledger-key.json --data a",
  )
    .argument("<file>", "where the copy goes; it must not be there yet")
    .action(async (file: string, _options, command: Command) =>
      (await import("./commands/ledger-key.ts")).exportKey(commonOf(command), file),
    );

  const scrub = add(
    program,
    "scrub",
    "Show what would be removed from a text before it is kept",
    "prunella scrub < crash.log",
  )
    .option("--rules <file>", "rules of your own, in YAML, beside the built-in ones")
    .action(async (_options, command: Command) =>
      (await import("./commands/scrub.ts")).scrub(commonOf(command), command.opts()),
    );
  add(scrub, "test", "Try your own rules on their examples and negatives", "prunella scrub test rules.yml")
    .argument("<file>", "rules in YAML: name, type, keywords, pattern, examples, negatives")
    .action(async (file: string, _options, command: Command) =>
      (await import("./commands/scrub.ts")).testRules(commonOf(command), file),
    );

  add(program, "sign-in", "Print a fresh link that signs a browser in, once", "prunella sign-in").action(
    async (_options, command: Command) => (await import("./commands/sign-in.ts")).signIn(commonOf(command)),
  );
  addPeopleCommands(program);
  return program;
}

function addSourceMapCommands(program: Command): void {
  const maps = group(
    program,
    "sourcemaps",
    "Source maps: crashes of built code are shown as it was written",
    "prunella sourcemaps upload dist --release shop@1.4.0",
  );
  add(
    maps,
    "upload",
    "Upload every .map file of a build; secrets in its sources are taken out",
    "prunella sourcemaps upload dist --release shop@1.4.0 --url-prefix '~/static'",
  )
    .argument("<path...>", "folders that the bundler wrote to, or .map files")
    .option("--release <release>", "release that events carry; needed where maps have no debug ids")
    .option("--project <id>", "project whose events they serve", "default")
    .option("--url-prefix <prefix>", "what stands before the files in frames; ~ is any host", "~")
    .action(async (paths: string[], _options, command: Command) =>
      (await import("./commands/sourcemaps.ts")).uploadMaps(commonOf(command), paths, command.opts()),
    );
  add(maps, "list", "List them, newest first", "prunella sourcemaps list")
    .option("--project <id>", "of this project only")
    .action(async (_options, command: Command) =>
      (await import("./commands/sourcemaps.ts")).listMaps(commonOf(command), command.opts()),
    );
  add(maps, "remove", "Remove one, or all of a release", "prunella sourcemaps remove --release shop@1.3.0")
    .argument("[id]", "id, or its unique beginning or end")
    .option("--release <release>", "all of this release")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("./commands/sourcemaps.ts")).removeMaps(commonOf(command), id, command.opts()),
    );
}

/** What programs captured on this machine, and what may leave it. None of these needs a server. */
function addCrashCommands(program: Command): void {
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
    (await import("./commands/crash.ts")).listCrashes(commonOf(command), command.opts());
  });
  of(add(crash, "list", "List them, newest first", "prunella crash list")).action(async (_options, command: Command) =>
    (await import("./commands/crash.ts")).listCrashes(commonOf(command), command.optsWithGlobals()),
  );
  of(add(crash, "show", "Print one, byte for byte what is or would be sent", "prunella crash show 3fa8c01d"))
    .argument("<id>", "id, or its unique beginning")
    .action(async (id: string, _options, command: Command) =>
      (await import("./commands/crash.ts")).showCrash(id, command.optsWithGlobals()),
    );
  of(
    add(crash, "submit", "Send one, or all that wait; else say how to do it by hand", "prunella crash submit 3fa8c01d"),
  )
    .argument("[id]", "id, or its unique beginning")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("./commands/crash.ts")).submitCrash(commonOf(command), id, command.optsWithGlobals()),
    );
  of(add(crash, "forget", "Delete one, or all, from this machine", "prunella crash forget --all"))
    .argument("[id]", "id, or its unique beginning")
    .option("--all", "every report and note")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("./commands/crash.ts")).forgetCrash(commonOf(command), id, command.optsWithGlobals()),
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
      (await import("./commands/crash.ts")).captureCrash(command.optsWithGlobals()),
    );

  const telemetry = group(
    program,
    "telemetry",
    "Whether crash reports may leave this machine",
    "prunella telemetry status",
    async (command) => (await import("./commands/telemetry.ts")).telemetryStatus(commonOf(command), {}),
  );
  add(telemetry, "status", "Say whether, why, and how many reports wait", "prunella telemetry status")
    .option("--app <name>", "of this program only")
    .action(async (_options, command: Command) =>
      (await import("./commands/telemetry.ts")).telemetryStatus(commonOf(command), command.opts()),
    );
  for (const [name, what] of [
    ["on", "Allow reports, where nothing else is against it"],
    ["off", "Send nothing and write nothing about crashes"],
  ] as const) {
    add(telemetry, name, what, `prunella telemetry ${name}`)
      .option("--app <name>", "for this program only")
      .option("--endpoint <url>", "server for reports, instead of what programs name")
      .action(async (_options, command: Command) =>
        (await import("./commands/telemetry.ts")).setTelemetry(commonOf(command), name === "on", command.opts()),
      );
  }

  add(program, "hook", "Print what makes a shell script report its crashes", 'eval "$(prunella hook bash)"')
    .argument("<shell>", "bash")
    .option("--app <name>", "what reports call the script", "shell")
    .action(async (shell: string, _options, command: Command) =>
      (await import("./commands/hook.ts")).hook(shell, command.opts()),
    );

  add(program, "help", "Show the help of a command", "prunella help crash list")
    .argument("[command...]", "its words")
    .action((words: string[]) => {
      let command = program;
      for (const word of words) {
        const next = command.commands.find((each) => each.name() === word);
        if (next === undefined) throw unknown(command, word);
        command = next;
      }
      command.help();
    });
}
