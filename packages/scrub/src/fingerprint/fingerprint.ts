import type { Event, Fingerprints } from "@prunella/contract";
import type { DeepReadonly } from "../faces/scrubbed.ts";
import { fingerprintV1 } from "./v1.ts";
import { fingerprintV2 } from "./v2.ts";

/** The keys of an event under the current version. Same cause, same `strict`. */
export function fingerprint(event: DeepReadonly<Event>): Fingerprints {
  return fingerprintV2(event);
}

/**
 * The current version and, while a migration lasts, the one before: the first decides; when it is
 * unknown and the second is known, the event belongs to that fault. So nothing splits on an update.
 */
export function fingerprintBeside(event: DeepReadonly<Event>): Fingerprints[] {
  return [fingerprintV2(event), fingerprintV1(event)];
}
