import type { FaultDetail, FaultKey, FaultRow } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { shortId } from "../terminal/short-id.ts";
import { bold, dim, plain, yellow } from "../terminal/text.ts";

const BY: Readonly<Record<string, string>> = {
  stack: "their error class and the frames of the program's own code are the same",
  message: "their message is the same once the parts that vary are taken out",
  sdk: "the program itself asked for it with a fingerprint of its own",
  exit: "the same program ended in the same way",
  rule: "a person wrote a grouping rule that says so",
};
const HOW: Readonly<Record<string, string>> = {
  first: "opened this fault",
  earlier: "an earlier version of the grouping knew it",
  similar: "similar enough to another one",
};
const PARTS = 40;

/** Why events are one fault: every fingerprint that leads there, which parts all share, and people's merges. */
export async function why(common: Common, id: string): Promise<void> {
  const detail = await connect(common)("get_fault", { id });
  const keys = detail.keys.map((key) => ({ key, parts: key.parts }));
  const shared = sharedBy(keys.map(({ parts }) => parts));
  const { fault, fingerprints: grouping } = detail;
  if (common.json) {
    const { merged, keys: known } = detail;
    return printJson({
      fault_id: fault.id,
      merged_into: fault.merged_into,
      grouping,
      keys: known,
      shared: [...shared],
      merged,
    });
  }
  print(bold(plain(fault.title)));
  print(`One fault because ${BY[grouping.by] ?? `of their ${grouping.by}`}.`);
  if (keys.length > 1)
    print(
      `${keys.length} fingerprints lead here; ${shared.size === 0 ? "they share no part" : `they share ${shared.size} ${shared.size === 1 ? "part" : "parts"} (=), ${yellow("+")} marks what is a fingerprint's own`}.`,
    );
  for (const { key, parts } of keys) {
    const detail = key.detail.map(plain).join(", ");
    print(
      `\n${bold(key.fingerprint.slice(0, 12))}  ${HOW[key.how] ?? key.how}${detail === "" ? "" : `: ${detail}`} ${dim(`(${key.events} events)`)}${memberOf(key, fault)}`,
    );
    for (const part of parts.slice(0, PARTS))
      print(shared.has(part) ? `  ${keys.length > 1 ? "=" : " "} ${plain(part)}` : `  ${yellow("+")} ${plain(part)}`);
    if (parts.length > PARTS) print(dim(`    and ${parts.length - PARTS} more`));
  }
  printMerged(common, fault, detail.merged);
}

/** Where a fingerprint came with a fault that was merged into this one. */
function memberOf({ fault_id: member }: FaultKey, fault: FaultRow): string {
  return member === fault.id ? "" : dim(` of ${shortId(member)}, merged by a person`);
}

function printMerged(common: Common, fault: FaultRow, merged: FaultDetail["merged"]): void {
  const into = fault.merged_into;
  if (into !== null)
    print(
      `\nA person merged it into ${shortId(into)}. Take it out: ${commandLine(common, `unmerge ${shortId(fault.id)}`)}`,
    );
  const [first] = merged;
  if (first === undefined) return;
  print(`\n${bold("Merged into it by a person")}`);
  for (const each of merged) print(`  ${shortId(each.id)}  ${plain(each.title)} ${dim(`(${each.count} events)`)}`);
  print(dim(`Take one out: ${commandLine(common, `unmerge ${shortId(first.id)}`)}`));
}

/** The parts that every fingerprint has. */
function sharedBy(all: readonly (readonly string[])[]): Set<string> {
  const [first = [], ...others] = all;
  return new Set(first.filter((part) => others.every((parts) => parts.includes(part))));
}
