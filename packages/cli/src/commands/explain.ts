import { connect } from "../client.ts";
import type { Common } from "../command-options.ts";
import { print, printJson } from "../print.ts";
import { bold, dim, plain, yellow } from "../terminal/text.ts";
import { relative } from "../terminal/time.ts";

export async function explain(common: Common, id: string): Promise<void> {
  const answer = await connect(common)("explain_fault", { id });
  if (common.json) return printJson(answer);
  const now = Date.now();
  print(plain(answer.summary));
  const { refusal, grouping } = answer;
  if (refusal !== null) {
    print(
      `\n  refused by   ${yellow(refusal.refusal)} (check ${refusal.check} of the gate), ${relative(refusal.at, now)}`,
    );
    print(`  because      ${plain(refusal.detail)}`);
    if (refusal.change_with !== null) print(`  change with  ${plain(refusal.change_with)}`);
  }
  const { parts } = grouping;
  print(`\n${bold("Why these events are one fault")}: by ${grouping.by}`);
  for (const part of parts.slice(0, 20)) print(`  ${plain(part)}`);
  if (parts.length > 20) print(dim(`  and ${parts.length - 20} more`));
  for (const { trigger, used, next_free_at: free } of answer.triggers) {
    const { budget } = trigger;
    print(
      `\n${bold(trigger.id)}: ${used} of ${budget.max} attempts within ${budget.window_ms / 60_000} min used${free === null ? "" : `; the next is free ${relative(free, now)}`}`,
    );
  }
}
