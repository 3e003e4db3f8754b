import type { Command } from "commander";
import { add, commonOf, paged } from "../command-kit.ts";

/** Starting things, and whether they are up. */
export function addProgramCommands(program: Command): void {
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
      (await import("../commands/up.ts")).up(commonOf(command), command.opts()),
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
      (await import("../commands/run.ts")).run(commonOf(command), words, command.opts()),
    );

  paged(add(program, "programs", "List the supervised programs and whether they are up", "prunella programs")).action(
    async (_options, command: Command) =>
      (await import("../commands/programs.ts")).programs(commonOf(command), command.opts()),
  );

  add(program, "logs", "Show the last lines that a supervised program wrote, scrubbed", "prunella logs shop")
    .argument("<name>", "name of the program, as `prunella programs` lists it")
    .option("--project <id>", "when several projects have one of this name")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/program-output.ts")).logs(commonOf(command), name, command.opts()),
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
        (await import("../commands/programs.ts")).act(commonOf(command), verb, name, command.opts()),
      );
}
