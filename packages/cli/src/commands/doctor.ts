import { existsSync } from "node:fs";
import { examine, type Finding } from "@prunella/server";
import type { Common } from "../command-options.ts";
import { DEFAULT_CONFIG } from "../default-config.ts";
import { print, printJson } from "../print.ts";
import { dim, green, plainLines, red, yellow } from "../terminal/text.ts";

const MARKS: Readonly<Record<Finding["state"], string>> = {
  ok: green("ok   "),
  weak: yellow("weak "),
  wrong: red("wrong"),
};

/** Looks at what a server needs here; ends with exit code 1 when something is wrong. */
export async function doctor(
  common: Common,
  { config, sandbox = false }: { readonly config?: string; readonly sandbox?: boolean },
): Promise<void> {
  const configPath = config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
  const findings = await examine({ dataFolder: common.data, configPath, triesSandbox: sandbox });
  const isWell = findings.every(({ state }) => state !== "wrong");
  if (!isWell) process.exitCode = 1;
  if (common.json) return printJson({ ok: isWell, findings });
  for (const { what, state, detail, mend } of findings) {
    const [first = "", ...more] = plainLines(detail);
    print(`${MARKS[state]}  ${what.padEnd(13)}  ${first}`);
    for (const line of [...more, ...(mend === null ? [] : plainLines(mend))]) print(dim(`${" ".repeat(22)}${line}`));
  }
}
