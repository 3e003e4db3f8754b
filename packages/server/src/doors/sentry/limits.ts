const KiB = 1024;
const MiB = 1024 * KiB;

/** Every number of Sentry's formats in one place; what holds for all doors is configured. Bytes unless the name says otherwise. */
export const SENTRY_LIMITS = {
  /** One `event` item, and every other item that is read as JSON. */
  eventMax: MiB,
  /** All items of one envelope that are read as JSON: honest envelopes hold one event, and parsing blocks others. */
  readMax: 4 * MiB,
  /** Envelope header and item headers. */
  headerLineMax: 8 * KiB,
  /** Items of one envelope; SDKs send one to five. */
  itemsMax: 1000,
  /** Events made from one envelope; only `log` items make many, and SDKs batch 100. */
  eventsMax: 1000,
} as const;

export interface EnvelopeLimits {
  readonly headerLineMax: number;
  readonly itemsMax: number;
}
