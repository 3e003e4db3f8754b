import type { UbiquityManifest } from "./manifest.ts";

export interface SlashCommand {
  readonly name: string;
  /** What stands behind the name, as it was written. */
  readonly rest: string;
}

/** `/name …` at the beginning of a comment; null where it begins with something else. */
export function readSlashCommand(text: string): SlashCommand | null {
  const found = /^\s*\/(?<name>[\w-]+)(?:@\S*)?(?=\s|$)(?<rest>[^]*)/.exec(text)?.groups;
  if (found?.["name"] === undefined) return null;
  return { name: found["name"], rest: found["rest"]?.trim() ?? "" };
}

export interface PluginWithManifest {
  readonly id: string;
  readonly manifest: UbiquityManifest;
}

/** Who owns a command: the first plugin, in the configuration's order, whose manifest has it. */
export function ownerOf<P extends PluginWithManifest>(command: string, plugins: readonly P[]): P | null {
  return plugins.find(({ manifest }) => Object.hasOwn(manifest.commands, command)) ?? null;
}

/** The answer to `/help`: every command with what it does and an example, in the order of their names. */
export function helpText(plugins: readonly PluginWithManifest[]): string {
  const owned = new Map<string, UbiquityManifest["commands"][string]>();
  for (const { manifest } of plugins) {
    for (const [name, command] of Object.entries(manifest.commands)) if (!owned.has(name)) owned.set(name, command);
  }
  if (owned.size === 0) return "No plugin here has a command.";
  const rows = [...owned]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, command]) => `| \`/${name}\` | ${cell(command.description)} | \`${cell(command["ubiquity:example"])}\` |`,
    );
  return [
    "### Available commands",
    "",
    "| command | what it does | example |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** A manifest's text inside a cell: no line, no column, no mention, no code of its own. */
const cell = (text: string) =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll("`", "'")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "@\u200B")
    .trim();
