/**
 * The words under which this door counts losses. `dropped.<why>.<category>`: came in and is not kept.
 * `client.<reason>.<category>`: an SDK says so. All three lists are closed, and docs/guides/connect-an-sdk.md
 * explains each word.
 */

/** Why an item, or an entry of one, is not kept. */
export const WHYS = [
  /** Nothing here reads its type. */
  "unread",
  /** A log entry below `error`. */
  "level",
  /** A line of a log that an event of its trace speaks for. */
  "belongs",
  /** Not the JSON that its type promises, or nothing in it. */
  "invalid",
  /** Over `eventMax`, or beyond `readMax`. */
  "too_large",
  /** Beyond `eventsMax`. */
  "too_many",
] as const;
export type Why = (typeof WHYS)[number];

/** What is lost, in Sentry's words, so that both kinds can be compared. */
const CATEGORIES = [
  "attachment",
  "default",
  "error",
  "feedback",
  "internal",
  "log_byte",
  "log_item",
  "metric_bucket",
  "monitor",
  "profile",
  "profile_chunk",
  "profile_chunk_ui",
  "profile_duration",
  "replay",
  "security",
  "session",
  "span",
  "statsd",
  "trace_metric",
  "trace_metric_byte",
  "transaction",
  "unknown",
  "user_report_v2",
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Source: https://develop.sentry.dev/sdk/telemetry/client-reports/ */
const CLIENT_REASONS = [
  "backpressure",
  "batch_processor",
  "before_send",
  "before_send_log",
  "before_send_metric",
  "before_send_transaction",
  "buffer_overflow",
  "cache_overflow",
  "callback",
  "callback_error",
  "event_processor",
  "ignored",
  "insufficient_data",
  "internal_sdk_error",
  "invalid",
  "network_error",
  "no_parent_span",
  "other",
  "queue_overflow",
  "ratelimit_backoff",
  "sample_rate",
  "send_error",
  "too_large",
] as const;
type ClientReason = (typeof CLIENT_REASONS)[number];

export type SentryReason = `dropped.${Why}.${Category}` | `client.${ClientReason}.${Category}`;

export const SENTRY_REASONS: ReadonlySet<string> = new Set(
  CATEGORIES.flatMap((category) => [
    ...WHYS.map((why): SentryReason => `dropped.${why}.${category}`),
    ...CLIENT_REASONS.map((reason): SentryReason => `client.${reason}.${category}`),
  ]),
);

/** What an SDK gave as reason and category; a word on no list is `other`, and `unknown`. */
export function clientReason(reason: unknown, category: unknown): SentryReason {
  const knownReason = CLIENT_REASONS.find((known) => known === reason) ?? "other";
  const knownCategory = CATEGORIES.find((known) => known === category) ?? "unknown";
  return `client.${knownReason}.${knownCategory}`;
}

/** Every documented item type and what it brings. A type on no list is `unknown`, so that nobody can invent words. */
export const ITEM_CATEGORIES: ReadonlyMap<string, Category> = new Map<string, Category>([
  ["attachment", "attachment"],
  ["check_in", "monitor"],
  ["client_report", "internal"],
  ["event", "error"],
  ["feedback", "feedback"],
  ["form_data", "attachment"],
  ["log", "log_item"],
  ["metric_buckets", "metric_bucket"],
  ["metric_meta", "metric_bucket"],
  ["nel", "security"],
  ["otel_log", "log_item"],
  ["profile", "profile"],
  ["profile_chunk", "profile_chunk"],
  ["raw_security", "security"],
  ["replay_event", "replay"],
  ["replay_recording", "replay"],
  ["replay_video", "replay"],
  ["security", "security"],
  ["session", "session"],
  ["sessions", "session"],
  ["span", "span"],
  ["statsd", "statsd"],
  ["trace_metric", "trace_metric"],
  ["transaction", "transaction"],
  ["unreal_report", "error"],
  ["user_report", "feedback"],
  ["user_report_v2", "feedback"],
]);

export const categoryOf = (type: string): Category => ITEM_CATEGORIES.get(type) ?? "unknown";
