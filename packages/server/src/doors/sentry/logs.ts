import type { Event } from "@prunella/contract";
import { boundedText, boundedValue, NAME_MAX, textOrNull } from "./bounded.ts";
import { normaliseEvent, readLevel, type NormaliseOptions } from "./normalise.ts";
import { isRecord } from "./record.ts";

/**
 * The failures among a batch of structured logs: each entry of level `error` or `fatal` as an `Event`,
 * at most `max`. Attributes come as `{value, type}`; `sentry.message.template` is the text before its
 * parameters.
 *
 * Source: https://develop.sentry.dev/sdk/telemetry/logs/
 */
export function readErrorLogs(
  batch: Readonly<Record<string, unknown>>,
  { newId, max, ...options }: Omit<NormaliseOptions, "fallbackId"> & { newId: () => string; max: number },
): Event[] {
  const events: Event[] = [];
  // A batch has `items`; the first SDKs sent a single entry as the payload.
  const entries = Array.isArray(batch.items) ? batch.items : [batch];
  for (const entry of entries) {
    if (events.length >= max) break;
    if (!isRecord(entry) || typeof entry.level !== "string") continue;
    const level = readLevel(entry.level);
    if ((level !== "error" && level !== "fatal") || !NAMED.has(entry.level.toLowerCase())) continue;
    const attributes = readAttributes(entry.attributes);
    const event = normaliseEvent(
      {
        level,
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
    if (event !== null && event.message !== null) events.push(event);
  }
  return events;
}

/** An unknown level of an event is an error; an unknown level of a log line is just a log line. */
const NAMED: ReadonlySet<string> = new Set(["error", "fatal", "critical"]);
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
