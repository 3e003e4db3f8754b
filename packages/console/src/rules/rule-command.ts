import type { RuleCondition } from "@prunella/contract";
import { quoted } from "../parts/command-words.ts";
import { FIELDS } from "./pattern.ts";

/** The words behind the command's name that write the same rule. */
export function ruleCommand(project: string, when: RuleCondition, groupAs: string): string {
  const conditions = FIELDS.flatMap(({ name, word }) => {
    const pattern = when[name];
    return pattern === undefined ? [] : [`--${word} ${quoted(pattern)}`];
  });
  return ["rules add", ...conditions, `--as ${quoted(groupAs)}`, `--project ${quoted(project)}`].join(" ");
}
