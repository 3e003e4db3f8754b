import type { Event, Fingerprints, GroupingRule } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Finder } from "../grouping/finder.ts";
import { groupAs } from "../grouping/rules.ts";
import type { Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { Incoming } from "./fold.ts";
import type { Intake } from "./intake.ts";
import type { Turns } from "./turns.ts";

export interface ReportDeps {
  readonly clock: Pick<Clock, "now">;
  readonly turns: Turns;
  readonly intake: Intake;
  readonly finder: Finder;
  readonly scrubber: Pick<Scrubber, "scrubEvent" | "scrubText">;
  readonly rulesOf: (projectId: string) => readonly GroupingRule[];
  readonly sourceMaps: {
    has(projectId: string): boolean;
    symbolicate(projectId: string, event: Event): Promise<Event>;
  };
}

/** `keys` stands for doors whose format says what the fingerprint is; `within` runs in the unit that holds the events. */
export type Report = (
  projectId: string,
  events: readonly Event[],
  keys?: Fingerprints,
  within?: (tx: Tx) => Promise<void>,
) => Promise<void>;

/** The only way in: scrub, fingerprint, append. Resolves after the commit that holds the events. */
export function createReport({ clock, turns, intake, finder, scrubber, rulesOf, sourceMaps }: ReportDeps): Report {
  return async (projectId, events, keys, within) => {
    const receivedAt = clock.now();
    const rules = rulesOf(projectId);
    const incoming: Incoming[] = [];
    for (const given of events) {
      const event = sourceMaps.has(projectId) ? await sourceMaps.symbolicate(projectId, given) : given;
      const name = rules.length === 0 ? null : groupAs(rules, event);
      const scrubbed = await turns.run(() => scrubber.scrubEvent(event));
      // What was kept is the SDK's own; a policy that never keeps it does not switch people's rules off.
      const sorted =
        name === null
          ? scrubbed.event.value
          : { ...scrubbed.event.value, sdk_fingerprint: ["rule", scrubber.scrubText(name).text.value] };
      const found = keys ? { fingerprints: keys, trace: null, lead: null } : await finder.find(projectId, sorted);
      const fingerprints: Fingerprints = name === null ? found.fingerprints : { ...found.fingerprints, by: "rule" };
      incoming.push({ projectId, receivedAt, scrubbed, ...found, fingerprints });
    }
    await intake.add(incoming, within);
  };
}
