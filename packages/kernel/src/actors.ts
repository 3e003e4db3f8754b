import type { Actor } from "@prunella/contract";

/** The one person of an installation without accounts. */
export const OPERATOR: Actor = { kind: "person", id: "operator" };
/** Prunella itself: what it sets up by its configuration. */
export const SYSTEM: Actor = { kind: "system", id: null };
/** Nobody, within the time that there was. */
export const BY_DEFAULT: Actor = { kind: "default", id: null };
