import { PrunellaError } from "@prunella/contract";
import { parseRecord } from "../kit/record.ts";
import type { EnvelopeLimits } from "./limits.ts";

export interface EnvelopeItem {
  /** As the sender wrote it: hostile text, never a key of anything stored. */
  readonly type: string;
  readonly header: Readonly<Record<string, unknown>>;
  /** A view into the body, not a copy. */
  readonly payload: Buffer;
}

export interface Envelope {
  readonly header: Readonly<Record<string, unknown>>;
  readonly items: readonly EnvelopeItem[];
}

/**
 * Cuts an envelope into its items by bytes: a header line, then item header line and payload for each.
 * A payload with `length` is exactly that many bytes and may hold newlines; one without ends at the
 * newline or the end. All or nothing: a body that breaks anywhere yields no items.
 *
 * Source: https://develop.sentry.dev/sdk/data-model/envelopes/.
 *
 * @throws PRUNELLA_INGEST_MALFORMED naming the item and the sizes, never content
 * @throws PRUNELLA_INGEST_TOO_LARGE for too many items
 */
export function parseEnvelope(bytes: Buffer, limits: EnvelopeLimits): Envelope {
  const header = parseEnvelopeHeader(bytes, limits);
  const first = lineEnd(bytes, 0);
  const items: EnvelopeItem[] = [];
  let at = first + 1;
  while (at < bytes.length) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) {
      at += 1;
      continue;
    }
    const index = items.length;
    if (index >= limits.itemsMax) {
      throw new PrunellaError("PRUNELLA_INGEST_TOO_LARGE", {
        detail: `An envelope holds at most ${limits.itemsMax} items.`,
      });
    }
    const headerEnd = lineEnd(bytes, at);
    const itemHeader = readHeader(bytes, at, headerEnd, limits, `The header of item ${index}`);
    const type = itemHeader.type;
    if (typeof type !== "string") throw malformed(`Item ${index} has no type.`);
    const start = Math.min(headerEnd + 1, bytes.length);
    const end = payloadEnd(bytes, start, itemHeader.length, index);
    const cr = itemHeader.length === undefined && end > start && bytes[end - 1] === CR ? 1 : 0;
    items.push({ type, header: itemHeader, payload: bytes.subarray(start, end - cr) });
    at = end;
    if (bytes[at] === CR) at += 1;
    at += 1;
  }
  return { header, items };
}

/** The first line alone: it says whose the envelope is, before anything else of it is read. */
export function parseEnvelopeHeader(bytes: Buffer, limits: EnvelopeLimits): Envelope["header"] {
  if (bytes.length === 0) throw malformed("The envelope is empty.");
  return readHeader(bytes, 0, lineEnd(bytes, 0), limits, "The envelope header");
}

const LF = 0x0a;
const CR = 0x0d;

/** Where the line that begins at `from` ends: the index of its newline, or the length of the body. */
function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end === -1 ? bytes.length : end;
}

function readHeader(
  bytes: Buffer,
  start: number,
  end: number,
  limits: EnvelopeLimits,
  name: string,
): Readonly<Record<string, unknown>> {
  if (end - start > limits.headerLineMax) throw malformed(`${name} is longer than ${limits.headerLineMax} bytes.`);
  const header = parseRecord(bytes.subarray(start, end));
  if (header === null) throw malformed(`${name} is not a JSON object.`);
  return header;
}

function payloadEnd(bytes: Buffer, start: number, length: unknown, index: number): number {
  if (length === undefined || length === null) return lineEnd(bytes, start);
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
    throw malformed(`The length of item ${index} is not a whole number of bytes.`);
  }
  const end = start + length;
  if (end > bytes.length)
    throw malformed(`Item ${index} says ${length} bytes, but only ${bytes.length - start} are there.`);
  const next = bytes[end];
  if (next !== undefined && next !== LF && !(next === CR && bytes[end + 1] === LF)) {
    throw malformed(`Item ${index} says ${length} bytes, but no newline follows them.`);
  }
  return end;
}

function malformed(detail: string): PrunellaError {
  return new PrunellaError("PRUNELLA_INGEST_MALFORMED", {
    detail,
    hint: "Lengths count bytes, not characters; each item is a header line and a payload.",
  });
}
