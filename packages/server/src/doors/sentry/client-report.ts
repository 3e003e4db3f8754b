import type { Sums } from "../kit/losses.ts";
import { isRecord } from "../kit/record.ts";
import { clientReason, type SentryReason } from "./reasons.ts";

/**
 * Adds what an SDK says it dropped to `sums`; its report is the only record of it. Returns how many rows
 * say nothing that can be counted.
 *
 * Source: https://develop.sentry.dev/sdk/telemetry/client-reports/
 */
export function readClientReport(report: Readonly<Record<string, unknown>>, sums: Sums<SentryReason>): number {
  let invalid = 0;
  for (const [list, given] of LISTS) {
    const rows = report[list];
    if (!Array.isArray(rows)) continue;
    for (const row of rows) {
      const quantity = isRecord(row) ? readQuantity(row.quantity) : null;
      if (!isRecord(row) || quantity === null) invalid += 1;
      else if (quantity > 0) add(sums, clientReason(given ?? row.reason, row.category), quantity);
    }
  }
  return invalid;
}

/** Old clients name the reason by the list. */
const LISTS = [
  ["discarded_events", null],
  ["rate_limited_events", "ratelimit_backoff"],
  ["filtered_events", "event_processor"],
  ["filtered_sampling_events", "sample_rate"],
] as const;

/** One request cannot claim more than this; a counter that anyone may write to needs an end. */
const QUANTITY_MAX = 1_000_000_000;

function add(sums: Sums<SentryReason>, reason: SentryReason, quantity: number): void {
  sums.set(reason, Math.min(QUANTITY_MAX, (sums.get(reason) ?? 0) + quantity));
}

/** Whole losses; null when it is no number of them. */
function readQuantity(value: unknown): number | null {
  if (typeof value !== "number" || !(value >= 0)) return null;
  return Math.min(QUANTITY_MAX, Math.floor(value));
}
