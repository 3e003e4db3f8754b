import type { Event, Fingerprints } from "@prunella/contract";
import type { DeepReadonly } from "../faces/scrubbed.ts";

/** What similarity compares: scrubbed and cleaned, frames crash first. Plain data, to be stored as it is. */
export type Trace = { readonly type: string; readonly said: string; readonly frames: readonly string[] };

/** What a version makes of an event. */
export type Versioned = { readonly fingerprints: Fingerprints; readonly trace: Trace };

export type FingerprintVersion = (event: DeepReadonly<Event>) => Versioned;
