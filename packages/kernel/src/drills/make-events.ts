import type { Event, Source, Trigger } from "@prunella/contract";
import type { NewId } from "../ids.ts";
import { wantedBy } from "./wanted.ts";

/** More failures than this would hold up others for the time of a drill. */
const MOST_EVENTS = 1_000;
/** What only something of our own sees. */
const LOCAL: ReadonlySet<Source> = new Set(["supervisor", "probe", "heartbeat", "plugin"]);

/**
 * The failure that a trigger waits for, so often that its debounce and its counts are reached. Each drill's is a
 * fault of its own. What outsiders send is drilled as a person's word: no trigger acts on less anyway, unless its
 * envelope says so.
 */
export function makeEvents(
  trigger: Trigger,
  { at, drillId, newId }: { readonly at: number; readonly drillId: string; readonly newId: NewId },
): Event[] {
  const wanted = wantedBy(trigger.condition);
  const { probe, heartbeat } = wanted;
  const source =
    wanted.source ?? (probe !== undefined ? "probe" : heartbeat !== undefined ? "heartbeat" : "supervisor");
  const origin = source === "probe" ? probe : source === "heartbeat" ? heartbeat : undefined;
  const begun = wanted.message_begins === undefined ? undefined : `${wanted.message_begins}drill`;
  const words = wanted.message ?? begun ?? "A drill: nothing has failed.";
  // One that is back was there before.
  const before = wanted.is === "regressed" ? 1 : 0;
  const count = Math.min(MOST_EVENTS, Math.max(wanted.count, trigger.debounce.count)) + before;
  return Array.from({ length: count }, () => ({
    id: newId().replaceAll("-", ""),
    source,
    trust: LOCAL.has(source) ? "local" : "authenticated",
    level: wanted.level ?? "error",
    at,
    release: wanted.release ?? null,
    environment: wanted.environment ?? null,
    platform: null,
    target: wanted.target ?? trigger.target ?? trigger.envelope.targets[0] ?? null,
    errors: [
      { type: wanted.class ?? "Drill", value: words, module: null, handled: true, mechanism: "drill", frames: [] },
    ],
    message: words,
    message_template: null,
    stack_text: null,
    sdk_fingerprint: ["drill", drillId],
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: { drill: trigger.id, ...(origin === undefined ? {} : { [source]: origin }) },
    breadcrumbs: [],
    context: {},
  }));
}
