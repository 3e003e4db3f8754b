import type { Event } from "@prunella/contract";
import { isRecord } from "../kit/record.ts";

/** An event of a trace, and what a line of its log may repeat of it. */
export interface Traced {
  readonly trace: string;
  /** Epoch milliseconds, by the sender's clock. */
  readonly at: number;
  readonly texts: readonly string[];
  /** The trace is that of one request or job; without either, a program has one trace from start to end. */
  readonly isOfOneTask: boolean;
}

/** A failure in a log, as far as it can be held against events. */
export interface LogLine {
  readonly trace: string;
  readonly at: number;
  readonly text: string;
  readonly template: string | null;
  /** Of the error that the line was given; null when it was given none. */
  readonly error: string | null;
}

/**
 * `same`: the event says all of it, and nothing is lost without the line. `near`: said in the event's
 * request or job within a second of it, in other words.
 */
export type Belonging = "same" | "near";

/**
 * Events of the last minute by trace. The line of a log mostly comes seconds later, in an envelope of its
 * own; when a program ends, at the same moment.
 */
export interface Traces {
  remember(projectId: string, traced: readonly Traced[]): void;
  of(projectId: string, trace: string): readonly Traced[];
}

const TRACES_MAX = 4_096;
const EVENTS_PER_TRACE = 16;
/** SDKs send their logs every five seconds; a slow network and a retry fit as well. */
const KEPT_MS = 60_000;
const NEAR_MS = 1_000;
/** A line that names an event's text among other words; scripts have one trace from start to end. */
const NAMED_MS = 5_000;
/** Shorter texts stand in others by chance. */
const TELLING = 6;
const TEXT_KEPT = 1_024;
/** Of an event, and looked for in each line. */
const TEXTS_MAX = 8;

export function createTraces(now: () => number): Traces {
  const byTrace = new Map<string, { until: number; events: readonly Traced[] }>();
  return {
    remember(projectId, traced) {
      for (const event of traced) {
        const key = `${projectId} ${event.trace}`;
        const events = byTrace.get(key)?.events ?? [];
        // What is set anew stands last: the first has been silent for the longest.
        byTrace.delete(key);
        byTrace.set(key, { until: now() + KEPT_MS, events: [...events.slice(1 - EVENTS_PER_TRACE), event] });
        if (byTrace.size > TRACES_MAX) for (const oldest of byTrace.keys()) if (byTrace.delete(oldest)) break;
      }
    },
    of(projectId, trace) {
      const kept = byTrace.get(`${projectId} ${trace}`);
      return kept === undefined || kept.until < now() ? [] : kept.events;
    },
  };
}

/** Null when the event names no trace. */
export function tracedOf(raw: Readonly<Record<string, unknown>>, event: Event): Traced | null {
  const context = isRecord(raw.contexts) && isRecord(raw.contexts.trace) ? raw.contexts.trace : {};
  const trace = readTrace(context.trace_id);
  if (trace === null) return null;
  const texts: string[] = [];
  keep(texts, event.message);
  keep(texts, event.message_template);
  for (let at = event.errors.length - 1; at >= 0 && texts.length < TEXTS_MAX; at -= 1)
    keep(texts, event.errors[at]?.value ?? null);
  const isOfOneTask = isRecord(raw.request) || typeof context.parent_span_id === "string" || hasOperation(context.op);
  return { trace, at: event.at, texts, isOfOneTask };
}

function keep(texts: string[], text: string | null): void {
  if (text !== null) texts.push(text.length > TEXT_KEPT ? text.slice(0, TEXT_KEPT) : text);
}

const hasOperation = (op: unknown): boolean => typeof op === "string" && op !== "" && op !== "default";

export function readTrace(value: unknown): string | null {
  return typeof value === "string" && /^[0-9a-f]{32}$/i.test(value) ? value.toLowerCase() : null;
}

/**
 * Whether a line that the SDK took from a logger or the console is part of an event that it sent as
 * well: one failure is one fault. A line with an error of its own belongs only where that error was sent.
 */
export function belongingOf(line: LogLine, events: readonly Traced[]): Belonging | null {
  let isNear = false;
  const text = line.text.slice(0, TEXT_KEPT);
  for (const { at, texts, isOfOneTask } of events
    .filter(({ trace }) => trace === line.trace)
    .slice(-EVENTS_PER_TRACE)) {
    if (line.error !== null && texts.includes(line.error)) return "same";
    if (texts.includes(text) || (line.template !== null && texts.includes(line.template))) return "same";
    const apart = Math.abs(at - line.at);
    if (apart <= NAMED_MS) for (const said of texts) if (said.length >= TELLING && text.includes(said)) return "same";
    if (isOfOneTask && line.error === null && apart <= NEAR_MS) isNear = true;
  }
  return isNear ? "near" : null;
}
