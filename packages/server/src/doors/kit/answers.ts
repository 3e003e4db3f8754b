import type { ServerResponse } from "node:http";
import { PrunellaError, type ApiError } from "@prunella/contract";
import type { KitReason } from "./losses.ts";

/** An HTTP answer as plain data: the kit writes it. Header names are lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that is not taken in: what is said about it, and as what it is counted. */
export interface Refusal {
  /** Below 500 always, see `refusalOf`; 503 when there are no doors to ask. */
  readonly error: PrunellaError;
  /** When to come again; worth saying with a 429 only. */
  readonly retryAfterS: number;
  readonly reason: KitReason;
}

const RETRY_AFTER_S = 10;

const REASONS: Readonly<Partial<Record<PrunellaError["code"], KitReason>>> = {
  PRUNELLA_INGEST_BUSY: "door.busy",
  PRUNELLA_INGEST_ENCODING: "door.encoding",
  PRUNELLA_INGEST_KEY_WRONG: "door.key_wrong",
  PRUNELLA_INGEST_MALFORMED: "door.malformed",
  PRUNELLA_INGEST_TOO_LARGE: "door.too_large",
};

/**
 * Anything thrown, as a refusal. Clients of doors seldom send again after a 5xx, but they wait after a
 * 429: when the database cannot take an event now, that is the answer which loses least.
 */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof PrunellaError && thrown.status < 500)
    return { error: thrown, retryAfterS: RETRY_AFTER_S, reason: REASONS[thrown.code] ?? "door.other" };
  const error = new PrunellaError("PRUNELLA_INGEST_BUSY", {
    detail: "The event could not be stored now.",
    cause: thrown,
  });
  return { error, retryAfterS: RETRY_AFTER_S, reason: "door.not_stored" };
}

/** A refusal as the operator API says it, with `retry-after` where it helps. */
export function refused({ error, retryAfterS }: Refusal): Answer {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (error.status === 429 || error.status === 503) headers["retry-after"] = retryAfterText(retryAfterS);
  return { status: error.status, headers, body: JSON.stringify(errorBody(error)) };
}

/** A refusal is never an unknown error, so it may say what it is. */
export function errorBody({ code, message, hint }: PrunellaError): ApiError {
  return { error: { code, message, hint } };
}

/** Whole seconds, at least one: zero would call a storm back at once. */
export function retryAfterText(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds)));
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  // A 204 has no body and may not say how long it is (RFC 9110, 8.6).
  if (status === 204) response.writeHead(status, headers).end();
  else response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
}
