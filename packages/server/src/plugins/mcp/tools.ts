import type { Tool } from "@modelcontextprotocol/client";
import { PrunellaError } from "@prunella/contract";
import { nearest } from "@prunella/contract/nearest";
import {
  CommandName,
  MANIFEST_FILE,
  PluginManifest,
  problemLine,
  problemsOf,
  requestsOf,
  Risk,
} from "@prunella/contract/plugins";
import { fieldsOf, SchemaError, textOf } from "./schema.ts";

/** Of a server, as its commands are called here: `readFile` and `read_file` are `read-file`. */
export const commandNameOf = (tool: string): string =>
  tool
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");

type Listed = PluginManifest["commands"][number];
interface Named {
  readonly name: string;
  readonly tool: string;
}

/**
 * The manifest with what the tools of its server are: each a command, or those alone that it lists. What a tool says
 * of itself can make it ask a person, and never the other way around: nobody believes that something only reads.
 */
export function withTools(manifest: PluginManifest, tools: readonly Tool[]): PluginManifest {
  const uses = requestsOf(manifest).map(({ scope }) => scope);
  const commands =
    manifest.commands.length === 0
      ? tools.map((tool) => commandOf(tool, uses, null))
      : manifest.commands.map((listed, at) => commandOf(toolOf(listed, at, tools), uses, listed));
  const doubled = commands.find(({ name }, at) => commands.findIndex((other) => other.name === name) < at);
  if (doubled !== undefined)
    throw refuse(
      `its tools ${commands.flatMap(({ name, tool }) => (name === doubled.name ? [tool] : [])).join(" and ")} would both be the command ${doubled.name}`,
      "Name one of them in the manifest: an entry of commands with a name of its own and tool.",
    );
  if (commands.length === 0) throw refuse("its server has no tools", "A plugin of the kind mcp-stdio is its tools.");
  const read = PluginManifest.safeParse({ ...manifest, commands });
  if (read.success) return read.data;
  const [problem] = problemsOf(PluginManifest, read.error.issues, { ...manifest, commands }, MANIFEST_FILE);
  throw refuse(`of what its tools say ${problem ? problemLine(problem) : "something does not fit"}`, LIST_THEM);
}

const LIST_THEM = "List in the manifest's commands those tools that are to be commands, and leave that one out.";

function commandOf(tool: Tool, uses: readonly string[], listed: Listed | null): Named {
  const name = listed?.name ?? commandNameOf(tool.name);
  if (!CommandName.safeParse(name).success)
    throw refuse(
      `the name of its tool ${textOf(tool.name, 80) ?? "?"} makes no command`,
      "Name it in the manifest: an entry of commands with a name of its own and tool.",
    );
  const input = Object.keys(listed?.input.properties ?? {}).length > 0 ? listed?.input : inputOf(tool);
  const { destructiveHint, readOnlyHint } = tool.annotations ?? {};
  const own: Risk = destructiveHint === true && readOnlyHint !== true ? "destructive" : "write";
  const made = {
    ...listed,
    name,
    tool: tool.name,
    summary: listed?.summary ?? textOf(tool.description ?? tool.title ?? tool.name, 200) ?? tool.name,
    risk: higher(own, listed?.risk ?? "write"),
    input,
    uses,
  };
  return made;
}

const higher = (a: Risk, b: Risk): Risk => (Risk.options.indexOf(a) >= Risk.options.indexOf(b) ? a : b);

function toolOf(listed: Listed, at: number, tools: readonly Tool[]): Tool {
  const found = tools.find(
    ({ name }) => (listed.tool === undefined ? commandNameOf(name) : name) === (listed.tool ?? listed.name),
  );
  if (found) return found;
  const near = nearest(
    listed.tool ?? listed.name,
    tools.map(({ name }) => name),
  );
  throw refuse(
    `commands.${at}: expected a tool of its server${near === null ? "" : `; did you mean ${near}`}`,
    `It has ${
      tools
        .map(({ name }) => textOf(name, 80) ?? "?")
        .slice(0, 50)
        .join(", ") || "none"
    }.`,
  );
}

function inputOf(tool: Tool): unknown {
  try {
    return fieldsOf(tool.inputSchema);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    throw refuse(`its tool ${textOf(tool.name, 80) ?? "?"}: input${error.path}: expected ${error.message}`, LIST_THEM);
  }
}

const refuse = (what: string, hint: string): PrunellaError =>
  new PrunellaError("PRUNELLA_PLUGIN_INVALID", { detail: `${MANIFEST_FILE}: ${what}.`.slice(0, 1_000), hint });
