import { shownTarget, type DrillRun } from "@prunella/contract";
import { connect } from "../client.ts";
import { commandLine } from "../command-line.ts";
import type { Common } from "../command-options.ts";
import { findTrigger } from "../find-trigger.ts";
import { print, printJson } from "../print.ts";
import { bold, plain } from "../terminal/text.ts";
import type { OfProject } from "./trigger.ts";

/** Ends with 1 where the drill proves nothing, so that whoever drills every night hears of it. */
export async function drill(common: Common, typed: string, options: OfProject): Promise<void> {
  const { drill: run } = await connect(common)("drill", await findTrigger(common, typed, options.project));
  if (!run.proves) process.exitCode = 1;
  if (common.json) return printJson(run);
  print(`${bold(run.proves ? "Proven." : "Nothing is proven.")} ${wordsOf(run)}`);
  print(`Nothing was done; it took ${run.took_ms} ms and is entry ${run.audit_log_id} of the ledger.`);
  if (run.verdict === "not_held")
    print(`When it holds: ${commandLine(common, `triggers show ${run.trigger_id} --project ${run.project_id}`)}`);
}

function wordsOf({ trigger_id: id, verdict, refusal, detail, action, target }: DrillRun): string {
  const what = `${plain(action ?? "nothing")} ${plain(shownTarget(target))}`;
  if (verdict === "not_held") return `${id}: ${plain(detail ?? "")}`;
  if (verdict === "permitted") return `${id} held, and the gate would have permitted it to ${what}.`;
  return `${id} held, and the gate would have said ${refusal}: ${plain(detail ?? "")}`;
}
