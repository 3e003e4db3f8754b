import type { PluginInvocation } from "@prunella/contract/plugins";
import { signatureWords } from "@prunella/contract/signature-words";
import { connect } from "../../client.ts";
import { commandLine } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { bytesWords } from "../../duration.ts";
import { print, printJson } from "../../print.ts";
import { table } from "../../terminal/table.ts";
import { bold, plain } from "../../terminal/text.ts";
import { exact, relative } from "../../terminal/time.ts";
import { grantedWords, shortDigest, STANDING } from "./words.ts";

export interface OfPlugin {
  readonly project?: string;
  readonly from?: string;
}

export const ofPlugin = ({ project, from }: OfPlugin) => ({
  ...(project === undefined ? {} : { project }),
  ...(from === undefined ? {} : { from }),
});

export async function listPlugins(common: Common, { project }: OfPlugin): Promise<void> {
  const answer = await connect(common)("list_plugins", ofPlugin(project === undefined ? {} : { project }));
  if (common.json) return printJson(answer);
  const { plugins } = answer;
  if (plugins.length === 0)
    return print(`No plugin is installed. Make one: ${commandLine(common, "plugin init hello")}`);
  const names = plugins.map(({ name }) => name);
  print(
    table(
      [
        { title: "NAME" },
        { title: "VERSION" },
        { title: "STANDING" },
        { title: "COMMANDS", fills: true },
        { title: "FROM" },
      ],
      plugins.map((one) => [
        one.name,
        one.version,
        STANDING[one.standing],
        one.commands.map(({ name }) => `${one.namespace} ${name}`).join(", "),
        // A name alone is enough where one source has it.
        names.filter((name) => name === one.name).length > 1 ? plain(one.origin) : (one.origin.split(" ", 1)[0] ?? ""),
      ]),
    ),
  );
}

export async function showPlugin(common: Common, name: string, options: OfPlugin): Promise<void> {
  const detail = await connect(common)("read_plugin", { name, ...ofPlugin(options) });
  if (common.json) return printJson(detail);
  const { plugin, asked, artifacts, state, invocations } = detail;
  const lines: [string, string][] = [
    ["Version", `${plugin.version} (${shortDigest(plugin.digest)})`],
    [
      "From",
      plugin.source.kind === "git"
        ? `${plugin.origin.slice(4)} at ${plugin.source.commit.slice(0, 12)}`
        : plugin.origin.slice(plugin.origin.indexOf(" ") + 1),
    ],
    ...(plugin.outside === null
      ? []
      : ([
          ["Runs at", `${plugin.outside.at}, outside: its code is not held to a digest`],
          ["Pinned", plugin.outside.pinned.join(", ")],
        ] satisfies [string, string][])),
    ["Signature", signatureWords(plugin.signature)],
    ["Standing", STANDING[plugin.standing]],
    ...(plugin.disabled === null
      ? []
      : [
          [
            "Disabled",
            `${exact(plugin.disabled.since)} UTC by ${plugin.disabled.by.id ?? plugin.disabled.by.kind}: ${plugin.disabled.reason}`,
          ] satisfies [string, string],
        ]),
    ["State", `${bytesWords(state.bytes)} of ${bytesWords(state.quota)} in ${state.keys} keys`],
    [
      "Before",
      artifacts
        .filter((one) => !one.is_current)
        .map((one) => `${one.version} (${shortDigest(one.digest)})`)
        .join(", ") || "nothing",
    ],
  ];
  print(`${bold(plain(plugin.name))}: ${plain(plugin.description)}`);
  for (const [title, value] of lines) print(`  ${title.padEnd(9)} ${plain(value)}`);
  if (asked.length > 0)
    print(
      table(
        [
          { title: "ASKS FOR" },
          { title: "RISK" },
          { title: "GRANTED" },
          { title: "USED", align: "right" },
          { title: "REFUSED", align: "right" },
          { title: "WHY", fills: true },
        ],
        asked.map((one) => [
          plain(
            `${one.scope}${one.resources.includes("*") ? "" : ` ${one.resources.join(", ")}`}${one.required ? "" : " (optional)"}`,
          ),
          one.risk.replace("_", " "),
          plain(grantedWords(one)),
          String(one.used),
          String(one.refused),
          plain(one.reasons.join(" ")),
        ]),
      ),
    );
  print("Used and refused: calls of the last 30 days.");
  const now = Date.now();
  for (const one of invocations.slice(0, 5)) printInvocation(one, now);
  if (plugin.standing === "waiting")
    print(`Allow what it requires: ${commandLine(common, `plugin trust ${plugin.name} --required`)}`);
}

/** Who had what done, by which artifact, held by what; what it used, whom it reached, and what came of it. */
function printInvocation(one: PluginInvocation, now: number): void {
  const held = one.engine === null ? "" : `, held by ${one.engine}`;
  const entry = one.audit_log_id === null ? "" : `, ledger entry ${one.audit_log_id}`;
  print(
    `  ${relative(one.admitted_at, now)}: ${plain(one.command)} ${one.state}, by ${one.by.id ?? one.by.kind} (${one.via}), ${shortDigest(one.digest)}${held}${entry}${one.detail === null ? "" : `: ${plain(one.detail)}`}`,
  );
  if (one.progress !== null) print(`    ${plain(one.progress)}`);
  for (const { scope, allowed, refused, systems } of one.calls)
    print(
      `    ${scope}: ${allowed} allowed, ${refused} refused${systems.length === 0 ? "" : ` (${plain(systems.join(", "))})`}`,
    );
}
