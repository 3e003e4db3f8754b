import type { Reloaded } from "@prunella/contract";
import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { green, yellow } from "../terminal/text.ts";

/** Has the server read its configuration file again. */
export async function reload(common: Common): Promise<void> {
  const reloaded = await connect(common)("reload", {});
  if (common.json) return printJson(reloaded);
  const [first = "", ...rest] = reloadedWords(reloaded);
  print(green(first));
  for (const line of rest) print(yellow(line));
}

/** What a person should know of it, a line for each. */
export function reloadedWords({ changed, needs_restart, registered, removed }: Reloaded): string[] {
  const triggers = [
    ...(registered.length === 0 ? [] : [`triggers registered or changed: ${registered.join(", ")}`]),
    ...(removed.length === 0 ? [] : [`triggers removed: ${removed.join(", ")}`]),
  ];
  const what = changed.length === 0 ? "nothing of it differs from what is in force" : changed.join(", ");
  return [
    `The configuration was read again: ${[what, ...triggers].join("; ")}.`,
    ...(needs_restart.length === 0 ? [] : [`In force only after a restart: ${needs_restart.join(", ")}.`]),
  ];
}
