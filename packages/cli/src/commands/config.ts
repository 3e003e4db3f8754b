import { existsSync } from "node:fs";
import { PrunellaError } from "@prunella/contract";
import { assertStarts, loadConfig } from "@prunella/server";
import type { Common } from "../command-options.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { print, printJson } from "../print.ts";
import { green } from "../terminal/text.ts";

/** Throws PRUNELLA_CONFIG_INVALID with every mistake. */
export async function checkConfig(common: Common, given: string | undefined): Promise<void> {
  const path = given ?? DEFAULT_CONFIG;
  if (given === undefined && !existsSync(path))
    throw new PrunellaError("PRUNELLA_USAGE", {
      detail: `There is no ${DEFAULT_CONFIG} here.`,
      hint: "How to name another: prunella config check --help",
    });
  const loaded = await loadConfig(path);
  assertStarts(loaded);
  if (common.json) return printJson({ ok: true, file: path, config: loaded.config });
  print(green(`${path} is valid.`));
}
