import type { Command } from "commander";
import { add, commonOf, group } from "../command-kit.ts";

/** Running a server and keeping what it has. */
export function addServerCommands(program: Command): void {
  add(program, "status", "Say in a few lines whether all is well", "prunella status").action(
    async (_options, command: Command) => (await import("../commands/status.ts")).status(commonOf(command)),
  );

  add(program, "doctor", "Look at what a server needs here, and say what would mend it", "prunella doctor")
    .option("--config <file>", "configuration (default ./prunella.yaml when there is one)")
    .option("--sandbox", "let the hostile plugin try the sandbox, even where no plugin is installed")
    .action(async (_options, command: Command) =>
      (await import("../commands/doctor.ts")).doctor(commonOf(command), command.opts()),
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
      (await import("../commands/backup.ts")).backup(commonOf(command), file, command.opts()),
    );

  add(program, "restore", "Make a data folder out of a backup", "prunella restore shop.backup --data ./restored")
    .argument("<file>", "what `prunella backup` made")
    .option("--passphrase-file <file>", "the passphrase with which it was encrypted")
    .action(async (file: string, _options, command: Command) =>
      (await import("../commands/backup.ts")).restore(commonOf(command), file, command.opts()),
    );

  const config = group(program, "config", "The configuration file", "prunella config check", async (command) =>
    (await import("../commands/config.ts")).checkConfig(commonOf(command), undefined),
  );

  add(config, "check", "Tell every mistake in it, with line and column", "prunella config check prunella.yaml")
    .argument("[file]", "default ./prunella.yaml")
    .action(async (file: string | undefined, _options, command: Command) =>
      (await import("../commands/config.ts")).checkConfig(commonOf(command), file),
    );

  add(
    program,
    "reload",
    "Have the server read its configuration file again: whole, or not at all when it has a mistake",
    "prunella reload",
  ).action(async (_options, command: Command) => (await import("../commands/reload.ts")).reload(commonOf(command)));

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
      (await import("../commands/migrate.ts")).runMigrate(commonOf(command), command.opts()),
    );

  add(program, "sign-in", "Print a fresh link that signs a browser in, once", "prunella sign-in").action(
    async (_options, command: Command) => (await import("../commands/sign-in.ts")).signIn(commonOf(command)),
  );
}
