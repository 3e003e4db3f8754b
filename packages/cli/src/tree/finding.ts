import { Option, type Command } from "commander";
import { add, commonOf, group, paged, USUAL_PAGE } from "../command-kit.ts";

/** What finds faults, and the names that people give to searches. */
export function addFindingCommands(program: Command): void {
  paged(
    add(program, "faults", "Find what goes wrong", 'prunella faults "level:error cart timeout" --sort count --limit 5'),
  )
    .argument("[query...]", "words and conditions, such as release:shop@1.4.0 is:open; see docs/guides/search.md")
    .option("--project <id>", "of this project only")
    .addOption(
      new Option("--status <status>", "which ones")
        .choices(["active", "all", "open", "regressed", "resolved", "muted"])
        .default("active"),
    )
    .addOption(
      new Option("--sort <order>", "what comes first")
        .choices(["last_seen", "first_seen", "count", "trend", "users"])
        .default("last_seen"),
    )
    .action(async (words: string[], _options, command: Command) =>
      (await import("../commands/faults.ts")).faults(commonOf(command), words, command.opts()),
    );

  const views = group(program, "views", "Searches that were given a name", "prunella views", async (command) =>
    (await import("../commands/views.ts")).listViews(commonOf(command), USUAL_PAGE),
  );
  paged(add(views, "list", "List them", "prunella views list")).action(async (_options, command: Command) =>
    (await import("../commands/views.ts")).listViews(commonOf(command), command.opts()),
  );
  add(views, "add", "Give a search a name", 'prunella views add "Crashes of shop" "target:program:shop level:fatal"')
    .argument("<name>", "what it is called")
    .argument("<query>", "words and conditions, as of `prunella faults`")
    .action(async (name: string, query: string, _options, command: Command) =>
      (await import("../commands/views.ts")).addView(commonOf(command), name, query),
    );
  add(views, "remove", "Forget a name", 'prunella views remove "Crashes of shop"')
    .argument("<name>", "what it is called")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/views.ts")).removeView(commonOf(command), name),
    );
}
