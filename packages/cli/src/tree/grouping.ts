import type { Command } from "commander";
import { add, commonOf, group, paged, USUAL_PAGE } from "../command-kit.ts";

/** Which events are one fault, and how their frames are read. */
export function addGroupingCommands(program: Command): void {
  add(program, "why", "Say why events are one fault: fingerprints, what they share, merges", "prunella why 3fa8c01d")
    .argument("<fault>", "id of the fault, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/why.ts")).why(commonOf(command), id),
    );

  add(program, "merge", "Say that faults are one: the others go into the first", "prunella merge 3fa8c01d 9c41e07b")
    .argument("<into>", "id of the fault that takes the others in")
    .argument("<fault...>", "ids of the faults that go into it")
    .action(async (into: string, others: string[], _options, command: Command) =>
      (await import("../commands/merge.ts")).merge(commonOf(command), into, others),
    );

  add(program, "unmerge", "Take a merged fault out again", "prunella unmerge 9c41e07b")
    .argument("<fault>", "id of the fault that was merged into another")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/unmerge.ts")).unmerge(commonOf(command), id),
    );

  const rules = group(program, "rules", "People's grouping rules", "prunella rules", async (command) =>
    (await import("../commands/rules.ts")).listRules(commonOf(command), USUAL_PAGE),
  );

  paged(add(rules, "list", "List the grouping rules, the oldest first", "prunella rules list")).action(
    async (_options, command: Command) =>
      (await import("../commands/rules.ts")).listRules(commonOf(command), command.opts()),
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
      (await import("../commands/rules.ts")).addRule(commonOf(command), command.opts()),
    );

  add(rules, "remove", "Remove a rule; what was grouped by it stays", "prunella rules remove 5b0d9a3c")
    .argument("<id>", "id of the rule, or its unique beginning or end")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/rules.ts")).removeRule(commonOf(command), id),
    );

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
      (await import("../commands/sourcemaps.ts")).uploadMaps(commonOf(command), paths, command.opts()),
    );
  paged(add(maps, "list", "List them, newest first", "prunella sourcemaps list"))
    .option("--project <id>", "of this project only")
    .action(async (_options, command: Command) =>
      (await import("../commands/sourcemaps.ts")).listMaps(commonOf(command), command.opts()),
    );
  add(maps, "remove", "Remove one, or all of a release", "prunella sourcemaps remove --release shop@1.3.0")
    .argument("[id]", "id, or its unique beginning or end")
    .option("--release <release>", "all of this release")
    .action(async (id: string | undefined, _options, command: Command) =>
      (await import("../commands/sourcemaps.ts")).removeMaps(commonOf(command), id, command.opts()),
    );
}
