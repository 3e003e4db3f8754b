import { z } from "zod";
import type { ForgeRefusal } from "../forge.ts";

const Failed = z.object({
  status: z.int(),
  message: z.string(),
  response: z
    .object({
      headers: z.record(z.string(), z.unknown()).default({}),
      data: z.object({ message: z.string() }).optional().catch(undefined),
    })
    .optional(),
});

const REASONS: Readonly<Record<number, ForgeRefusal["reason"]>> = {
  401: "forbidden",
  403: "forbidden",
  404: "not_found",
  // It is not as it was taken to be: what a merge is refused with.
  405: "conflict",
  409: "conflict",
  410: "gone",
  422: "invalid",
  429: "limited",
};

/** What a failed request says, by GitHub's documentation of "Rate limits for the REST API". */
export function refusalOf(error: unknown, now: number): ForgeRefusal {
  const read = Failed.safeParse(error);
  const response = read.data?.response;
  if (!read.success || response === undefined) {
    const message = error instanceof Error ? error.message : String(error);
    return { reason: "unreachable", status: null, message, retryAfterMs: null };
  }
  const { status } = read.data;
  const message = response.data?.message ?? read.data.message;
  const retryAfterMs = waitOf(response.headers, now);
  const isLimited = status === 429 || (status === 403 && (retryAfterMs !== null || /rate limit/i.test(message)));
  const reason = isLimited ? "limited" : (REASONS[status] ?? "failed");
  return { reason, status, message, retryAfterMs: reason === "limited" ? (retryAfterMs ?? UNSAID_MS) : retryAfterMs };
}

/** A secondary limit that says nothing wants at least a minute (same page). */
const UNSAID_MS = 60_000;

function waitOf(headers: Readonly<Record<string, unknown>>, now: number): number | null {
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after * 1_000);
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  const isUsedUp = String(headers["x-ratelimit-remaining"]) === "0";
  return isUsedUp && Number.isFinite(reset) ? Math.max(0, reset * 1_000 - now) : null;
}
