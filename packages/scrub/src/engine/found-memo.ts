import type { Cut } from "./pieces.ts";
import { Recent } from "../text/recent.ts";
import { sha256 } from "../text/sha256.ts";

/** Longer texts seldom come twice. */
const MAX_LENGTH = 512;
/** Texts of one generation; two are kept. */
const MAX_TEXTS = 4_096;
const NONE: readonly Cut[] = [];

/**
 * What was found in texts that hold something: the same credentials, addresses and names come with
 * every request of a client, and judging them costs ten times a look-up. Holds no text, only its
 * SHA-256 and the places of what goes.
 */
export function createFoundMemo(): (text: string, find: () => readonly Cut[] | null) => readonly Cut[] | null {
  const recent = new Recent<string, readonly Cut[]>(MAX_TEXTS);
  return (text, find) => {
    // Half a surrogate pair is hashed as U+FFFD, so two texts would have one hash.
    if (text.length > MAX_LENGTH || !text.isWellFormed()) return find();
    const key = sha256(text);
    let cuts = recent.get(key);
    if (cuts === undefined) {
      cuts = find() ?? NONE;
      recent.set(key, cuts);
    }
    return cuts.length === 0 ? null : cuts;
  };
}
