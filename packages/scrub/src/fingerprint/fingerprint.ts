import type { Event, Fingerprints } from "@prunella/contract";
import type { DeepReadonly } from "../scrubbed.ts";
import { fingerprintV1 } from "./v1.ts";

/** The keys of an event under the current version. Same cause, same `strict`. */
export function fingerprint(event: DeepReadonly<Event>): Fingerprints {
  return fingerprintV1(event);
}
