import type { Event } from "@prunella/contract";
import { normaliseEvent } from "../packages/server/src/doors/sentry/normalise.ts";

/** The event a line stands for: a Sentry event as JSON through the door's own reader, or a text as the supervisor sees it. */
export function eventOf(text: string, at: number): Event {
  const id = at.toString(16).padStart(32, "0");
  const sentry = text.trimStart().startsWith("{") ? readSentry(text, id) : null;
  if (sentry !== null) return sentry;
  return {
    id,
    source: "supervisor",
    trust: "local",
    level: "fatal",
    at,
    release: null,
    environment: null,
    platform: null,
    target: null,
    errors: [],
    message: null,
    message_template: null,
    stack_text: text,
    sdk_fingerprint: null,
    transaction: null,
    server_name: null,
    exit_code: null,
    signal: null,
    tags: {},
    breadcrumbs: [],
    context: {},
  };
}

function readSentry(text: string, id: string): Event | null {
  try {
    const raw: unknown = JSON.parse(text);
    if (typeof raw !== "object" || raw === null) return null;
    if (!isSentry(raw)) return null;
    return normaliseEvent(raw, { trust: "local", receivedAt: 0, fallbackId: id });
  } catch (error) {
    // A log line may begin with a brace too.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Loggers that write JSON have an `exception`, a `stacktrace` and a `message` too, as text or as true. */
function isSentry(raw: object): boolean {
  const fields = new Map<string, unknown>(Object.entries(raw));
  return (
    fields.has("event_id") ||
    (fields.has("message") && fields.has("platform")) ||
    ["exception", "stacktrace", "threads", "logentry"].some((key) => {
      const value = fields.get(key);
      return typeof value === "object" && value !== null && !(Array.isArray(value) && typeof value[0] === "string");
    })
  );
}
