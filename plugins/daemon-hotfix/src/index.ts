import { definePlugin, type PluginContext } from "@prunella/plugin";
import { escalationFailure, faultFailure, pluginFailure, workflowFailure, type Failure } from "./failure.ts";
import { keyOf } from "./key.ts";
import { fieldsOf, numberAt, textAt, valueAt } from "./read.ts";
import { readSeen, seenAgain } from "./seen.ts";
import { readSettings, type Settings } from "./settings.ts";
import { bodyOf, seenText, titleOf } from "./text.ts";

type Reader = (event: unknown, settings: Settings) => Failure | null;
type Work = (events: readonly unknown[], context: PluginContext) => Promise<void>;

const hear = (read: Reader, isOfWorkflow: boolean): Work => {
  return async (events, context) => {
    const together = new Map<string, { failure: Failure; settings: Settings; times: number }>();
    for (const one of events) {
      // What comes is the event, or the event with the settings that a configuration gives.
      const isSet = fieldsOf(fieldsOf(one)?.["event"]) !== null;
      const settings = readSettings(isSet ? valueAt(one, "settings") : context.settings);
      if (!settings.enabled || (isOfWorkflow && !settings.allowWorkflowEvents)) continue;
      const failure = read(isSet ? valueAt(one, "event") : one, settings);
      if (failure === null) continue;
      const key = await keyOf(failure.parts);
      together.set(key, { failure, settings, times: (together.get(key)?.times ?? 0) + 1 });
    }
    for (const [key, { failure, settings, times }] of together) await handle(key, failure, times, settings, context);
  };
};

const ofFault = hear((event, { repo }) => faultFailure(event, repo), false);
const ofWorkflow = hear((event) => workflowFailure(event, new Date().toISOString()), true);

export default definePlugin({
  events: {
    "kernel.plugin_error": hear((event, { repo }) => pluginFailure(event, repo), false),
    "fault.new": ofFault,
    "fault.regressed": ofFault,
    "escalation.opened": hear((event, { repo }) => escalationFailure(event, repo), false),
    "workflow_run.completed": ofWorkflow,
    "check_run.completed": ofWorkflow,
    "check_suite.completed": ofWorkflow,
  },
});

/** One issue for one failure; after that its comment counts, and it is opened again unless a person will not have it. */
async function handle(
  key: string,
  failure: Failure,
  times: number,
  settings: Settings,
  context: PluginContext,
): Promise<void> {
  const { repo } = failure;
  if (repo === null || !settings.allowlistRepos.some((one) => one.toLowerCase() === repo.toLowerCase()))
    return context.log(`not filed: ${repo ?? "no repository"} is not in allowlistRepos`);
  if (settings.environment !== "any" && failure.environment !== null && failure.environment !== settings.environment)
    return context.log(`not filed: it failed in ${failure.environment}`);
  const tell = (issue: number, name: string, body: string) =>
    context.call("forge.comment.write", { repo, issue, name, body });
  const before = readSeen(await context.state.get(`seen:${key}`));
  const { seen, isAsked, isTold } = seenAgain(before, {
    more: times,
    at: failure.at,
    seenIn: failure.seenIn,
    now: Date.now(),
  });
  if (isAsked) {
    const isBrief = before === null && settings.modes.includes("pr");
    const fix = isBrief ? await handOver(failure, key, settings, context) : null;
    const draft = {
      ...(failure.fault === null ? {} : { fault: failure.fault }),
      title: titleOf(failure),
      body: bodyOf(failure, settings.notify, fix),
      labels: settings.issueLabels,
    };
    const filed = await context.call("forge.issue.write", { do: "file", repo, name: key, ...draft });
    const number = numberAt(filed, "issue", "number");
    if (number === null) {
      // It is written down, and so is what its issue is to be told: its host gets both as soon as it takes them.
      const filedAs = numberAt(filed, "number");
      if (filedAs !== null && isTold) await tell(filedAs, "seen", seenText(seen, before, false, settings.notify));
      context.log(`${filedAs === null ? "not filed yet" : "not told yet"}: ${repo} takes nothing now`);
      await context.state.put(`seen:${key}`, { ...seen });
      return;
    }
    const isUnwanted = textAt(filed, "issue", "closedAs") === "not_planned";
    const isClosed = textAt(filed, "issue", "state") === "closed";
    const cameBack = valueAt(filed, "is_new") !== true && isClosed && !isUnwanted;
    if (cameBack) await context.call("forge.issue.write", { do: "edit", repo, name: key, state: "open" });
    if (cameBack || (isTold && !isUnwanted)) {
      const body = seenText(seen, before, cameBack, settings.notify);
      await tell(number, cameBack ? `back-${seen.count}` : "seen", body);
    }
  }
  await context.state.put(`seen:${key}`, { ...seen });
}

/** A brief for the repair workshop, so many a day; what comes of that stands in the issue. */
async function handOver(
  failure: Failure,
  key: string,
  { riskPolicy }: Settings,
  context: PluginContext,
): Promise<string> {
  const name = `briefs:${new Date().toISOString().slice(0, 10)}`;
  const used = Number((await context.state.get(name)) ?? 0);
  if (used >= riskPolicy.maxAutofixPerDay) {
    context.log(`budget_exhausted: ${used} of ${riskPolicy.maxAutofixPerDay} briefs were handed over today`);
    return `No fix is proposed: budget_exhausted, ${used} of ${riskPolicy.maxAutofixPerDay} were asked for today.`;
  }
  // Counted before it is sent: whatever ends between the two uses it up.
  await context.state.put(name, used + 1);
  try {
    await context.call("handoff.write", { to: "repair", what: { key, title: failure.title, repo: failure.repo } });
    return "A fix was asked for; what comes of it is a draft, and a person merges.";
  } catch (error) {
    context.log(`no fix is proposed: ${error instanceof Error ? error.message : String(error)}`);
    return "A fix was asked for, and this version proposes none: nothing is under way.";
  }
}
