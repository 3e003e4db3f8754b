import { readFileSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { PluginLock } from "@prunella/contract/plugins";
import { signatureWords } from "@prunella/contract/signature-words";
import { connect } from "../../client.ts";
import { commandLine } from "../../command-line.ts";
import type { Common } from "../../command-options.ts";
import { print, printJson } from "../../print.ts";
import { table } from "../../terminal/table.ts";
import { green, plain, red, yellow } from "../../terminal/text.ts";
import { shortDigest } from "./words.ts";

/** Nothing stands against a bundle that is whole, and what runs outside has none here. */
const SOUND: readonly string[] = ["whole", "outside"];

export async function verifyPlugins(common: Common, name: string | null): Promise<void> {
  const { bundles } = await connect(common)("verify_plugins");
  const answer = { bundles: bundles.filter((one) => name === null || one.name === name) };
  if (name !== null && answer.bundles.length === 0)
    throw new PrunellaError("PRUNELLA_NOT_FOUND", {
      detail: `There is no plugin ${plain(name)}.`,
      hint: "List them: prunella plugin list",
    });
  const broken = answer.bundles.filter(({ state }) => !SOUND.includes(state));
  if (broken.length > 0) process.exitCode = 1;
  if (common.json) return printJson(answer);
  if (answer.bundles.length === 0) return print("No plugin is installed.");
  print(
    table(
      [
        { title: "NAME" },
        { title: "VERSION" },
        { title: "DIGEST" },
        { title: "BUNDLE" },
        { title: "SIGNATURE", fills: true },
      ],
      answer.bundles.map((one) => [
        one.name,
        one.version,
        shortDigest(one.digest),
        SOUND.includes(one.state) ? green(one.state) : red(one.state),
        plain(signatureWords(one.signature)),
      ]),
    ),
  );
  for (const { notice } of answer.bundles) if (notice !== null) print(yellow(plain(notice)));
  for (const { name, state } of broken)
    print(
      `${name} does not run: its bundle is ${state === "missing" ? "gone" : "not what was installed"}. Take its source anew: ${commandLine(common, `plugin update ${name}`)}`,
    );
}

export async function syncPlugins(common: Common, file: string): Promise<void> {
  const call = connect(common);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${plain(file)} cannot be read.`,
      hint: "The server writes plugins.lock.json into its data folder.",
      cause,
    });
  }
  const lock = PluginLock.safeParse(parse(text));
  if (!lock.success) {
    const [issue] = lock.error.issues;
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `${plain(file)} is no lockfile: ${issue?.path.map(String).join(".") || "the whole"}: ${issue?.message ?? "it does not fit"}.`,
    });
  }
  const answer = await call("sync_plugins", { lock: lock.data });
  if (common.json) return printJson(answer);
  for (const { name, change, notice } of answer.installed) {
    print(`${name} ${change === "unchanged" ? "was installed already" : `is ${change}`}.`);
    if (notice !== null) print(yellow(plain(notice)));
  }
  print(`${answer.installed.length} plugins are what the lockfile says. Nothing was granted.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Trouble {
  readonly plugin: string;
  readonly trouble: string;
  readonly mend: string;
}

/** Why each would not run, the first that people mend first. */
export async function doctor(common: Common, { project }: { readonly project?: string }): Promise<void> {
  const call = connect(common);
  const { plugins } = await call("list_plugins", project === undefined ? {} : { project });
  const { bundles } = await call("verify_plugins");
  const of = project === undefined ? "" : ` --project ${project}`;
  const troubles = plugins.flatMap(({ name, standing, digest, namespace, disabled }): Trouble[] => {
    const { state = "missing", notice = null } = bundles.find((one) => one.digest === digest) ?? {};
    const trouble = (what: string, mend: string): Trouble[] => [{ plugin: name, trouble: what, mend }];
    if (standing === "disabled")
      return trouble(`is disabled: ${disabled?.reason ?? ""}`, commandLine(common, `plugin enable ${name}`));
    if (standing === "shadowed")
      return trouble(
        `has the namespace ${namespace}, which is Prunella's own by now`,
        commandLine(common, `plugin remove ${name} --yes`),
      );
    if (!SOUND.includes(state))
      return trouble(`has a bundle that is ${state}`, commandLine(common, `plugin update ${name}`));
    if (notice !== null) return trouble(notice.replace(`${name} `, ""), commandLine(common, "doctor --sandbox"));
    return standing === "waiting"
      ? trouble("requires what nobody granted", commandLine(common, `plugin trust ${name} --required${of}`))
      : [];
  });
  if (troubles.length > 0) process.exitCode = 1;
  if (common.json) return printJson({ plugins: plugins.length, troubles });
  for (const { plugin, trouble, mend } of troubles) print(`${plugin} ${plain(trouble)}. Mend: ${mend}`);
  for (const { name, outside } of plugins)
    if (outside !== null)
      print(
        `${name} runs outside, at ${plain(outside.at)}: its code is not held to a digest, which is of ${outside.pinned.join(" and ")} alone.`,
      );
  print(
    `${plugins.length - troubles.length} of ${plugins.length} plugins may run. What their sandbox keeps: ${commandLine(common, "doctor")}`,
  );
}
