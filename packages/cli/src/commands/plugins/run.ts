import { Command } from "commander";
import { nearest } from "@prunella/contract/nearest";
import { PrunellaError } from "@prunella/contract";
import type { Field, InvocationResult, PluginRow } from "@prunella/contract/plugins";
import { connect } from "../../client.ts";
import { addCommon, commonOf, helpFooter } from "../../command-kit.ts";
import { commandLine, quoted } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print, printJson } from "../../print.ts";
import { narrowHelp } from "../../terminal/help.ts";
import { plain, plainLines } from "../../terminal/text.ts";
import { agrees, isTerminal } from "./words.ts";

type Own = PluginRow["commands"][number];
type Call = ReturnType<typeof connect>;

/** The plugins of a namespace at the server that is meant; null where it cannot be asked, or knows none. */
export async function pluginsOf(
  common: Common,
  namespace: string,
): Promise<{ readonly call: Call; readonly plugins: readonly PluginRow[] } | null> {
  try {
    const call = connect(common);
    const { plugins } = await call("list_plugins");
    const own = plugins.filter((one) => one.namespace === namespace);
    return own.length === 0 ? null : { call, plugins: own };
  } catch {
    // Then the word is no command, and that is what is told.
    return null;
  }
}

/**
 * `prunella NAMESPACE COMMAND …` as a tree of its own: help, options and their checks follow from what the manifest
 * says that a command takes.
 */
export function pluginProgram({
  call,
  plugins,
}: {
  readonly call: Call;
  readonly plugins: readonly PluginRow[];
}): Command {
  const program = new Command("prunella")
    .exitOverride()
    .configureHelp(narrowHelp)
    .configureOutput({ outputError: () => undefined });
  program.enablePositionalOptions();
  addCommon(program);
  const [first] = plugins;
  if (!first) return program;
  const group = program.command(first.namespace).description(plain(first.description));
  addCommon(group);
  const from = "--from <origin>";
  group.option(from, "which one, where several sources have this plugin");
  for (const own of first.commands) {
    const example = `prunella ${first.namespace} ${own.name}${placesOf(own)
      .map(([name]) => ` ${name.toUpperCase()}`)
      .join("")}`;
    const command = group
      .command(own.name)
      .description(plain(own.summary))
      .addHelpText("after", (context) => helpFooter(context.command, example));
    addCommon(command);
    command
      .option("--project <id>", "project (default: default)")
      .option(from, "which one, where several sources have this plugin")
      .option("--confirm", "you have seen what it does with these arguments")
      .option("--ask", "where it wants a yes, ask for it in the inbox instead of here");
    if (first.kind === "program") {
      // Its words are its own: what it takes, only it knows.
      command
        .argument("[argv...]", plain(own.input.properties?.["argv"]?.description ?? "words for the program"))
        .allowUnknownOption()
        .passThroughOptions()
        .action(async () => {
          const {
            project,
            confirm,
            ask,
            from: named,
          } = command.opts<{ project?: string; confirm?: true; ask?: true; from?: string }>();
          await invoke(commonOf(command), call, theOne(plugins, named ?? group.opts()["from"]), own, {
            args: { argv: command.args },
            project,
            isConfirmed: confirm === true,
            asks: ask === true,
          });
        });
      continue;
    }
    for (const [name, field] of placesOf(own))
      command.argument(`<${name}>`, plain(field.description ?? typeWords(field)));
    for (const [name, field] of optionsOf(own))
      if (field.type === "boolean") command.option(`--${dashed(name)}`, plain(field.description ?? name));
      else
        command.option(
          `--${dashed(name)} <${field.type === "array" ? "value..." : "value"}>`,
          plain(field.description ?? typeWords(field)),
        );
    command.action(async () => {
      const options: Readonly<Record<string, unknown>> = command.opts();
      const origin = options["from"] ?? group.opts()["from"];
      const places = placesOf(own).map(([name, field], at) => [name, valueOf(field, name, command.args[at])] as const);
      const others = optionsOf(own).flatMap(([name, field]) => {
        const given = options[camel(name)];
        return given === undefined ? [] : [[name, valueOf(field, name, given)] as const];
      });
      await invoke(commonOf(command), call, theOne(plugins, origin), own, {
        args: Object.fromEntries([...places, ...others]),
        project: typeof options["project"] === "string" ? options["project"] : undefined,
        isConfirmed: options["confirm"] === true,
        asks: options["ask"] === true,
      });
    });
  }
  // `prunella greeter "say hi to Ada"`: one sentence, of which each declared one is tried.
  group.argument("[sentence...]").action(async () => {
    const sentence = group.args.join(" ");
    const found = first.commands.flatMap((own) => {
      const args = own.phrase === null ? null : matchPhrase(own.phrase, sentence);
      return args === null ? [] : [{ own, args }];
    });
    const [only] = found;
    if (!only || found.length > 1)
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail:
          sentence === ""
            ? `${first.namespace} needs one of: ${first.commands.map(({ name }) => name).join(", ")}.`
            : `${first.name} has no command ${sentence.split(" ", 1)[0] ?? ""}, and the sentence is none that it knows.`,
        hint: waysOf(first, sentence),
      });
    const { own, args } = only;
    const places = placesOf(own).flatMap(([name]) => (args[name] === undefined ? [] : [quoted(args[name])]));
    const options = optionsOf(own).flatMap(([name]) =>
      args[name] === undefined ? [] : [`--${dashed(name)} ${quoted(args[name])}`],
    );
    const line = commandLine(commonOf(group), [first.namespace, own.name, ...places, ...options].join(" "));
    if (!isTerminal())
      throw new PrunellaError("PRUNELLA_USAGE", {
        detail: "A sentence is asked about before it runs.",
        hint: `It means: ${line}`,
      });
    if (!(await agrees(`Run ${line}?`))) return print("Nothing was done.");
    const typed = Object.fromEntries(
      [...placesOf(own), ...optionsOf(own)].flatMap(([name, field]) =>
        args[name] === undefined ? [] : [[name, valueOf(field, name, args[name])]],
      ),
    );
    await invoke(commonOf(group), call, theOne(plugins, group.opts()["from"]), own, {
      args: typed,
      project: undefined,
      isConfirmed: false,
      asks: false,
    });
  });
  return program;
}

function theOne(plugins: readonly PluginRow[], given: unknown): PluginRow {
  const origin = typeof given === "string" ? given : null;
  const fits =
    origin === null
      ? plugins
      : plugins.filter((one) => one.origin === origin || one.origin.split(" ").includes(origin));
  const [first, second] = fits;
  if (first && !second) return first;
  throw new PrunellaError(first ? "PRUNELLA_AMBIGUOUS" : "PRUNELLA_NOT_FOUND", {
    detail: `${plugins[0]?.name ?? "The plugin"} comes from ${plugins.map((one) => one.origin).join(", and from ")}.`,
    hint: `Say which one is meant: --from ${quoted(plugins[0]?.origin ?? "")}`,
  });
}

async function invoke(
  common: Common,
  call: Call,
  plugin: PluginRow,
  own: Own,
  given: {
    readonly args: Readonly<Record<string, unknown>>;
    readonly project: string | undefined;
    readonly isConfirmed: boolean;
    readonly asks: boolean;
  },
): Promise<void> {
  const args = JSON.parse(JSON.stringify(given.args));
  const ask = (confirmed: boolean): Promise<InvocationResult> =>
    call("invoke_plugin", {
      name: plugin.id,
      command: own.name,
      args,
      confirmed,
      asks: given.asks,
      via: "cli",
      ...(given.project === undefined ? {} : { project: given.project }),
    });
  let result = await ask(given.isConfirmed);
  if (result.status === "needs_confirmation") {
    const shown = Object.entries(given.args).map(([name, value]) => `${name}=${plain(JSON.stringify(value))}`);
    const what = `${plugin.namespace} ${own.name} is ${own.risk.replace("_", " ")}${shown.length === 0 ? "" : ` (${shown.join(", ")})`}`;
    if (!isTerminal())
      throw new PrunellaError("PRUNELLA_PLUGIN_BLOCKED", {
        detail: `${what}, and wants a yes.`,
        hint: "Add --confirm, or --ask to have somebody asked in the inbox.",
      });
    if (!(await agrees(`${what}. Run it?`))) return print("Nothing was done.");
    result = await ask(true);
  }
  if (result.status === "blocked")
    throw new PrunellaError("PRUNELLA_PLUGIN_BLOCKED", {
      detail: result.detail ?? "It was blocked.",
      ...(result.mend === null ? {} : { hint: `Allow it: ${result.mend}` }),
    });
  if (result.status === "failed") process.exitCode = 1;
  if (result.status === "parked" && !common.json)
    return print(`It waits for a person: ${commandLine(common, `decide ${result.escalation ?? ""} allow_once`)}`);
  if (common.json) return printJson(result);
  if (result.status === "failed")
    return print(`${plugin.namespace} ${own.name} failed: ${plain(result.detail ?? "it did not say why")}`);
  // As it was laid out: a table or JSON of a program is read by others too. What says it in words keeps its fields for
  // `--json`.
  const text = textOf(result.output);
  if (text !== null) return void process.stdout.write(`${plainLines(text).join("\n")}\n`);
  if (result.output !== null) printJson(result.output);
}

function textOf(output: unknown): string | null {
  if (typeof output === "string") return output;
  const isWorded = typeof output === "object" && output !== null && "text" in output;
  return isWorded && typeof output.text === "string" ? output.text : null;
}

const isScalar = (field: Field): boolean => field.type !== "array" && field.type !== "object";
/** Required and simple: they stand behind the command, in the order of `required`. */
const placesOf = ({ input }: Own): [string, Field][] =>
  (input.required ?? []).flatMap((name): [string, Field][] => {
    const field = input.properties?.[name];
    return field && isScalar(field) ? [[name, field]] : [];
  });
const optionsOf = (own: Own): [string, Field][] => {
  const places = new Set(placesOf(own).map(([name]) => name));
  return Object.entries(own.input.properties ?? {}).filter(([name]) => !places.has(name));
};

const dashed = (name: string): string =>
  name.replaceAll(/[A-Z_]/g, (letter) => `-${letter === "_" ? "" : letter.toLowerCase()}`);
const camel = (name: string): string => dashed(name).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const typeWords = (field: Field): string =>
  field.type === "string" && field.enum
    ? `one of ${field.enum.join(", ")}`
    : field.type === "object"
      ? "JSON"
      : field.type;

/** What was typed, as what the field is; whether it fits is said by the server, which has the last word anyway. */
function valueOf(field: Field, name: string, typed: unknown): unknown {
  const no = (expected: string) => new PrunellaError("PRUNELLA_USAGE", { detail: `${name}: expected ${expected}.` });
  switch (field.type) {
    case "boolean":
      if (typeof typed === "boolean") return typed;
      if (typed === "true" || typed === "false") return typed === "true";
      throw no("true or false");
    case "integer":
    case "number": {
      const value = Number(typed);
      if (typed === "" || !Number.isFinite(value)) throw no("a number");
      return value;
    }
    case "array":
      return Array.isArray(typed)
        ? typed.map((one: unknown) => valueOf(field.items, name, one))
        : [valueOf(field.items, name, typed)];
    case "object":
      try {
        return JSON.parse(String(typed));
      } catch {
        throw no("JSON");
      }
    case "string":
      return String(typed);
  }
}

/**
 * The arguments of a sentence that a phrase describes; null: it is another sentence. Word by word and without going
 * back: what stands between two fixed words is the argument between them.
 */
export function matchPhrase(phrase: string, sentence: string): Record<string, string> | null {
  const said = sentence.split(/\s+/).filter((word) => word !== "");
  const args: Record<string, string> = {};
  let at = 0;
  let open: string | null = null;
  for (const part of phrase.split(/\s+/).filter((word) => word !== "")) {
    const place = /^\{([a-z][A-Za-z0-9_]*)\}$/.exec(part)?.[1];
    if (place !== undefined) {
      if (open !== null) return null;
      open = place;
      continue;
    }
    const isIt = (word: string): boolean => word.toLowerCase() === part.toLowerCase();
    const next = open === null ? at : said.findIndex((word, nth) => nth > at && isIt(word));
    const word = said[next];
    if (word === undefined || !isIt(word)) return null;
    if (open !== null) args[open] = said.slice(at, next).join(" ");
    open = null;
    at = next + 1;
  }
  if (open === null) return at === said.length ? args : null;
  if (at >= said.length) return null;
  return { ...args, [open]: said.slice(at).join(" ") };
}

/** What was most likely meant, and all that there is. */
function waysOf({ commands, namespace }: PluginRow, typed: string): string {
  const names = commands.map(({ name }) => name);
  const meant = nearest(typed.split(" ", 1)[0] ?? "", names);
  const phrases = commands.flatMap(({ phrase }) => (phrase === null ? [] : [`"${phrase}"`]));
  return [
    ...(meant === null ? [] : [`Did you mean ${namespace} ${meant}?`]),
    `It has ${names.join(", ") || "no command"}${phrases.length === 0 ? "" : `, and knows ${phrases.join(", ")}`}.`,
  ].join(" ");
}
