import type { Event } from "@prunella/contract";
import { boundedText, boundedValue, NAME_MAX, textOrNull } from "../kit/bounded.ts";
import { isRecord } from "../kit/record.ts";
import { normaliseEvent, readLevel, type NormaliseOptions } from "./normalise.ts";
import type { Why } from "./reasons.ts";

interface LogOptions extends Omit<NormaliseOptions, "fallbackId"> {
  readonly newId: () => string;
  /** Events that there is room for. */
  readonly max: number;
  /** Called for each entry that does not become an event. */
  readonly onLoss: (why: Why) => void;
}

/**
 * The failures among a batch of structured logs: each entry of level `error` or `fatal` as an `Event`,
 * at most `max`. Attributes come as `{value, type}`; `sentry.message.template` is the text before its
 * parameters.
 *
 * Source: https://develop.sentry.dev/sdk/telemetry/logs/
 */
export function readErrorLogs(
  batch: Readonly<Record<string, unknown>>,
  { newId, max, onLoss, ...options }: LogOptions,
): Event[] {
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
    const event = normaliseEvent(
      {
        level: readLevel(entry.level),
        timestamp: entry.timestamp,
        logentry: { formatted: entry.body, message: attributes.get("sentry.message.template") },
        release: attributes.get("sentry.release"),
        environment: attributes.get("sentry.environment"),
        server_name: attributes.get("server.address"),
        tags: { "prunella.target": attributes.get("prunella.target") },
        sdk: { name: attributes.get("sentry.sdk.name"), version: attributes.get("sentry.sdk.version") },
        extra: Object.fromEntries([...attributes].filter(([name]) => !name.startsWith("sentry."))),
      },
      { ...options, fallbackId: newId() },
    );
    if (event === null || event.message === null) onLoss("invalid");
    else events.push(event);
  }
  return events;
}

/** An unknown level of an event is an error; an unknown level of a log line is just a log line. */
const FAILURES: ReadonlySet<string> = new Set(["error", "fatal", "critical"]);
const ATTRIBUTES_MAX = 64;

function readAttributes(raw: unknown): Map<string, unknown> {
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
