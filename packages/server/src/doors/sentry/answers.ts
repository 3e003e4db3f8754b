import { ERRORS } from "@prunella/contract";
import { errorBody, retryAfterText, type Answer, type Refusal } from "../kit/answers.ts";

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
 * error object. A 429 must be given before anything was written: SDKs count it as a loss.
 */
export function refused({ error, retryAfterS }: Refusal): Answer {
  const { code, status, detail } = error;
  const text = ERRORS[code].text;
  const headers: Record<string, string> = { ...JSON_HEADERS, "x-sentry-error": `${code}: ${text}` };
  if (status === 429) {
    headers["retry-after"] = retryAfterText(retryAfterS);
    // `<seconds>:<categories, none means all>:<scope>`, see https://develop.sentry.dev/sdk/expected-features/rate-limiting/
    headers["x-sentry-rate-limits"] = `${retryAfterText(retryAfterS)}::project`;
  }
  const causes = detail === null ? [] : [detail];
  return { status, headers, body: JSON.stringify({ detail: text, causes, ...errorBody(error) }) };
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
