import { problemLine, type PluginAsked, type PluginDetail } from "@prunella/contract/plugins";
import { signatureWords } from "@prunella/contract/signature-words";
import { connect } from "../../client.ts";
import { commandLine, quoted } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print, printJson } from "../../print.ts";
import { table } from "../../terminal/table.ts";
import { bold, plain, yellow } from "../../terminal/text.ts";
import { ofPlugin, type OfPlugin } from "./show.ts";
import { sourceOf, type SourceOptions } from "./source.ts";
import { offerTrust } from "./trust.ts";
import { printAsked, shortDigest, STANDING } from "./words.ts";

export async function discover(common: Common, source: string, options: SourceOptions): Promise<void> {
  const answer = await connect(common)("inspect_plugins", { source: sourceOf(source, options) });
  if (common.json) return printJson(answer);
  if (answer.found.length === 0) return print(`There is no plugin in ${plain(source)}.`);
  print(
    table(
      [{ title: "NAME" }, { title: "VERSION" }, { title: "WHAT", fills: true }],
      answer.found.map((one) => [
        one.name ?? one.file,
        one.version ?? "",
        plain(one.description ?? one.problems.map(problemLine).join("; ")),
      ]),
    ),
  );
}

export async function inspect(common: Common, source: string, options: SourceOptions): Promise<void> {
  const answer = await connect(common)("inspect_plugins", { source: sourceOf(source, options) });
  if (common.json) return printJson(answer);
  if (answer.found.length === 0) return print(`There is no plugin in ${plain(source)}.`);
  for (const one of answer.found) {
    print(
      `${bold(plain(one.name ?? one.file))} ${one.version ?? ""}${one.description === null ? "" : `: ${plain(one.description)}`}`,
    );
    for (const problem of one.problems) print(`  ${plain(problemLine(problem))}`);
    if (one.treeDigest !== null) print(`  Files ${one.treeDigest}`);
    if (one.signature !== null) print(`  It is ${plain(signatureWords(one.signature))}.`);
    if (one.problems.length === 0) printAsked(one.asks);
  }
  print(`Nothing was installed. To install: ${commandLine(common, `plugin add ${quoted(source)}`)}`);
}

export async function addPlugin(
  common: Common,
  typed: string,
  options: SourceOptions & OfPlugin & { readonly plugin?: string },
): Promise<void> {
  const call = connect(common);
  const source = sourceOf(typed, options);
  const { project, plugin: name } = options;
  const answer = await call("add_plugin", {
    source,
    ...(name === undefined ? {} : { name }),
    ...(project === undefined ? {} : { project }),
  });
  if (common.json) return printJson(answer);
  const { plugin, asked } = answer.detail;
  const what = answer.change === "unchanged" ? "was installed already" : `is ${answer.change}`;
  print(`${plugin.name} ${plugin.version} (${shortDigest(plugin.digest)}) ${what}, and granted nothing by that.`);
  print(`  It is ${plain(signatureWords(plugin.signature))}.`);
  if (answer.notice !== null) print(yellow(plain(answer.notice)));
  if (asked.length === 0) print("  It asks for nothing.");
  else await offerTrust(common, call, answer.detail, options, null);
  const [first] = plugin.commands;
  if (first) print(`Run it: ${commandLine(common, `${plugin.namespace} ${first.name} --help`)}`);
}

export async function updatePlugin(
  common: Common,
  name: string,
  options: OfPlugin & { readonly commit?: string },
): Promise<void> {
  const call = connect(common);
  const before = await call("read_plugin", { name, ...ofPlugin(options) });
  const { commit } = options;
  const answer = await call("update_plugin", {
    name: before.plugin.id,
    ...ofPlugin(options),
    ...(commit === undefined ? {} : { commit }),
  });
  const diff = permissionDiff(before.asked, answer.detail.asked);
  if (common.json) return printJson({ ...answer, diff });
  const { plugin } = answer.detail;
  if (answer.change === "unchanged")
    return print(`${plugin.name} is what its source holds: ${shortDigest(plugin.digest)}.`);
  print(
    `${plugin.name} is ${plugin.version} (${shortDigest(plugin.digest)}) now. Another version is trusted with nothing.`,
  );
  print(`  It is ${plain(signatureWords(plugin.signature))}.`);
  if (answer.notice !== null) print(yellow(plain(answer.notice)));
  if (diff.length === 0) print("It asks for what the version before asked for.");
  for (const line of diff) print(`  ${plain(line)}`);
  await offerTrust(common, call, answer.detail, options, null);
  print(`Undo: ${commandLine(common, `plugin rollback ${plugin.name}`)}`);
}

/** What another version asks for otherwise: `+` more, `-` less. */
export function permissionDiff(before: readonly PluginAsked[], now: readonly PluginAsked[]): string[] {
  const linesOf = (asked: readonly PluginAsked[]): Set<string> =>
    new Set(
      asked.flatMap(({ scope, resources }) =>
        resources.map((resource) => `${scope}${resource === "*" ? "" : ` ${resource}`}`),
      ),
    );
  const [was, is] = [linesOf(before), linesOf(now)];
  return [
    ...[...is].filter((line) => !was.has(line)).map((line) => `+ ${line}`),
    ...[...was].filter((line) => !is.has(line)).map((line) => `- ${line}`),
  ];
}

export async function rollBackPlugin(
  common: Common,
  name: string,
  options: OfPlugin & { readonly digest?: string },
): Promise<void> {
  const { digest } = options;
  const detail: PluginDetail = await connect(common)("roll_back_plugin", {
    name,
    ...ofPlugin(options),
    ...(digest === undefined ? {} : { digest }),
  });
  if (common.json) return printJson(detail);
  const { plugin } = detail;
  print(
    `${plugin.name} runs ${plugin.version} (${shortDigest(plugin.digest)}) again, trusted as it was then: ${STANDING[plugin.standing]}.`,
  );
}
