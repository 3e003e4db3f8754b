import { PrunellaError } from "@prunella/contract";
import { decompressSmall } from "../kit/decompress.ts";
import { isRecord } from "../kit/record.ts";
import type { DecodeOptions, Decoded } from "./decode.ts";
import { parseEvent } from "./known-frames.ts";
import { SENTRY_LIMITS } from "./limits.ts";
import { normaliseEvent } from "./normalise.ts";
import type { SentryReason } from "./reasons.ts";
import { tracedOf } from "./traces.ts";

/**
 * The body of the legacy `/api/<project>/store/`: one bare JSON event, or (raven) base64 of zlib of it.
 *
 * @throws PRUNELLA_INGEST_MALFORMED when it is neither
 * @throws PRUNELLA_INGEST_ENCODING when the base64 does not unpack
 * @throws PRUNELLA_INGEST_TOO_LARGE over 1 MiB, before or after unpacking
 */
export function decodeStore(bytes: Buffer, { trust, receivedAt, newId }: DecodeOptions): Decoded {
  const json = unwrap(bytes);
  if (json.length > SENTRY_LIMITS.eventMax) {
    throw new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
      detail: `An event has at most ${SENTRY_LIMITS.eventMax} bytes.`,
    });
  }
  const raw = parseEvent(json);
  if (!isRecord(raw)) throw notAnEvent();
  const event = normaliseEvent(raw, { trust, receivedAt, fallbackId: newId() });
  const traced = event === null ? null : tracedOf(raw, event);
  return {
    id: event?.id ?? null,
    events: event === null ? [] : [event],
    checkIns: [],
    losses: event === null ? [{ reason: "dropped.unread.transaction" satisfies SentryReason, quantity: 1 }] : [],
    hasReport: false,
    traced: traced === null ? [] : [traced],
    loneTraces: new Set(),
  };
}

const BRACE = 0x7b;
const BOM = 0xef;

function unwrap(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && isSpace(bytes[start])) start += 1;
  const first = bytes[start];
  if (first === undefined) throw notAnEvent();
  if (first === BRACE || first === BOM) return bytes.subarray(start);
  if (looksLikeZlib(bytes)) return decompressSmall(bytes, "deflate", SENTRY_LIMITS.eventMax);
  if (bytes.length > SENTRY_LIMITS.eventMax) {
    throw new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
      detail: `An event has at most ${SENTRY_LIMITS.eventMax} bytes.`,
    });
  }
  const text = bytes.toString("latin1");
  if (!/^[A-Za-z0-9+/_=\s-]+$/.test(text)) throw notAnEvent();
  const packed = Buffer.from(text, "base64");
  if (packed[0] === BRACE) return packed;
  if (packed[0] === 0x1f && packed[1] === 0x8b) return decompressSmall(packed, "gzip", SENTRY_LIMITS.eventMax);
  if (looksLikeZlib(packed)) return decompressSmall(packed, "deflate", SENTRY_LIMITS.eventMax);
  throw notAnEvent();
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** RFC 1950: method 8, and the first two bytes divisible by 31. */
function looksLikeZlib(bytes: Buffer): boolean {
  const [method, flags] = bytes;
  return method !== undefined && flags !== undefined && (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}

function notAnEvent(): PrunellaError {
  return new PrunellaError("PRUNELLA_INGEST_MALFORMED", {
    detail: "The body is neither a JSON event nor base64 of one.",
    hint: "Envelopes go to /api/<project>/envelope/.",
  });
}
