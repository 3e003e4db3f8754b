import { PrunellaError, type ActionWindow, type Config } from "@prunella/contract";
import { assertWindow, type Calendar } from "@prunella/kernel";
import { nearest } from "./nearest.ts";

/** A window of the file that could never be judged on this machine. */
interface WindowMistake {
  readonly at: readonly PropertyKey[];
  readonly project: string;
  /** Of the trigger that it belongs to; of a maintenance window its reason. */
  readonly name: string;
  readonly why: string;
}

/** What the shape of a window does not tell: whether the machine knows its time zone, and what its pattern and its end say. */
export function mistakesOfWindows(
  { triggers, maintenance }: Pick<Config, "triggers" | "maintenance">,
  calendar: Pick<Calendar, "isZone" | "isPattern">,
): WindowMistake[] {
  const found: WindowMistake[] = [];
  const look = (window: ActionWindow, given: Omit<WindowMistake, "why">): void => {
    const wrong = whatIsWrong(window, calendar);
    if (wrong) found.push({ ...given, at: [...given.at, wrong.key], why: wrong.why });
  };
  for (const [nth, { id: name, project_id: project, windows }] of triggers.entries())
    for (const kind of ["maintenance", "quiet"] as const)
      for (const [place, window] of windows[kind].entries())
        look(window, { at: ["triggers", nth, "windows", kind, place], project, name });
  for (const [nth, { window, project, reason }] of maintenance.entries())
    look(window, { at: ["maintenance", nth, "window"], project: project ?? "*", name: reason });
  return found;
}

function whatIsWrong(
  window: ActionWindow,
  calendar: Pick<Calendar, "isZone" | "isPattern">,
): { readonly key: string; readonly why: string } | null {
  if ("zone" in window && !calendar.isZone(window.zone)) {
    const near = nearest(window.zone, Intl.supportedValuesOf("timeZone"));
    // All that there are would be four hundred.
    const meant = near.startsWith("; did") ? near : ", such as Europe/Berlin or UTC";
    return { key: "zone", why: `there is no time zone ${window.zone}; one of IANA is expected${meant}` };
  }
  try {
    assertWindow(window, calendar);
    return null;
  } catch (error) {
    if (!(error instanceof PrunellaError)) throw error;
    return { key: "cron" in window ? "cron" : "to", why: error.detail ?? error.message };
  }
}
