import type { Command } from "commander";
import { add, commonOf, group } from "../command-kit.ts";

const PROJECT = ["--project <id>", "of this project"] as const;

/** What Prunella looks at, and what says by itself that it lives. */
export function addWatchingCommands(program: Command): void {
  const probes = group(program, "probes", "What Prunella looks at by itself", "prunella probes", async (command) =>
    (await import("../commands/probes.ts")).probes(commonOf(command), {}),
  );
  add(probes, "list", "List the probes and what they found", "prunella probes list --project shop")
    .option(...PROJECT)
    .action(async (_options, command: Command) =>
      (await import("../commands/probes.ts")).probes(commonOf(command), command.opts()),
    );
  add(probes, "show", "One probe: its settings, the last day, the last changes", "prunella probes show shop-http")
    .argument("<name>", "its name")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/probes.ts")).showProbe(commonOf(command), name, command.opts()),
    );
  add(probes, "check", "Look now, as if it were due", "prunella probes check shop-http")
    .argument("<name>", "its name")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/probes.ts")).checkProbe(commonOf(command), name, command.opts()),
    );

  const heartbeats = group(
    program,
    "heartbeats",
    "What says by itself that it lives",
    "prunella heartbeats",
    async (command) => (await import("../commands/heartbeats.ts")).heartbeats(commonOf(command), {}),
  );
  add(heartbeats, "list", "List the heartbeats and when they were heard", "prunella heartbeats list --project shop")
    .option(...PROJECT)
    .action(async (_options, command: Command) =>
      (await import("../commands/heartbeats.ts")).heartbeats(commonOf(command), command.opts()),
    );
  add(heartbeats, "show", "One heartbeat: what it said last, the last day", "prunella heartbeats show nightly")
    .argument("<name>", "its name")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/heartbeats.ts")).showHeartbeat(commonOf(command), name, command.opts()),
    );
  add(heartbeats, "add", "Write one down; its key is shown once", 'prunella heartbeats add nightly --cron "0 3 * * *"')
    .argument("<name>", "the last part of its address")
    .option("--every <duration>", "the longest time between two signs of life, such as 1h")
    .option("--cron <pattern>", "or when it runs, as cron writes it")
    .option("--zone <zone>", "whose clock the pattern is read by", "UTC")
    .option("--grace <duration>", "how much later than due it may come", "1m")
    .option("--max-runtime <duration>", "how long a run may take from /start to its end")
    .option("--target <target>", "what lives, as triggers name it, such as program:shop")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/heartbeats.ts")).addHeartbeat(commonOf(command), name, command.opts()),
    );
  add(heartbeats, "rotate", "Another key, shown once; the old one ends", "prunella heartbeats rotate nightly")
    .argument("<name>", "its name")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/heartbeats.ts")).rotateHeartbeat(commonOf(command), name, command.opts()),
    );
  add(heartbeats, "remove", "Take one away that a person or an SDK made", "prunella heartbeats remove nightly")
    .argument("<name>", "its name")
    .option(...PROJECT)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/heartbeats.ts")).removeHeartbeat(commonOf(command), name, command.opts()),
    );
}
