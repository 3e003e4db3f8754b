import type { Command } from "commander";
import { add, commonOf, group, paged } from "../command-kit.ts";

const collect = (typed: string, before: readonly string[] = []): readonly string[] => [...before, typed];

const ofSource = (command: Command): Command =>
  command
    .argument("<source>", "folder as the server's machine sees it, or address of a git repository")
    .option("--commit <id>", "of a git repository: the whole id of the commit")
    .option("--folder <path>", "of a git repository: the plugin's folder in it");

const ofOne = (command: Command): Command =>
  command
    .argument("<name>", "name of the plugin")
    .option("--from <origin>", "which one, where several sources have a plugin of this name");

const inProject = (command: Command): Command => command.option("--project <id>", "project (default: default)");

/** Programs above the core: what is there, what each may, and what it did. */
export function addPluginCommands(program: Command): void {
  paged(add(program, "issues", "List what was filed at the host of repositories", "prunella issues --project shop"))
    .option("--project <id>", "of this project only")
    .action(async (_options, command: Command) =>
      (await import("../commands/filings.ts")).listFilings(commonOf(command), command.opts()),
    );
  const plugin = group(
    program,
    "plugin",
    "Install programs above the core, and say what each may do",
    "prunella plugin list",
    async (command) => (await import("../commands/plugins/show.ts")).listPlugins(commonOf(command), {}),
  );

  add(plugin, "init", "Make a folder with a plugin that runs", "prunella plugin init hello")
    .argument("<name>", "name of the plugin, and of its folder")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/init.ts")).initPlugin(commonOf(command), name),
    );
  inProject(
    add(plugin, "dev", "Install a folder anew whenever it is saved, and show its calls", "prunella plugin dev --trust"),
  )
    .argument("[folder]", "folder of the plugin (default: this one)")
    .option("--trust", "grant each version what it requires, for an hour; never what is destructive")
    .action(async (folder: string | undefined, _options, command: Command) =>
      (await import("../commands/plugins/dev.ts")).devPlugin(commonOf(command), folder ?? ".", command.opts()),
    );

  ofSource(
    add(plugin, "discover", "List the plugins that a source holds", "prunella plugin discover ./plugins"),
  ).action(async (source: string, _options, command: Command) =>
    (await import("../commands/plugins/install.ts")).discover(commonOf(command), source, command.opts()),
  );
  ofSource(
    add(plugin, "inspect", "Show what the plugins of a source ask for, and why", "prunella plugin inspect ./hello"),
  ).action(async (source: string, _options, command: Command) =>
    (await import("../commands/plugins/install.ts")).inspect(commonOf(command), source, command.opts()),
  );
  inProject(
    ofSource(add(plugin, "add", "Install a plugin; it is granted nothing by that", "prunella plugin add ./hello")),
  )
    .option("--plugin <name>", "which one, where the source holds several")
    .action(async (source: string, _options, command: Command) =>
      (await import("../commands/plugins/install.ts")).addPlugin(commonOf(command), source, command.opts()),
    );

  inProject(
    ofOne(
      add(
        plugin,
        "trust",
        "Grant a plugin exactly what you say",
        "prunella plugin trust hello --scope net:read --resource 'GET api.example.com/v1/' --for 30d",
      ),
    ),
  )
    .option("--scope <scope>", "one scope that it asks for; may be given several times", collect)
    .option("--resource <resource>", "of what, where one scope is given; may be given several times", collect)
    .option("--required", "all that it requires, but nothing destructive")
    .option("--for <duration>", "how long, such as 30d (default: until it is revoked)")
    .option("--reason <text>", "why; it is kept with the grant")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/trust.ts")).trustPlugin(commonOf(command), name, command.opts()),
    );
  inProject(ofOne(add(plugin, "revoke", "Take back what a plugin was granted", "prunella plugin revoke hello")))
    .option("--scope <scope>", "one scope (default: all); may be given several times", collect)
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/trust.ts")).revokePlugin(commonOf(command), name, command.opts()),
    );

  inProject(add(plugin, "list", "List what is installed, and whether it may run", "prunella plugin list")).action(
    async (_options, command: Command) =>
      (await import("../commands/plugins/show.ts")).listPlugins(commonOf(command), command.opts()),
  );
  inProject(
    ofOne(
      add(plugin, "info", "Show what one asks for, was granted, used and was refused", "prunella plugin info hello"),
    ),
  ).action(async (name: string, _options, command: Command) =>
    (await import("../commands/plugins/show.ts")).showPlugin(commonOf(command), name, command.opts()),
  );

  for (const on of [false, true])
    inProject(
      ofOne(
        add(
          plugin,
          on ? "enable" : "disable",
          on
            ? "Let a disabled plugin run again, as far as it is trusted"
            : "Stop a plugin, whatever it is trusted with",
          `prunella plugin ${on ? "enable" : "disable"} hello`,
        ),
      ),
    )
      .option("--reason <text>", "why; it is shown wherever the plugin is")
      .action(async (name: string, _options, command: Command) =>
        (await import("../commands/plugins/trust.ts")).switchPlugin(commonOf(command), name, on, command.opts()),
      );

  inProject(ofOne(add(plugin, "update", "Take a plugin's source anew", "prunella plugin update hello")))
    .option("--commit <id>", "of a git repository: another commit")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/install.ts")).updatePlugin(commonOf(command), name, command.opts()),
    );
  inProject(ofOne(add(plugin, "rollback", "Run the version before again", "prunella plugin rollback hello")))
    .option("--digest <digest>", "which version, by the beginning of its digest (default: the one before)")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/install.ts")).rollBackPlugin(commonOf(command), name, command.opts()),
    );
  ofOne(
    add(plugin, "remove", "Take a plugin out, with its trust and what it kept", "prunella plugin remove hello --yes"),
  )
    .option("--state <file>", "write what it kept to this file first")
    .option("--yes", "do not ask")
    .action(async (name: string, _options, command: Command) =>
      (await import("../commands/plugins/remove.ts")).removePlugin(commonOf(command), name, command.opts()),
    );

  add(plugin, "verify", "Check each bundle against its digest", "prunella plugin verify")
    .argument("[name]", "one plugin (default: all)")
    .action(async (name: string | undefined, _options, command: Command) =>
      (await import("../commands/plugins/check.ts")).verifyPlugins(commonOf(command), name ?? null),
    );
  add(plugin, "sync", "Install exactly what a lockfile says", "prunella plugin sync plugins.lock.json")
    .argument("[file]", "the lockfile (default: plugins.lock.json)")
    .action(async (file: string | undefined, _options, command: Command) =>
      (await import("../commands/plugins/check.ts")).syncPlugins(commonOf(command), file ?? "plugins.lock.json"),
    );
  inProject(
    add(plugin, "doctor", "Say of each plugin why it would not run, and what to do", "prunella plugin doctor"),
  ).action(async (_options, command: Command) =>
    (await import("../commands/plugins/check.ts")).doctor(commonOf(command), command.opts()),
  );
}
