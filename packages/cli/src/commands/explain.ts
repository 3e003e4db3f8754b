import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { field, list, number, numberOrNull, text, textOrNull } from "../read.ts";
import { bold, dim, plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function explain(common: Common, id: string): Promise<void> {
  const answer = await connect(common).get(`/v1/faults/${encodeURIComponent(id)}/explain`);
  if (common.json) return printJson(answer);
  const now = Date.now();
  print(plain(text(answer, "summary")));
  const refusal = field(answer, "refusal");
  if (text(refusal, "refusal") !== "") {
    print(
      `\n  refused by   ${yellow(text(refusal, "refusal"))} (check ${number(refusal, "check")} of the gate), ${relative(number(refusal, "at"), now)}`,
    );
    print(`  because      ${plain(text(refusal, "detail"))}`);
    const change = textOrNull(refusal, "change_with");
    if (change !== null) print(`  change with  ${plain(change)}`);
  }
  const grouping = field(answer, "grouping");
  const parts = list(grouping, "parts").filter((part) => typeof part === "string");
  print(`\n${bold("Why these events are one fault")}: by ${text(grouping, "by")}`);
  for (const part of parts.slice(0, 20)) print(`  ${plain(part)}`);
  if (parts.length > 20) print(dim(`  and ${parts.length - 20} more`));
  for (const each of list(answer, "triggers")) {
    const trigger = field(each, "trigger");
    const budget = field(trigger, "budget");
    const free = numberOrNull(each, "next_free_at");
    print(
      `\n${bold(text(trigger, "id"))}: ${number(each, "used")} of ${number(budget, "max")} attempts within ${number(budget, "window_ms") / 60_000} min used${free === null ? "" : `; the next is free ${relative(free, now)}`}`,
    );
  }
}
