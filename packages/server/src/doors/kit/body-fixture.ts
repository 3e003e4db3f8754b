import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import { boundsOf, readWire, unpackBody, type BodyLimits } from "./body.ts";
import type { Hold } from "./in-flight.ts";

/** For tests: what the two sides of a door do with one body, in one place. */
export async function readBody(
  source: Readable,
  headers: IncomingHttpHeaders,
  { hold, ...limits }: Omit<BodyLimits, "inFlightMax"> & { readonly hold: Hold },
): Promise<Buffer> {
  const bounds = boundsOf(headers, { ...limits, inFlightMax: hold.maxBytes });
  const wire = await readWire(source, bounds.wireMax, hold);
  const body = await unpackBody(wire, bounds, hold);
  if (body !== wire) hold.release(wire.length);
  return body;
}
