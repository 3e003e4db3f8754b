import type { Event, Fingerprints } from "@prunella/contract";
import type { DeepReadonly } from "../faces/scrubbed.ts";
import { fingerprintV1 } from "./v1.ts";
import type { FingerprintVersion, Versioned } from "./version.ts";

/**
 * Newest first. The newest decides; when its key is unknown and an older one's is known, the event
 * belongs to that fault, so nothing splits on an update. A new version is a new file and a new first
 * entry; `golden/` says when one is due.
 */
export const FINGERPRINT_VERSIONS: readonly [FingerprintVersion, ...FingerprintVersion[]] = [fingerprintV1];

/** The keys of an event under the newest version. Same cause, same `strict`. */
export function fingerprint(event: DeepReadonly<Event>): Fingerprints {
  return fingerprintAndTrace(event).fingerprints;
}

/** The same, and what similarity compares by. */
export function fingerprintAndTrace(event: DeepReadonly<Event>): Versioned {
  return FINGERPRINT_VERSIONS[0](event);
}
