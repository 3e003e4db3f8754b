import type { Event } from "@prunella/contract";
import { boundedText, boundedValue, NAME_MAX, textOrNull } from "../kit/bounded.ts";
import { isRecord } from "../kit/record.ts";
import { readConsoleError, type ConsoleError } from "./console-error.ts";
import { normaliseEvent, readLevel, type NormaliseOptions } from "./normalise.ts";
import type { Why } from "./reasons.ts";
import { readTrace, type Belonging, type LogLine } from "./traces.ts";

interface LogOptions extends Omit<NormaliseOptions, "fallbackId"> {
  readonly newId: () => string;
  /** Events that there is room for. */
  readonly max: number;
  /** Called for each entry that does not become an event. */
  readonly onLoss: (why: Why) => void;
  /** Whether an event that was sent as well says it. */
  readonly belongingOf: (line: LogLine) => Belonging | null;
}

type Raw = Readonly<Record<string, unknown>>;

/**
 * The failures among a batch of structured logs: each entry of level `error` or `fatal` as an `Event`,
 * at most `max`. Attributes come as `{value, type}`; `sentry.message.template` is the text before its
 * parameters.
 *
 * Source: https://develop.sentry.dev/sdk/telemetry/logs/
 */
export function readErrorLogs(batch: Raw, { newId, max, onLoss, belongingOf, ...options }: LogOptions): Event[] {
  const events: Event[] = [];
  // A batch has `items`; the first SDKs sent a single entry as the payload.
  const entries = Array.isArray(batch.items) ? batch.items : [batch];
  for (const entry of entries) {
    if (!isRecord(entry) || typeof entry.level !== "string") {
      onLoss("invalid");
      continue;
    }
    if (!FAILURES.has(entry.level.toLowerCase())) {
      onLoss("level");
      continue;
    }
    if (events.length >= max) {
      onLoss("too_many");
      continue;
    }
    const attributes = readAttributes(entry.attributes);
    const error = typeof entry.body === "string" ? readConsoleError(entry.body) : null;
    const event = normaliseEvent(asEvent(entry, attributes, error), { ...options, fallbackId: newId() });
    if (event === null || event.message === null) {
      onLoss("invalid");
      continue;
    }
    const line = readLine(entry, attributes, event, error);
    const belonging = line === null ? null : belongingOf(line);
    if (belonging === null) events.push(event);
    else if (belonging === "near") onLoss("belongs");
  }
  return events;
}

function asEvent(entry: Raw, attributes: Attributes, error: ConsoleError | null): Raw {
  return {
    level: readLevel(entry.level),
    timestamp: entry.timestamp,
    logentry: {
      formatted: error?.text ?? entry.body,
      // With an error in it, the template says less than its class and place.
      message: error === null ? attributes.get("sentry.message.template") : null,
    },
    stacktrace: error?.stack,
    release: attributes.get("sentry.release"),
    environment: attributes.get("sentry.environment"),
    server_name: attributes.get("server.address") ?? attributes.get("sentry.server.address"),
    transaction: readPlace(attributes),
    tags: { "prunella.target": attributes.get("prunella.target") },
    contexts: { trace: { trace_id: entry.trace_id } },
    sdk: { name: attributes.get("sentry.sdk.name"), version: attributes.get("sentry.sdk.version") },
    extra: Object.fromEntries([...attributes].filter(([name]) => !name.startsWith("sentry."))),
  };
}

/** An unknown level of an event is an error; an unknown level of a log line is just a log line. */
const FAILURES: ReadonlySet<string> = new Set(["error", "fatal", "critical"]);
const ATTRIBUTES_MAX = 64;
/** `auto.log.console`, `auto.console.logging`: taken from a logger. What a program logs at the SDK itself is `manual`, or has no origin. */
const TAKEN = /^auto\./;

/** Null for what was not taken from a logger, or has no trace: it stands for itself. */
function readLine(entry: Raw, attributes: Attributes, event: Event, error: ConsoleError | null): LogLine | null {
  const origin = attributes.get("sentry.origin");
  const trace = readTrace(entry.trace_id);
  if (trace === null || typeof origin !== "string" || !TAKEN.test(origin) || event.message === null) return null;
  return { trace, at: event.at, text: event.message, template: event.message_template, error: error?.value ?? null };
}

/** Where it was logged, as culprits are written. Source: https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/ */
function readPlace(attributes: Attributes): string | null {
  const said = (...names: string[]): string | null => {
    for (const name of names) {
      const value = attributes.get(name);
      if (typeof value === "string") return value;
    }
    return null;
  };
  const call = said("code.function.name", "code.function");
  const space = said("code.namespace");
  const file = said("code.file.path", "code.filepath")?.replace(/^.*[\\/]/, "") ?? null;
  const name = call !== null && space !== null && !call.includes(space) ? `${space}.${call}` : (call ?? space);
  if (name === null) return file;
  return file === null ? name : `${name} · ${file}`;
}

type Attributes = ReadonlyMap<string, unknown>;

function readAttributes(raw: unknown): Attributes {
  const attributes = new Map<string, unknown>();
  if (!isRecord(raw)) return attributes;
  for (const name in raw) {
    if (attributes.size >= ATTRIBUTES_MAX) break;
    const held = raw[name];
    const value = isRecord(held) && "value" in held ? held.value : held;
    attributes.set(boundedText(name, NAME_MAX), textOrNull(value) ?? boundedValue(value));
  }
  return attributes;
}
