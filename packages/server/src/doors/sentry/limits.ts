const KiB = 1024;
const MiB = 1024 * KiB;

/** Every number of this door in one place. Bytes unless the name says otherwise. */
export const SENTRY_LIMITS = {
  /** Compressed bytes of one request (Sentry's own limit, FORMATS section 1). */
  compressedMax: 20 * MiB,
  /** Decompressed bytes of one request. Sentry allows 100 MiB; what may be in flight is less, so that decides. */
  decompressedMax: 64 * MiB,
  /** Bytes held by all requests together between the first read and the commit. */
  inFlightMax: 64 * MiB,
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
