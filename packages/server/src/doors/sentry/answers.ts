import { ERRORS, PrunellaError } from "@prunella/contract";

/** An HTTP answer as plain data: the door writes it. Header names are lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RateLimit {
  readonly seconds: number;
  /** Sentry's data categories; none means all. */
  readonly categories?: readonly string[];
  readonly scope?: "organization" | "project" | "key";
}

/** `{"id": …}`, as SDKs expect it after an envelope or a stored event; `{}` when nothing had an id. */
export function accepted(id: string | null): Answer {
  return { status: 200, headers: JSON_HEADERS, body: id === null ? "{}" : `{"id":"${id}"}` };
}

/** Browsers ask before they post cross-origin with own headers. */
export function preflight(): Answer {
  return { status: 204, headers: PREFLIGHT_HEADERS, body: "" };
}

/**
 * A refusal in the shape SDKs and people read: `detail` (what Sentry answers), `causes`, and our own
 * error object. Anything but a `PrunellaError` says nothing about itself. A 429 must be given before
 * anything was written: SDKs count it as a loss.
 */
export function refused(error: unknown, limit: RateLimit = { seconds: 10 }): Answer {
  const known = error instanceof PrunellaError ? error : new PrunellaError("PRUNELLA_INTERNAL");
  const { code, status, detail, hint } = known;
  const text = ERRORS[code].text;
  const headers: Record<string, string> = { ...JSON_HEADERS, "x-sentry-error": `${code}: ${text}` };
  if (status === 429) {
    headers["retry-after"] = String(Math.max(1, Math.ceil(limit.seconds)));
    headers["x-sentry-rate-limits"] = rateLimitText(limit);
  }
  const causes = detail === null ? [] : [detail];
  return {
    status,
    headers,
    body: JSON.stringify({ detail: text, causes, error: { code, message: known.message, hint } }),
  };
}

/** `<seconds>:<category;category>:<scope>`, see https://develop.sentry.dev/sdk/expected-features/rate-limiting/ */
function rateLimitText({ seconds, categories = [], scope = "project" }: RateLimit): string {
  return `${Math.max(1, Math.ceil(seconds))}:${categories.join(";")}:${scope}`;
}

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
};
const JSON_HEADERS = { ...CORS, "content-type": "application/json", "cross-origin-resource-policy": "cross-origin" };
const PREFLIGHT_HEADERS = {
  ...CORS,
  "access-control-allow-methods": "POST, OPTIONS",
  "access-control-allow-headers":
    "authorization, baggage, content-encoding, content-type, sentry-trace, traceparent, x-requested-with, x-sentry-auth",
  "access-control-max-age": "86400",
};
