import { Option, type Command } from "commander";
import { add, commonOf, group, paged } from "../command-kit.ts";

/** The ledger and its key. */
export function addLedgerCommands(program: Command): void {
  const ledger = group(
    program,
    "ledger",
    "The append-only record of every intent and outcome",
    "prunella ledger verify",
    async (command) => (await import("../commands/ledger-show.ts")).show(commonOf(command), { limit: "20" }),
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
      (await import("../commands/ledger-verify.ts")).verify(commonOf(command), command.opts()),
    );

  add(
    ledger,
    "checkpoint",
    "Print one line to keep elsewhere; later it shows whether the past was changed",
    "prunella ledger checkpoint >> /mnt/elsewhere/kept.txt",
  ).action(async (_options, command: Command) =>
    (await import("../commands/ledger-checkpoint.ts")).checkpoint(commonOf(command)),
  );

  paged(add(ledger, "show", "Print entries, the newest last", "prunella ledger show --from 0 --limit 10"), 500)
    .option("--from <n>", "first index (default: the newest)")
    .option("--type <type>", "only entries of this type, such as attempt_refused")
    .option("--actor <actor>", "only those by whom, such as person:operator, trigger:restart-shop or system")
    .option("--fault <id>", "only those about this fault, by its whole id, with what followed from them")
    .action(async (_options, command: Command) =>
      (await import("../commands/ledger-show.ts")).show(commonOf(command), command.opts()),
    );

  add(
    ledger,
    "export",
    "Print runs of plugins in another audit log's schema, one JSON object a line",
    "prunella ledger export --format ouroboros > audit.jsonl",
  )
    .addOption(
      new Option("--format <format>", "whose schema: Ouroboros' plugin events (0.1)")
        .choices(["ouroboros"])
        .makeOptionMandatory(),
    )
    .option("--from <n>", "first index of the ledger (default: 0)")
    .action(async (_options, command: Command) =>
      (await import("../commands/ledger-export.ts")).exportLedger(commonOf(command), command.opts()),
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
      (await import("../commands/ledger-key.ts")).importKey(commonOf(command), file),
    );

  add(
    key,
    "export",
    "Copy this data folder's key for another server",
    "prunella ledger key export ./ledger-key.json --data a",
  )
    .argument("<file>", "where the copy goes; it must not be there yet")
    .action(async (file: string, _options, command: Command) =>
      (await import("../commands/ledger-key.ts")).exportKey(commonOf(command), file),
    );
}
