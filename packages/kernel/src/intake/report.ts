import type { Event, Fingerprints, GroupingRule } from "@prunella/contract";
import type { Scrubber } from "@prunella/scrub";
import type { Finder } from "../grouping/finder.ts";
import { groupAs } from "../grouping/rules.ts";
import type { Clock } from "../ports.ts";
import type { Tx } from "../store/engine.ts";
import type { Incoming } from "./fold.ts";
import type { Intake } from "./intake.ts";
import type { Turns } from "./turns.ts";

export interface PrepareDeps {
  readonly clock: Pick<Clock, "now">;
  readonly turns: Turns;
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

/** Events that are safe to keep and sorted, and not yet counted. */
export type Prepare = (
  projectId: string,
  events: readonly Event[],
  keys?: Fingerprints,
) => Promise<readonly Incoming[]>;

/** The only way in: scrub, fingerprint, append. Resolves after the commit that holds the events. */
export const createReport =
  (prepare: Prepare, intake: Intake): Report =>
  async (projectId, events, keys, within) =>
    intake.add(await prepare(projectId, events, keys), within);

/** Scrub and fingerprint. */
export function createPrepare({ clock, turns, finder, scrubber, rulesOf, sourceMaps }: PrepareDeps): Prepare {
  return async (projectId, events, keys) => {
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
    return incoming;
  };
}
