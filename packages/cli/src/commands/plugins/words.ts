import { createInterface } from "node:readline/promises";
import type { PluginAsked, PluginRow } from "@prunella/contract/plugins";
import { print } from "../../print.ts";
import { dim, plain, red, yellow } from "../../terminal/text.ts";
import { exact } from "../../terminal/time.ts";

interface Asking {
  readonly scope: string;
  readonly resources: readonly string[];
  readonly risk: string;
  readonly required: boolean;
  readonly reasons: readonly string[];
}

/** What is asked for, and why; a line each. */
export function printAsked(asks: readonly Asking[]): void {
  if (asks.length === 0) return print("  It asks for nothing.");
  for (const { scope, resources, risk, required, reasons } of asks) {
    const of = resources.includes("*") ? "" : ` of ${plain(resources.join(", "))}`;
    const flag = risk === "destructive" ? ` ${red("destructive")}` : risk === "write" ? ` ${yellow("writes")}` : "";
    print(`  ${scope}${of}${flag}${required ? "" : ` ${dim("optional")}`}`);
    for (const reason of reasons) print(`    ${plain(reason)}`);
  }
}

export const STANDING: Readonly<Record<PluginRow["standing"], string>> = {
  ready: "ready",
  waiting: "waits for trust",
  disabled: "disabled",
  shadowed: "disabled: Prunella has a command of its namespace by now",
};

export function grantedWords({ granted, missing, resources }: PluginAsked): string {
  if (granted === null) return "no";
  const until = granted.expires_at === null ? "" : ` until ${exact(granted.expires_at)}`;
  return missing.length === 0
    ? `yes${until}`
    : `${resources.length - missing.length} of ${resources.length}${until}, not ${missing.join(", ")}`;
}

export const isTerminal = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** No is what nothing means. */
export async function agrees(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`${question} [y/N] `);
  asking.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

export const shortDigest = (digest: string): string => digest.replace("sha256:", "").slice(0, 12);
