import { existsSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { examineTriggers, loadConfig } from "@prunella/server";
import type { Common } from "../command-options.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { print, printJson } from "../print.ts";
import { green, yellow } from "../terminal/text.ts";

/** Throws PRUNELLA_CONFIG_INVALID with every mistake; needs no server. */
export async function checkTriggers(common: Common, given: string | undefined): Promise<void> {
  const path = given ?? DEFAULT_CONFIG;
  if (given === undefined && !existsSync(path))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no ${DEFAULT_CONFIG} here.`,
      hint: "How to name another: prunella triggers check --help",
    });
  const loaded = await loadConfig(path);
  const found = examineTriggers(loaded);
  const mistakes = found.filter(({ kind }) => kind === "mistake");
  if (mistakes.length > 0)
    throw new PrunellaError("PRUNELLA_CONFIG_INVALID", {
      detail: mistakes.map(({ place, why }) => `${place}: ${why}`).join("\n"),
    });
  const count = loaded.config.triggers.length + loaded.config.seeds.length;
  if (common.json) return printJson({ ok: true, file: path, triggers: count, never_act: found });
  print(green(`${path} is valid; triggers in it: ${count}.`));
  if (found.length === 0) return;
  print(yellow("By these nothing is ever done:"));
  for (const { place, name, why } of found) print(`${place}: ${name}: ${why}`);
}
