import type { Command } from "commander";
import { add, commonOf, group, paged, USUAL_PAGE } from "../command-kit.ts";

/** `prunella projects` and what stands below it. */
export function addProjectCommands(program: Command): void {
  const projects = group(
    program,
    "projects",
    "The projects and their DSNs",
    "prunella projects add shop-api --title 'Shop API'",
    async (command) => (await import("../commands/projects.ts")).listProjects(commonOf(command), USUAL_PAGE),
  );
  paged(add(projects, "list", "List projects with their DSNs", "prunella projects list")).action(
    async (_options, command: Command) =>
      (await import("../commands/projects.ts")).listProjects(commonOf(command), command.opts()),
  );
  add(projects, "add", "Add a project", "prunella projects add shop-api --title 'Shop API'")
    .argument("<id>", "1 to 40 of a-z, 0-9 and -")
    .option("--title <title>", "what people read (default: the id)")
    .action(async (id: string, _options, command: Command) =>
      (await import("../commands/projects.ts")).addProject(commonOf(command), id, command.opts()),
    );

  const settings = () => import("../commands/project-settings.ts");
  add(projects, "rename", "Give a project another title", "prunella projects rename shop-api 'Shop API'")
    .argument("<id>", "of the project")
    .argument("<title>", "what people read")
    .action(async (id: string, title: string, _options, command: Command) =>
      (await settings()).renameProject(commonOf(command), id, title),
    );
  add(
    projects,
    "delete",
    "Delete a project and all that it kept, after 24 hours in which it can be taken back",
    "prunella projects delete shop-api --confirm shop-api",
  )
    .argument("<id>", "of the project")
    .option("--confirm <id>", "its id once more")
    .action(async (id: string, _options, command: Command) =>
      (await settings()).deleteProject(commonOf(command), id, command.opts()),
    );
  add(projects, "keep", "Take a deletion back", "prunella projects keep shop-api")
    .argument("<id>", "of the project")
    .action(async (id: string, _options, command: Command) => (await settings()).keepProject(commonOf(command), id));
  add(
    projects,
    "retention",
    "Show or change how long a project's data is kept, what is used and what goes next",
    "prunella projects retention shop-api --bodies 30d --cap 1GB",
  )
    .argument("<id>", "of the project")
    .option("--seconds <time>", "counts tell the second for so long")
    .option("--hours <time>", "counts tell the hour for so long")
    .option("--bodies <time>", "bodies of events")
    .option("--faults <time>", "resolved and muted faults after their last event")
    .option("--source-maps <time>", "source maps after their last use")
    .option("--cap <size>", "all of it together, such as 500MB or 2GB")
    .option("--reset", "everything as the configuration says")
    .action(async (id: string, _options, command: Command) =>
      (await settings()).retention(commonOf(command), id, command.opts()),
    );

  const keys = group(
    projects,
    "keys",
    "The keys in a project's DSNs",
    "prunella projects keys rotate shop-api --overlap 24h",
  );
  add(keys, "list", "List the keys that are taken", "prunella projects keys list shop-api")
    .argument("<id>", "of the project")
    .action(async (id: string, _options, command: Command) => (await settings()).listKeys(commonOf(command), id));
  add(keys, "add", "Take a further key, beside the others", "prunella projects keys add shop-api")
    .argument("<id>", "of the project")
    .action(async (id: string, _options, command: Command) => (await settings()).addKey(commonOf(command), id));
  add(
    keys,
    "rotate",
    "Hand out a new key; the former ones are taken until the overlap is over",
    "prunella projects keys rotate shop-api --overlap 24h",
  )
    .argument("<id>", "of the project")
    .option("--overlap <time>", "such as 30m, 24h, 7d; 0h refuses the former ones at once", "24h")
    .action(async (id: string, _options, command: Command) =>
      (await settings()).rotateKey(commonOf(command), id, command.opts()),
    );
  add(keys, "revoke", "Refuse what comes with a key", "prunella projects keys revoke shop-api 4f1c9a20")
    .argument("<id>", "of the project")
    .argument("<key>", "its beginning, as `keys list` shows it")
    .action(async (id: string, key: string, _options, command: Command) =>
      (await settings()).revokeKey(commonOf(command), id, key),
    );
}
