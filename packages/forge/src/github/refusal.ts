import { z } from "zod";
import type { ForgeRefusal } from "../forge.ts";
import { REASONS, UNSAID_MS } from "../reasons.ts";

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

function waitOf(headers: Readonly<Record<string, unknown>>, now: number): number | null {
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return Math.max(0, after * 1_000);
  const reset = Number(headers["x-ratelimit-reset"] ?? Number.NaN);
  const isUsedUp = String(headers["x-ratelimit-remaining"]) === "0";
  return isUsedUp && Number.isFinite(reset) ? Math.max(0, reset * 1_000 - now) : null;
}
