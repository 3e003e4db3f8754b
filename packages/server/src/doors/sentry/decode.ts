import { PrunellaError, type Event, type Trust } from "@prunella/contract";
import type { CheckIn } from "@prunella/kernel";
import { count, toLosses, type Loss, type Sums } from "../kit/losses.ts";
import { isRecord, parseJson } from "../kit/record.ts";
import { readCheckIn } from "./check-in.ts";
import { readClientReport } from "./client-report.ts";
import type { Envelope, EnvelopeItem } from "./envelope.ts";
import { parseEvent } from "./known-frames.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { readErrorLogs } from "./logs.ts";
import { normaliseEvent, readEventId } from "./normalise.ts";
import { categoryOf, type Category, type SentryReason, type Why } from "./reasons.ts";
import { belongingOf, tracedOf, type Belonging, type LogLine, type Traced } from "./traces.ts";

export interface DecodeOptions {
  readonly trust: Trust;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Makes 32 lower-case hex digits. */
  readonly newId: () => string;
  /** Events of a trace that came before, which lines of its log may belong to. */
  readonly eventsOf?: (trace: string) => readonly Traced[];
}

/** What a body says. Whatever stood in it is an event, a doubled event, or a loss. */
export interface Decoded {
  /** What the answer names: the first event's id, else the envelope's, else null. */
  readonly id: string | null;
  readonly events: Event[];
  /** Signs of life of monitors. */
  readonly checkIns: readonly CheckIn[];
  /** What came in and is not kept, and what the SDK says it dropped itself. */
  readonly losses: readonly Loss[];
  /** The SDK reported some of them, and this is the only record of it. */
  readonly hasReport: boolean;
  /** To be remembered once they are stored. */
  readonly traced: readonly Traced[];
  /** Of lines of logs among the events, whose own event may be on its way; 16 at most. */
  readonly loneTraces: ReadonlySet<string>;
}

/**
 * Everything one envelope says. Items that Prunella has no use for are accepted and counted as losses:
 * an SDK that gets an error for them would send nothing better.
 *
 * @throws PRUNELLA_INGEST_MALFORMED when its only event is not JSON
 * @throws PRUNELLA_INGEST_TOO_LARGE when its only event is over 1 MiB
 */
export function decodeItems({ header, items }: Envelope, options: DecodeOptions): Decoded {
  const state: State = {
    options,
    headerId: readEventId(header.event_id),
    readBytes: 0,
    events: [],
    checkIns: [],
    losses: new Map(),
    hasReport: false,
    traced: [],
    loneTraces: new Set(),
  };
  // Logs last: a line may belong to an event that stands behind it.
  for (const item of items) if (item.type !== "log") takeItem(item, state);
  for (const item of items) if (item.type === "log") takeItem(item, state);
  refuseWhenNothingIsLeft(items, state);
  return {
    id: state.events[0]?.id ?? state.headerId,
    events: state.events,
    checkIns: state.checkIns,
    losses: toLosses(state.losses),
    hasReport: state.hasReport,
    traced: state.traced,
    loneTraces: state.loneTraces,
  };
}

interface State {
  readonly options: DecodeOptions;
  readonly headerId: string | null;
  /** Bytes parsed as JSON so far. */
  readBytes: number;
  readonly events: Event[];
  readonly checkIns: CheckIn[];
  readonly losses: Sums<SentryReason>;
  hasReport: boolean;
  readonly traced: Traced[];
  readonly loneTraces: Set<string>;
}

function lose(state: State, why: Why, category: Category, quantity = 1): void {
  if (quantity > 0) count(state.losses, `dropped.${why}.${category}`, quantity);
}

/** Types that are read as JSON; the rest is counted without a look inside. */
const READ_TYPES: ReadonlySet<string> = new Set(["event", "log", "client_report", "check_in"]);

function takeItem(item: EnvelopeItem, state: State): void {
  const { type, payload } = item;
  const category = categoryOf(type);
  if (!READ_TYPES.has(type)) return lose(state, "unread", category, entriesIn(item));
  if (payload.length > Math.min(SENTRY_LIMITS.eventMax, SENTRY_LIMITS.readMax - state.readBytes))
    return lose(state, "too_large", category, entriesIn(item));
  state.readBytes += payload.length;
  const value = type === "event" ? parseEvent(payload) : parseJson(payload);
  if (!isRecord(value)) lose(state, "invalid", category, entriesIn(item));
  else if (type === "event") takeEvent(value, state);
  else if (type === "log") takeLogs(value, state);
  else if (type === "check_in") takeCheckIn(value, state);
  else takeReport(value, state);
}

function takeEvent(payload: Readonly<Record<string, unknown>>, state: State): void {
  const { trust, receivedAt, newId } = state.options;
  // The envelope's id belongs to its first event; a second one without an id gets its own.
  const fallbackId = readEventId(payload.event_id) ?? (state.events.length === 0 ? state.headerId : null) ?? newId();
  const event = normaliseEvent(payload, { trust, receivedAt, fallbackId });
  if (event === null) lose(state, "unread", "transaction");
  // A doubled event is no loss: it is kept, once.
  else if (state.events.some((other) => other.id === event.id)) return;
  else if (state.events.length >= SENTRY_LIMITS.eventsMax) lose(state, "too_many", "error");
  else {
    state.events.push(event);
    const traced = tracedOf(payload, event);
    if (traced !== null) state.traced.push(traced);
  }
}

const LONE_MAX = 16;

function takeLogs(payload: Readonly<Record<string, unknown>>, state: State): void {
  const max = SENTRY_LIMITS.eventsMax - state.events.length;
  const onLoss = (why: Why): void => lose(state, why, "log_item");
  const { eventsOf = () => [], trust, receivedAt, newId } = state.options;
  const line = (log: LogLine): Belonging | null => {
    const belonging = belongingOf(log, [...state.traced, ...eventsOf(log.trace)]);
    if (belonging === null && state.loneTraces.size < LONE_MAX) state.loneTraces.add(log.trace);
    return belonging;
  };
  state.events.push(...readErrorLogs(payload, { trust, receivedAt, newId, max, onLoss, belongingOf: line }));
}

const CHECK_INS_MAX = 100;

function takeCheckIn(payload: Readonly<Record<string, unknown>>, state: State): void {
  const checkIn = readCheckIn(payload);
  if (checkIn === null) lose(state, "invalid", "monitor");
  else if (state.checkIns.length >= CHECK_INS_MAX) lose(state, "too_many", "monitor");
  else state.checkIns.push(checkIn);
}

function takeReport(payload: Readonly<Record<string, unknown>>, state: State): void {
  state.hasReport = true;
  lose(state, "invalid", "internal", readClientReport(payload, state.losses));
}

/** Types that hold many entries in one item and say in its header how many. */
const CONTAINERS: ReadonlySet<string> = new Set(["log", "span", "trace_metric"]);

/** How much an unread item brings: what its header says, and never more than its bytes can hold. */
function entriesIn({ type, header, payload }: EnvelopeItem): number {
  const said = CONTAINERS.has(type) ? header.item_count : 1;
  return typeof said === "number" && Number.isSafeInteger(said) && said > 1 ? Math.min(said, payload.length || 1) : 1;
}

/** An envelope that brought nothing but one bad event gets a clear answer; its attachments do not save it. */
function refuseWhenNothingIsLeft(items: readonly EnvelopeItem[], { losses, events }: State): void {
  if (events.length > 0 || !items.every(({ type }) => type === "event" || type === "attachment")) return;
  if (losses.has("dropped.too_large.error")) {
    throw new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
      detail: `An event has at most ${SENTRY_LIMITS.eventMax} bytes.`,
    });
  }
  if (losses.has("dropped.invalid.error")) {
    throw new PrunellaError("PRUNELLA_INGEST_MALFORMED", { detail: "The event is not a JSON object." });
  }
}
