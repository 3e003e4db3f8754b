import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Operation } from "@prunella/contract/operations";
import { encodingFor } from "./encoding.ts";

/** Below it the headers weigh as much as what is saved. */
const MIN_BYTES = 1_024;
const compress = promisify(gzip);

/**
 * The body of an answer as it goes over the wire. Only reading is compressed: its length tells whoever
 * watches the line how much of a text of theirs repeats in the rest of the body (BREACH), so whatever shows
 * a token, a link or a page's key once, all of which are no GET, goes as it is.
 */
export async function encodeJson(
  text: string,
  { method, effect }: Pick<Operation, "method" | "effect">,
  accepted: string | null,
  headers: Headers,
): Promise<string | Uint8Array<ArrayBuffer>> {
  if (method !== "GET" || effect !== "read") return text;
  headers.append("vary", "accept-encoding");
  if (Buffer.byteLength(text) < MIN_BYTES || encodingFor(accepted, ["gzip"]) === null) return text;
  headers.set("content-encoding", "gzip");
  return new Uint8Array(await compress(text));
}
