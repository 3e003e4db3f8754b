import { isRecord } from "./record.ts";

/** What an SDK says it dropped; its report is the only record of it. */
export interface Loss {
  readonly reason: string;
  readonly category: string;
  readonly quantity: number;
}

/**
 * Reads the losses of a `client_report`, equal ones added up. Reasons and categories are enums: whatever
 * is not on the lists is `other`, because these words enter the ledger, which nobody can shorten again.
 *
 * Source: https://develop.sentry.dev/sdk/telemetry/client-reports/
 */
export function readLosses(report: Readonly<Record<string, unknown>>): Loss[] {
  const sums = new Map<string, Loss>();
  for (const [list, given] of LISTS) {
    const rows = report[list];
    if (!Array.isArray(rows)) continue;
    for (const row of rows) {
      if (!isRecord(row)) continue;
      const quantity = readQuantity(row.quantity);
      if (quantity === 0) continue;
      const reason = given ?? known(REASONS, row.reason);
      const category = known(CATEGORIES, row.category);
      const key = `${reason} ${category}`;
      sums.set(key, { reason, category, quantity: Math.min(QUANTITY_MAX, (sums.get(key)?.quantity ?? 0) + quantity) });
    }
  }
  return [...sums.values()];
}

/** Old clients name the reason by the list. */
const LISTS = [
  ["discarded_events", null],
  ["rate_limited_events", "ratelimit_backoff"],
  ["filtered_events", "event_processor"],
  ["filtered_sampling_events", "sample_rate"],
] as const;

const REASONS: ReadonlySet<string> = new Set(
  `backpressure batch_processor before_send before_send_log before_send_metric before_send_transaction
  buffer_overflow cache_overflow callback event_processor ignored insufficient_data internal_sdk_error invalid
  network_error no_parent_span queue_overflow ratelimit_backoff sample_rate send_error too_large`.split(/\s+/),
);

const CATEGORIES: ReadonlySet<string> = new Set(
  `attachment default error feedback internal log_byte log_item metric_bucket monitor profile profile_chunk
  profile_chunk_ui profile_duration replay security session span statsd trace_metric trace_metric_byte transaction
  unknown user_report_v2`.split(/\s+/),
);

/** One report cannot claim more than this; a counter that anyone may write to needs an end. */
const QUANTITY_MAX = 1_000_000_000;

function known(words: ReadonlySet<string>, value: unknown): string {
  return typeof value === "string" && words.has(value) ? value : "other";
}

function readQuantity(value: unknown): number {
  if (typeof value !== "number" || !(value >= 1)) return 0;
  return Math.min(QUANTITY_MAX, Math.floor(value));
}
