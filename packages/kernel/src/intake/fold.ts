import type { DeepReadonly, ScrubbedEvent, Trace } from "@prunella/scrub";
import { userOf } from "../search/document.ts";
import { columnText } from "../store/columns.ts";
import type { Lead } from "../grouping/finder.ts";
import type { Event, Fingerprints } from "@prunella/contract";

/** An event that is ready to be counted: safe to keep, and sorted. */
export interface Incoming {
  readonly projectId: string;
  readonly receivedAt: number;
  readonly scrubbed: ScrubbedEvent;
  readonly fingerprints: Fingerprints;
  /** Cleaned frames for comparing; null when there are none. */
  readonly trace: Trace | null;
  /** Where the fingerprint may lead when the store does not know it; null when it is known. */
  readonly lead: Lead | null;
}

/** What belongs to one fault: equal fingerprints of one project. */
export const keyOf = (event: Incoming): string => `${event.projectId}\u0000${event.fingerprints.strict}`;

/** Equal events of one second, folded into one row. */
export interface Fold {
  readonly projectId: string;
  readonly faultId: string;
  readonly release: string;
  readonly environment: string;
  readonly level: Event["level"];
  readonly source: Event["source"];
  readonly trust: Event["trust"];
  readonly target: string;
  readonly origin: string;
  readonly second: number;
  count: number;
  /** By our clock, as the second is; what the sender's clock said stays in the event. */
  firstAt: number;
  lastAt: number;
  /** Who met it, each once, up to a bound. */
  readonly users: Set<string>;
  /** Any one of the folded events; it names and explains the fault. */
  readonly sample: Incoming;
}

/** Of a probe and of a heartbeat the name of the tag is that of the source. */
const originOf = ({ source, tags }: DeepReadonly<Event>): string =>
  source === "probe" || source === "heartbeat" ? columnText(tags[source] ?? "") : "";

/** Of one second; a fault counts no more than a thousand in all. */
const MOST_USERS = 100;

/**
 * Folds events by the key of a delta. The database's work grows with the number of distinct keys,
 * not of events. Sorted by key, so that two servers lock rows in one order.
 */
export function fold(events: readonly Incoming[], faultIdOf: (event: Incoming) => string): Fold[] {
  const folds = new Map<string, Fold>();
  for (const incoming of events) {
    const event: DeepReadonly<Event> = incoming.scrubbed.event.value;
    const faultId = faultIdOf(incoming);
    const second = Math.floor(incoming.receivedAt / 1000);
    const release = columnText(event.release);
    const environment = columnText(event.environment);
    const target = event.target ?? "";
    const origin = originOf(event);
    const key = [
      incoming.projectId,
      faultId,
      second,
      release,
      environment,
      event.level,
      event.source,
      event.trust,
      target,
      origin,
    ].join("\u0000");
    const user = columnText(userOf(event));
    const known = folds.get(key);
    if (known && user !== "" && known.users.size < MOST_USERS) known.users.add(user);
    if (known) {
      known.count += 1;
      known.firstAt = Math.min(known.firstAt, incoming.receivedAt);
      known.lastAt = Math.max(known.lastAt, incoming.receivedAt);
    } else {
      folds.set(key, {
        projectId: incoming.projectId,
        faultId,
        release,
        environment,
        level: event.level,
        source: event.source,
        trust: event.trust,
        target,
        origin,
        second,
        count: 1,
        firstAt: incoming.receivedAt,
        lastAt: incoming.receivedAt,
        users: new Set(user === "" ? [] : [user]),
        sample: incoming,
      });
    }
  }
  return [...folds].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
