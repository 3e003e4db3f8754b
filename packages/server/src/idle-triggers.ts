import { AT_ALL_TIMES, PrunellaError, type Condition, type Config, type Trigger } from "@prunella/contract";
import { assertTrigger, enableEnv, knownRemedies } from "@prunella/kernel";
import { scrubText, type Scrubber } from "@prunella/scrub";
import type { LoadedConfig } from "./config.ts";
import { FIXES } from "./fixing.ts";
import { nearest } from "./nearest.ts";
import { createCalendar } from "./platform/calendar.ts";
import { openScrubber } from "./scrub-policy.ts";
import { triggersOf } from "./triggers.ts";
import { mistakesOfWindows } from "./window-mistakes.ts";

/** Something about a trigger of the file that a person should know before they rely on it. */
export interface TriggerFinding {
  /** File, line and column. */
  readonly place: string;
  readonly project: string;
  /** Its name; of an envelope without actions that of its probe, of a maintenance window its reason. */
  readonly name: string;
  /** `mistake`: a server refuses the file. `never_acts`: it is taken, and nothing is ever done by it. */
  readonly kind: "mistake" | "never_acts";
  readonly why: string;
}

interface Placed {
  readonly trigger: Trigger;
  readonly at: readonly PropertyKey[];
}

/** Those of the file come first, and then its seeds. */
const placedOf = (config: Config): Placed[] =>
  triggersOf(config).map((trigger, nth) => {
    const written = config.triggers.length;
    return { trigger, at: nth < written ? ["triggers", nth] : ["seeds", nth - written] };
  });

/** Triggers and windows of a file that a server refuses. */
export function mistakesOfTriggers(
  { config, place }: Pick<LoadedConfig, "config" | "place">,
  check: (trigger: Trigger) => void,
): TriggerFinding[] {
  const windows = mistakesOfWindows(config, createCalendar()).map(({ at, ...mistake }): TriggerFinding => ({
    ...mistake,
    place: place(at),
    kind: "mistake",
  }));
  const triggers = placedOf(config).flatMap(({ trigger, at }): TriggerFinding[] => {
    try {
      // Its windows are told above, with their keys.
      check({ ...trigger, windows: AT_ALL_TIMES.windows });
      return [];
    } catch (error) {
      if (!(error instanceof PrunellaError)) throw error;
      const why = error.detail ?? error.message;
      return [{ place: place(at), project: trigger.project_id, name: trigger.id, kind: "mistake", why }];
    }
  });
  return [...windows, ...triggers];
}

/** Every trigger of a file, held against what there is to do it with; needs no server. */
export function examineTriggers(
  { config, place }: Pick<LoadedConfig, "config" | "place">,
  // With the rules of the file itself, as the server will.
  scrub: Scrubber["scrubText"] = openScrubber(config.scrub, place([]))?.scrubText ?? scrubText,
): TriggerFinding[] {
  const remedies = knownRemedies(FIXES);
  const isClean = (text: string) => scrub(text).text.value === text;
  const rules = { remedies, calendar: createCalendar(), isClean };
  const found = mistakesOfTriggers({ config, place }, (trigger) => assertTrigger(trigger, rules));
  for (const { trigger, at } of placedOf(config)) {
    const own = { project: trigger.project_id, name: trigger.id };
    for (const { key, why } of [...silent(trigger, config), ...idle(trigger, [...remedies.keys()])])
      found.push({ ...own, place: place([...at, ...key]), kind: "never_acts", why });
  }
  for (const [nth, { probe, project, actions }] of config.envelopes.entries()) {
    for (const [at, { do: action }] of actions.entries())
      if (!remedies.has(action))
        found.push({
          place: place(["envelopes", nth, "actions", at, "do"]),
          project,
          name: probe,
          kind: "never_acts",
          why: `there is no remedy ${action} (unknown_remedy)${nearest(action, [...remedies.keys()], "remedies")}`,
        });
    if (actions.length === 0)
      found.push({
        place: place(["envelopes", nth]),
        project,
        name: probe,
        kind: "never_acts",
        why: `its envelope lists no actions: it observes, and ${enableEnv(probe)} permits nothing`,
      });
  }
  return found;
}

interface Reason {
  readonly key: readonly PropertyKey[];
  readonly why: string;
}

/** Why nothing is ever done, whatever comes in. */
function idle({ remedies, envelope, mode, budgets }: Trigger, known: readonly string[]): Reason[] {
  if (remedies.length === 0) return [{ key: [], why: "it has no remedies: it only watches (detect_only)" }];
  const found: Reason[] = [];
  for (const [nth, { action }] of remedies.entries()) {
    const key = ["remedies", nth, "do"];
    if (!known.includes(action))
      found.push({ key, why: `there is no remedy ${action} (unknown_remedy)${nearest(action, known, "remedies")}` });
    else if (!envelope.actions.includes(action))
      found.push({ key, why: `envelope.actions does not list ${action} (action_not_in_envelope)` });
  }
  if (!envelope.enabled) found.push({ key: ["envelope"], why: "envelope.enabled is off (envelope_disabled)" });
  if (envelope.targets.length === 0)
    found.push({ key: ["envelope"], why: "envelope.targets lists nothing (target_id_invalid)" });
  if (mode === "dry_run") found.push({ key: ["mode"], why: "mode is dry_run: every check, and nothing is done" });
  if (budgets.some(({ max }) => max === 0))
    found.push({ key: ["budgets"], why: "a budget of 0 allows no attempt (budget_exhausted)" });
  return found;
}

/** Why its condition never holds: what it waits for is not in the file. */
function silent({ condition, project_id: project }: Trigger, config: Config): Reason[] {
  const names = { probe: config.probes, heartbeat: config.heartbeats };
  return (["probe", "heartbeat"] as const).flatMap((key) => {
    const known = names[key].filter((each) => each.project === project).map(({ name }) => name);
    return allOf(condition)
      .flatMap((each) => each[key] ?? [])
      .filter((name) => !known.includes(name))
      .map((name) => ({
        key: ["when"],
        why: `no ${key} of the file is called ${name}${nearest(name, known, `${key}s`)}`,
      }));
  });
}

/** What must hold in any case; a part of `any` or `not` may well wait for nothing. */
const allOf = (condition: Condition): Condition[] => [condition, ...(condition.all ?? []).flatMap(allOf)];
