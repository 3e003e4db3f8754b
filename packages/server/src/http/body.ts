import { PrunellaError } from "@prunella/contract";

/** Reads no byte beyond `maxBytes`, whatever the headers claim. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  try {
    return await collect(request, maxBytes);
  } catch (cause) {
    if (cause instanceof PrunellaError) throw cause;
    // No defect of ours, and nobody is there to be told: whoever cuts requests off fills no log.
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The connection ended before the body did.", cause });
  }
}

async function collect(request: Request, maxBytes: number): Promise<Uint8Array> {
  const claimed = request.headers.get("content-length");
  if (claimed !== null) {
    if (!(Number(claimed) <= maxBytes)) throw tooLarge(maxBytes);
    // The HTTP parser hands over no more than was claimed.
    return new Uint8Array(await request.arrayBuffer());
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop lets go of the body.
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** No body is an empty object. */
export function toJson(body: Uint8Array | null): unknown {
  try {
    return body === null || body.byteLength === 0 ? {} : JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new PrunellaError("PRUNELLA_REQUEST_INVALID", { detail: "The body is not JSON." });
  }
}

/** Of a body whose end nobody has announced, and nobody has read. What was announced is drained, up to 64 MiB and half a second. */
export function leavesEndlessBody(request: Request, status: number): boolean {
  return request.headers.has("transfer-encoding") && (status === 413 || !request.bodyUsed);
}

const tooLarge = (maxBytes: number): PrunellaError =>
  new PrunellaError("PRUNELLA_REQUEST_TOO_LARGE", { detail: `A body has at most ${maxBytes} bytes here.` });
