import { connect } from "../client.ts";
import { asStarted } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { budgetWords } from "../terminal/budget-words.ts";
import { bold, dim, plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function explain(common: Common, id: string): Promise<void> {
  const answer = await connect(common)("explain_fault", { id });
  if (common.json) return printJson(answer);
  const now = Date.now();
  print(asStarted(common, plain(answer.summary)));
  const { refusal, grouping } = answer;
  if (refusal !== null) {
    print(
      `\n  refused by   ${yellow(refusal.refusal)} (check ${refusal.check} of the gate), ${relative(refusal.at, now)}`,
    );
    print(`  because      ${plain(refusal.detail)}`);
    if (refusal.change_with !== null) print(`  change with  ${asStarted(common, plain(refusal.change_with))}`);
  }
  const { parts } = grouping;
  print(`\n${bold("Why these events are one fault")}: by ${grouping.by}`);
  for (const part of parts.slice(0, 20)) print(`  ${plain(part)}`);
  if (parts.length > 20) print(dim(`  and ${parts.length - 20} more`));
  for (const { trigger, budgets } of answer.triggers) {
    const used = budgets.map(
      ({ next_free_at: free, ...budget }) =>
        `${budgetWords(budget)} used${free === null ? "" : `; the next is free ${relative(free, now)}`}`,
    );
    print(`\n${bold(trigger.id)}: ${used.join(", ")}`);
  }
}
