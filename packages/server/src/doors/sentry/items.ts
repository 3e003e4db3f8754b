import { PrunellaError, type Event, type Trust } from "@prunella/contract";
import { NAME_MAX, textOrNull } from "./bounded.ts";
import { parseEnvelope, type Envelope, type EnvelopeItem } from "./envelope.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { readErrorLogs } from "./logs.ts";
import { readLosses, type Loss } from "./losses.ts";
import { normaliseEvent, readEventId } from "./normalise.ts";
import { parseEvent } from "./known-frames.ts";
import { isRecord, parseJson } from "./record.ts";

export interface DecodeOptions {
  readonly trust: Trust;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Makes 32 lower-case hex digits. */
  readonly newId: () => string;
}

export interface CheckIn {
  readonly slug: string;
  readonly status: "ok" | "error" | "in_progress";
  readonly environment: string | null;
  readonly durationMs: number | null;
}

export interface Decoded {
  /** What the answer names: the first event's id, else the envelope's, else null. */
  readonly id: string | null;
  readonly events: Event[];
  /** Items seen, by type; types that no SDK documents are `unknown`, so that nobody can invent keys. */
  readonly counts: Readonly<Record<string, number>>;
  readonly losses: Loss[];
  readonly checkIns: CheckIn[];
  /** Sessions reported, and how many of them ended in a crash. */
  readonly sessions: { readonly total: number; readonly crashed: number };
  /** Items that came and were not used, by reason. */
  readonly dropped: { ignored: number; attachment: number; too_large: number; invalid: number; duplicate: number };
}

/**
 * Everything one envelope says. Items that Prunella has no use for are counted and accepted, because an
 * SDK that gets an error for them would only report a loss.
 *
 * @throws PRUNELLA_INGEST_MALFORMED see `parseEnvelope`; also when its only event is not JSON
 * @throws PRUNELLA_INGEST_TOO_LARGE when its only event is over 1 MiB
 */
export function decodeEnvelope(bytes: Buffer, options: DecodeOptions): Decoded {
  return decodeItems(parseEnvelope(bytes, SENTRY_LIMITS), options);
}

/** The second half of `decodeEnvelope`, for a door that had to look at the header first (tunnels). */
export function decodeItems({ header, items }: Envelope, options: DecodeOptions): Decoded {
  const state: State = {
    options,
    headerId: readEventId(header.event_id),
    readBytes: 0,
    events: [],
    losses: [],
    checkIns: [],
    sessions: { total: 0, crashed: 0 },
    dropped: { ignored: 0, attachment: 0, too_large: 0, invalid: 0, duplicate: 0 },
  };
  const counts: Record<string, number> = {};
  for (const item of items) {
    const type = KNOWN_TYPES.has(item.type) ? item.type : "unknown";
    counts[type] = (counts[type] ?? 0) + 1;
    takeItem(item, type, state);
  }
  refuseWhenNothingIsLeft(counts, items.length, state);
  const { events, losses, checkIns, sessions, dropped } = state;
  return { id: events[0]?.id ?? state.headerId, events, counts, losses, checkIns, sessions, dropped };
}

interface State {
  readonly options: DecodeOptions;
  readonly headerId: string | null;
  /** Bytes parsed as JSON so far. */
  readBytes: number;
  readonly events: Event[];
  readonly losses: Loss[];
  readonly checkIns: CheckIn[];
  readonly sessions: { total: number; crashed: number };
  readonly dropped: Decoded["dropped"];
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(
  `attachment check_in client_report event feedback form_data log metric_buckets metric_meta nel otel_log profile
  profile_chunk raw_security replay_event replay_recording replay_video security session sessions span statsd
  trace_metric transaction unreal_report user_report user_report_v2`.split(/\s+/),
);

/** Types that are read as JSON; the rest is counted without a look inside. */
const READ_TYPES: ReadonlySet<string> = new Set(["event", "log", "session", "sessions", "client_report", "check_in"]);

function takeItem(item: EnvelopeItem, type: string, state: State): void {
  const { dropped } = state;
  if (!READ_TYPES.has(type)) {
    if (type === "attachment") dropped.attachment += 1;
    else dropped.ignored += 1;
    return;
  }
  if (item.payload.length > Math.min(SENTRY_LIMITS.eventMax, SENTRY_LIMITS.readMax - state.readBytes)) {
    dropped.too_large += 1;
    return;
  }
  state.readBytes += item.payload.length;
  const payload = type === "event" ? parseEvent(item.payload) : parseJson(item.payload);
  if (!isRecord(payload)) {
    dropped.invalid += 1;
    return;
  }
  if (type === "event") takeEvent(payload, state);
  else if (type === "log") takeLogs(payload, state);
  else if (type === "client_report") state.losses.push(...readLosses(payload));
  else if (type === "check_in") takeCheckIn(payload, state);
  else takeSessions(payload, state);
}

function takeEvent(payload: Readonly<Record<string, unknown>>, state: State): void {
  const { trust, receivedAt, newId } = state.options;
  // The envelope's id belongs to its first event; a second one without an id gets its own.
  const fallbackId = readEventId(payload.event_id) ?? (state.events.length === 0 ? state.headerId : null) ?? newId();
  const event = normaliseEvent(payload, { trust, receivedAt, fallbackId });
  if (event === null) state.dropped.ignored += 1;
  else if (state.events.some((other) => other.id === event.id)) state.dropped.duplicate += 1;
  else if (state.events.length >= SENTRY_LIMITS.eventsMax) state.dropped.too_large += 1;
  else state.events.push(event);
}

function takeLogs(payload: Readonly<Record<string, unknown>>, state: State): void {
  const max = SENTRY_LIMITS.eventsMax - state.events.length;
  state.events.push(...readErrorLogs(payload, { ...state.options, max }));
}

function takeCheckIn(payload: Readonly<Record<string, unknown>>, state: State): void {
  const slug = textOrNull(payload.monitor_slug, NAME_MAX);
  const status = CHECK_IN_STATUS.find((known) => known === payload.status);
  if (slug === null || status === undefined) {
    state.dropped.invalid += 1;
    return;
  }
  const seconds = payload.duration;
  state.checkIns.push({
    slug,
    status,
    environment: textOrNull(payload.environment, NAME_MAX),
    durationMs: typeof seconds === "number" && seconds >= 0 ? Math.round(Math.min(seconds, SECONDS_MAX) * 1000) : null,
  });
}

const CHECK_IN_STATUS = ["ok", "error", "in_progress"] as const;
const SECONDS_MAX = 1e9;

/** `session` speaks of one; `sessions` of groups with counts. */
function takeSessions(payload: Readonly<Record<string, unknown>>, state: State): void {
  if (!Array.isArray(payload.aggregates)) {
    state.sessions.total += 1;
    if (payload.status === "crashed") state.sessions.crashed += 1;
    return;
  }
  for (const group of payload.aggregates.slice(0, SENTRY_LIMITS.itemsMax)) {
    if (!isRecord(group)) continue;
    const crashed = readCount(group, "crashed");
    state.sessions.crashed += crashed;
    state.sessions.total +=
      crashed + readCount(group, "exited") + readCount(group, "errored") + readCount(group, "abnormal");
  }
}

function readCount(group: Readonly<Record<string, unknown>>, name: string): number {
  const value = group[name];
  return typeof value === "number" && value >= 0 ? Math.floor(Math.min(value, SECONDS_MAX)) : 0;
}

/** An envelope that brought nothing but one bad event gets a clear answer; its attachments do not save it. */
function refuseWhenNothingIsLeft(counts: Readonly<Record<string, number>>, itemCount: number, state: State): void {
  const { dropped, events } = state;
  const onlyEvents = (counts.event ?? 0) > 0 && (counts.event ?? 0) + (counts.attachment ?? 0) === itemCount;
  if (!onlyEvents || events.length > 0) return;
  if (dropped.too_large > 0) {
    throw new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
      detail: `An event has at most ${SENTRY_LIMITS.eventMax} bytes.`,
    });
  }
  if (dropped.invalid > 0) {
    throw new PrunellaError("PRUNELLA_INGEST_MALFORMED", { detail: "The event is not a JSON object." });
  }
}
